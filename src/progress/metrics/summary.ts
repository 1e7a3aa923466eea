import type { EpochMs } from '../../kernel/clock.ts'
import type { StretchKind } from '../schema.ts'
import { OWN, type RunTrace, timeOf, type UnitTrace } from '../trace/trace.ts'

/** Figures of a finished run, or of one of its steps. */
export interface Measured {
  readonly workflow: string
  readonly endedAt: EpochMs
  /** How long it, or each of its units, took, ms. */
  readonly durations: readonly number[]
  /** How long it could have begun before it did, ms; empty when it never did. */
  readonly latencies: readonly number[]
  readonly completed: number
  readonly failed: number
  /** µFTNS. */
  readonly cost: bigint
  /** Time of units in which they worked, and it counted, ms. */
  readonly workMs: number
  /** Time of units from when they could begin until they ended, ms. */
  readonly unitMs: number
  /** Time of one core; `undefined` when no process was measured. */
  readonly coreMs: number | undefined
  readonly inputTokens: number
  readonly outputTokens: number
}

/** How a run ended. */
export type RunOutcome = 'completed' | 'failed' | 'cancelled'

/** A finished run. */
export interface RunSummary extends Measured {
  readonly run: string
  readonly outcome: RunOutcome
  readonly createdAt: EpochMs
  readonly startedAt: EpochMs | undefined
  readonly errorCode: string | undefined
}

/** One step of a finished run. */
export interface StepSummary extends Measured {
  readonly run: string
  readonly step: string
  readonly uses: string
  /** Length of its list; `undefined` without `forEach`. */
  readonly items: number | undefined
}

/** What is known of a run beside its trace. */
export interface RunEnd {
  readonly outcome: RunOutcome
  readonly createdAt: EpochMs
  /** In all, µFTNS. */
  readonly cost: bigint
  readonly errorCode: string | undefined
}

/** Durations that are kept of one step of one run; of longer lists they are spread evenly. */
const MOST_DURATIONS = 200
const WORK: ReadonlySet<StretchKind> = new Set(['work'])
const BEFORE: ReadonlySet<StretchKind> = new Set(['queue'])

/** Sums a finished run and its steps up. */
export function summarise(
  trace: RunTrace,
  { outcome, createdAt, cost, errorCode }: RunEnd,
): { readonly run: RunSummary; readonly steps: readonly StepSummary[] } {
  const { run, workflow, startedAt, endedAt } = trace
  const firstAt = Math.min(...trace.units.map(({ stretches }) => firstBegin(stretches)))
  return {
    run: {
      ...totals(trace.units),
      run,
      workflow,
      outcome,
      createdAt,
      startedAt,
      endedAt,
      errorCode,
      cost,
      durations: startedAt === undefined ? [] : [endedAt - startedAt],
      latencies: Number.isFinite(firstAt) ? [Math.max(0, firstAt - createdAt)] : [],
      completed: outcome === 'completed' ? 1 : 0,
      failed: outcome === 'failed' ? 1 : 0,
    },
    steps: stepsOf(trace),
  }
}

function firstBegin(stretches: UnitTrace['stretches']): EpochMs {
  return stretches.find(({ kind }) => kind !== 'queue' && kind !== 'pause')?.from ?? Infinity
}

function stepsOf({ run, workflow, endedAt, units, counts }: RunTrace): readonly StepSummary[] {
  const steps = new Map<string, UnitTrace[]>()
  for (const unit of units) {
    if (unit.isUndo || unit.outcome === 'skipped') continue
    const list = steps.get(unit.step)
    if (list === undefined) steps.set(unit.step, [unit])
    else list.push(unit)
  }
  return [...steps].map(([step, own]): StepSummary => {
    const done = own.filter(({ outcome }) => outcome === 'completed')
    return {
      ...totals(own),
      run,
      workflow,
      step,
      uses: own[0]?.uses ?? '',
      items: counts.get(step),
      endedAt,
      durations: thinned(done).map((unit) => timeOf(unit, OWN)),
      latencies: thinned(own).map((unit) => timeOf(unit, BEFORE)),
      completed: done.length,
      failed: own.filter(({ outcome }) => outcome === 'failed').length,
      cost: own.reduce((sum, unit) => sum + unit.cost, 0n),
    }
  })
}

function thinned(units: readonly UnitTrace[]): readonly UnitTrace[] {
  const each = Math.ceil(units.length / MOST_DURATIONS)
  return units.filter((_, place) => place % each === 0)
}

type Totals = Pick<Measured, 'workMs' | 'unitMs' | 'coreMs' | 'inputTokens' | 'outputTokens'>

function totals(units: readonly UnitTrace[]): Totals {
  const measured = units.flatMap(({ coreMs }) => coreMs ?? [])
  const sumOf = (valueOf: (unit: UnitTrace) => number): number =>
    units.reduce((sum, unit) => sum + valueOf(unit), 0)
  return {
    workMs: sumOf((unit) => timeOf(unit, WORK)),
    unitMs: sumOf(({ readyAt, endedAt }) => endedAt - readyAt),
    coreMs: measured.length === 0 ? undefined : measured.reduce((sum, ms) => sum + ms, 0),
    inputTokens: sumOf(({ inputTokens }) => inputTokens),
    outputTokens: sumOf(({ outputTokens }) => outputTokens),
  }
}
