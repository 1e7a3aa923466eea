import type { JsonObject } from '../kernel/json.ts'
import { type CompiledWorkflow, type RunEvent, SEALED } from '../workflow/index.ts'

import type { DefinitionDiff, UpgradeVerdict } from './schema.ts'

/** A run as far as a change of its definition concerns it. */
export interface RunSoFar {
  readonly inputs: JsonObject
  /** Steps that have begun, ended or were skipped. */
  readonly begun: ReadonlySet<string>
}

/** Reads from the history of a run what has begun in it. */
export function runSoFar(events: readonly RunEvent[]): RunSoFar {
  const begun = new Set<string>()
  let inputs: JsonObject = {}
  for (const event of events) {
    if (event.kind === 'run.created') inputs = event.data.inputs
    if (event.kind.startsWith('step.') && 'step' in event.data && event.data.step !== undefined)
      begun.add(event.data.step)
  }
  return { inputs, begun }
}

/** What is known of a change. */
export interface Change {
  readonly diff: DefinitionDiff
  readonly after: CompiledWorkflow
}

/** Fields of a step whose change leaves what is recorded of it without a meaning. */
const STRUCTURAL = new Set(['uses', 'forEach', 'repeat'])

/**
 * What a change would mean for a run under way, from the definitions and from which steps have begun.
 *
 * @remarks Static: expressions are not evaluated and nothing is replayed. `breaks`: the run holds
 * something that the new definition has no place for, or lacks something that it asks for.
 */
export function judgeUpgrade(
  { inputs, begun }: RunSoFar,
  { diff, after }: Change,
): Pick<UpgradeVerdict, 'verdict' | 'reasons'> {
  const broken: string[] = []
  const differing: string[] = []
  const checked = after.checkInputs(inputs)
  if (!checked.ok) {
    // What is sealed is not looked at: whether it still fits, its step says.
    const issues = checked.issues
      .filter(({ path }) => inputs[path.split('.')[0] ?? ''] !== SEALED)
      .map(({ path, message }) => `${path} ${message}`.trim())
    if (issues.length > 0) broken.push(`its inputs do not fit any more: ${issues.join('; ')}`)
  }
  for (const { step, change, fields } of diff.steps) {
    if (!begun.has(step)) continue
    const roots = [...new Set(fields.map(({ path }) => path.split('.')[0] ?? ''))]
    const structural = roots.filter((root) => STRUCTURAL.has(root))
    if (change === 'removed') broken.push(`step "${step}" has begun, and is not there any more`)
    else if (change === 'changed' && structural.length > 0)
      broken.push(`step "${step}" has begun, and its ${structural.join(' and ')} changed`)
    else if (change === 'changed')
      differing.push(`step "${step}" has begun with another ${roots.join(' and ')}`)
  }
  const verdict = broken.length > 0 ? 'breaks' : differing.length > 0 ? 'differs' : 'safe'
  return { verdict, reasons: [...broken, ...differing] }
}
