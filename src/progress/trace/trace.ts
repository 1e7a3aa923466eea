import type { EpochMs } from '../../kernel/clock.ts'
import type { MicroFtns } from '../../kernel/money.ts'
import type { StepGraph } from '../graph.ts'
import type { StretchKind, UnitOutcome } from '../schema.ts'

/** What a unit did, or waited for, during a stretch of time. */
export interface Stretch {
  readonly kind: StretchKind
  readonly from: EpochMs
  readonly to: EpochMs
}

/** What is metered of a unit, as far as its events tell. */
export interface Metered {
  /** Time of one core, ms; `undefined` when nobody measured it. */
  readonly coreMs: number | undefined
  readonly inputTokens: number
  readonly outputTokens: number
}

/** One unit of work of a run, from the moment it could begin. */
export interface UnitTrace extends Metered {
  readonly step: string
  /** Position in the list of a `forEach`. */
  readonly index: number | undefined
  /** The kind of step. */
  readonly uses: string
  /** Whether it undoes what the step did. */
  readonly isUndo: boolean
  readonly readyAt: EpochMs
  /** Last moment that is known of it; its end when `outcome` is not `open`. */
  readonly endedAt: EpochMs
  readonly outcome: UnitOutcome
  /** Without gaps, from `readyAt` to `endedAt`; none of a skipped one. */
  readonly stretches: readonly Stretch[]
  readonly attempts: number
  readonly cost: MicroFtns
  /** Code of the latest error. */
  readonly errorCode: string | undefined
  /** When its present wait ends by itself. */
  readonly dueAt: EpochMs | undefined
}

/** What happened in a run, unit by unit. */
export interface RunTrace {
  readonly run: string
  readonly workflow: string
  readonly graph: StepGraph
  /** Missing before the run has begun. */
  readonly startedAt: EpochMs | undefined
  /** Its end, or the moment of which this is. */
  readonly endedAt: EpochMs
  readonly hasEnded: boolean
  /** In the order in which they became ready. */
  readonly units: readonly UnitTrace[]
  /** Length of the list of each step with `forEach`, once it is known. */
  readonly counts: ReadonlyMap<string, number>
}

/** `read`, `read[7]` or `undo read`: how a unit is named to people. */
export function unitName({
  step,
  index,
  isUndo,
}: Pick<UnitTrace, 'step' | 'index' | 'isUndo'>): string {
  const name = index === undefined ? step : `${step}[${index}]`
  return isUndo ? `undo ${name}` : name
}

/** How long stretches of some kinds are together, ms. */
export function timeOf(
  { stretches }: Pick<UnitTrace, 'stretches'>,
  kinds: ReadonlySet<StretchKind>,
): number {
  let sum = 0
  for (const { kind, from, to } of stretches) if (kinds.has(kind)) sum += to - from
  return sum
}

/** What is the unit's own: neither the wait for a slot nor a pause of the run. */
export const OWN: ReadonlySet<StretchKind> = new Set([
  'work',
  'retry',
  'approval',
  'dependency',
  'resource',
])
