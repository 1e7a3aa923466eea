import { canonicalJson } from '../../kernel/canonical-json.ts'
import { hashJson } from '../../kernel/hash.ts'
import { isJsonObject, type JsonObject, toJsonObject } from '../../kernel/json.ts'
import type { CompiledStep, CompiledWorkflow } from '../definition/compiled.ts'
import type { Template } from '../expressions/template.ts'
import type { RunEvent } from '../machine/events.ts'
import type { RunState, StepState } from '../machine/state.ts'

import type { RunForkPlan } from './schema.ts'

/** A run to be forked, and what is to be different. */
export interface ForkParts {
  readonly run: string
  /** The run as it is. */
  readonly source: RunState
  /** What the new run is an execution of. */
  readonly workflow: CompiledWorkflow
  readonly from: string
  /** Inputs that differ. */
  readonly changed: ReadonlySet<string>
}

type Begun = RunForkPlan['begun'][number]

/**
 * Says for each step of a fork whether its result is taken over.
 *
 * @remarks A step is begun anew when it is the one named, needs one that is, reads an input that
 * differs, has another definition, has not ended or was undone. So nothing that is taken over could have
 * come out differently.
 */
export function planFork(parts: ForkParts): RunForkPlan {
  const { run, workflow, from } = parts
  const begun = new Map<string, Begun>()
  const kept: string[] = []
  for (const name of workflow.order) {
    const step = workflow.steps.get(name)
    if (step === undefined) continue
    const why = whyBegun(step, parts, begun)
    if (why === undefined) kept.push(name)
    else begun.set(name, { step: name, ...why })
  }
  return { run, from, kept, begun: [...begun.values()] }
}

function whyBegun(
  step: CompiledStep,
  { source, workflow, from, changed }: ForkParts,
  begun: ReadonlyMap<string, Begun>,
): Omit<Begun, 'step'> | undefined {
  if (step.name === from) return { why: 'from' }
  const need = step.needs.find((name) => begun.has(name))
  if (need !== undefined) return { why: 'after', because: need }
  const known = source.workflow.definition.steps[step.name]
  if (known === undefined) return { why: 'new' }
  if (!hasEnded(source.steps.get(step.name))) return { why: 'unfinished' }
  if ((source.undone.get(step.name) ?? 0) > 0) return { why: 'undone' }
  const told = workflow.definition.steps[step.name]
  if (meaningOf(known) !== meaningOf(told)) return { why: 'definition' }
  const read = inputsRead(step)
  const differing = [...changed].filter((name) => read === 'all' || read.has(name))
  return differing.length === 0 ? undefined : { why: 'inputs', because: differing.join(', ') }
}

/** Whether a step gave something, or was left out by its own condition. */
function hasEnded(step: StepState | undefined): boolean {
  if (step?.status === 'completed') return true
  return step?.status === 'skipped' && step.needsLeft === 0
}

/** The part of a step's definition on which its result depends. */
function meaningOf(step: object | undefined): string {
  const {
    description: _,
    resources: __,
    compensate: ___,
    retry: ____,
    rollback: ______,
    cleanup: _______,
    timeout: _____,
    ...rest
  } = toJsonObject(step ?? {})
  return canonicalJson(rest)
}

/** Kinds of step that are handed all inputs, whatever their parameters read. */
const SEES_ALL: ReadonlySet<string> = new Set(['code', 'agent'])

/** The inputs on which what a step gives may depend. */
function inputsRead(step: CompiledStep): ReadonlySet<string> | 'all' {
  if (SEES_ALL.has(step.kind.name)) return 'all'
  const { parameters, when, forEach, repeat, onError, output } = step
  const fallback = onError.kind === 'continue' ? onError.output : undefined
  const templates: readonly (Template | undefined)[] = [
    parameters,
    when,
    forEach?.items,
    repeat?.until,
    fallback,
    output,
  ]
  const names = new Set<string>()
  for (const { expression } of templates.flatMap((template) => template?.expressions ?? [])) {
    for (const { variable, path } of expression.references) {
      if (variable !== 'inputs') continue
      const [name] = path
      if (name === undefined) return 'all'
      names.add(name)
    }
  }
  return names
}

/** The inputs of which two runs were given different ones. */
export function changedInputs(before: JsonObject, after: JsonObject): ReadonlySet<string> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return new Set(
    [...names].filter((name) => {
      const [old, now] = [before[name], after[name]]
      if (old === undefined || now === undefined) return old !== now
      return canonicalJson(old) !== canonicalJson(now)
    }),
  )
}

/** The events by which a run takes results over. */
export function adoptions({ run, kept }: RunForkPlan, source: RunState): readonly RunEvent[] {
  const from = { run, version: source.version }
  return kept.flatMap((name): readonly RunEvent[] => {
    const step = source.steps.get(name)
    if (step === undefined) return []
    if (step.status === 'skipped')
      return [{ kind: 'step.skipped', data: { step: name, reason: 'when' } }]
    const { output, error, items } = step
    if (items === undefined) {
      const handled = error !== undefined && { error }
      const hash = hashJson(output)
      return [{ kind: 'step.adopted', data: { step: name, output, ...handled, from, hash } }]
    }
    const expanded: RunEvent = { kind: 'step.expanded', data: { step: name, count: items.count } }
    return [
      expanded,
      ...items.outputs.map((each, index): RunEvent => ({
        kind: 'step.adopted',
        data: { step: name, index, output: each, from, hash: hashJson(each) },
      })),
    ]
  })
}

/** A definition in which members of `with` of some steps are replaced. */
export function withParameters(
  definition: JsonObject,
  parameters: Readonly<Record<string, JsonObject>>,
): JsonObject {
  const steps = definition['steps']
  if (!isJsonObject(steps)) return definition
  const changed = Object.entries(parameters).map(([name, more]) => {
    const step = steps[name]
    const given = isJsonObject(step) ? step['with'] : undefined
    const base = isJsonObject(step) ? step : {}
    return [name, { ...base, with: { ...(isJsonObject(given) && given), ...more } }] as const
  })
  return { ...definition, steps: { ...steps, ...Object.fromEntries(changed) } }
}
