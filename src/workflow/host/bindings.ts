import type { Artifacts } from '../../artifacts/index.ts'
import type { EpochMs } from '../../kernel/clock.ts'
import { type Json, type JsonObject, toJsonObject } from '../../kernel/json.ts'
import type { StepView } from '../definition/compiled.ts'
import type { Bindings } from '../expressions/expression.ts'
import type { RunState } from '../machine/state.ts'

/** What is known while one expression of a step is evaluated. */
export interface Moment {
  readonly run: { readonly id: string; readonly name: string }
  /** Steps shown as `$steps`. */
  readonly steps: readonly string[]
  /** Variables of this place: `item`, `index`, `output` … */
  readonly more: Readonly<Record<string, Json>>
}

/** A run, and what may be seen of its inputs. */
export interface Seen {
  readonly state: RunState
  readonly inputs: JsonObject
}

/** What expressions can name at a moment of a run; values kept out of line are fetched. */
export async function bindingsAt(
  { state, inputs }: Seen,
  moment: Moment,
  artifacts: Artifacts,
): Promise<Bindings> {
  const views = await Promise.all(
    moment.steps.map(async (name) => [name, await viewOf(state, name, artifacts)] as const),
  )
  return {
    inputs,
    steps: Object.fromEntries(views),
    run: {
      ...moment.run,
      createdAt: state.createdAt,
      scheduledAt: state.scheduledAt ?? state.createdAt,
    },
    // A run sees one time, that of its creation, so that an expression gives the same after a crash.
    now: () => toIso(state.createdAt),
    millis: () => state.createdAt,
    ...moment.more,
  }
}

async function viewOf(state: RunState, name: string, artifacts: Artifacts): Promise<StepView> {
  const step = state.steps.get(name)
  if (step === undefined) return { status: 'unknown', output: null }
  const output = await artifacts.inflate(step.output)
  const { error } = step
  return { status: step.status, output, ...(error !== undefined && { error: toJsonObject(error) }) }
}

/** RFC 3339 in UTC. */
function toIso(at: EpochMs): string {
  // oxlint-disable-next-line no-restricted-globals -- formatting, not asking for the time
  return new Date(at).toISOString()
}
