import type { EpochMs } from '../../kernel/clock.ts'
import { divideHalfEven, toMicroFtns } from '../../kernel/money.ts'
import type { Metrics, Stats } from '../schema.ts'

import type { Measured, RunSummary, StepSummary } from './summary.ts'
import { trendsOf } from './trends.ts'

const HOUR_MS = 3_600_000

/** A stretch of time that is looked at. */
export interface Period {
  readonly since: EpochMs
  readonly until: EpochMs
}

/** The eight metrics of runs, or of one step of many runs. */
export function metricsOf(measured: readonly Measured[], { since, until }: Period): Metrics {
  const sumOf = (valueOf: (each: Measured) => number): number =>
    measured.reduce((sum, each) => sum + valueOf(each), 0)
  const [completed, failed] = [sumOf((each) => each.completed), sumOf((each) => each.failed)]
  const total = measured.reduce((sum, each) => sum + each.cost, 0n)
  const unitMs = sumOf((each) => each.unitMs)
  const time = spreadOf(measured.flatMap(({ durations }) => durations))
  const latency = spreadOf(measured.flatMap(({ latencies }) => latencies))
  const usage = usageOf(measured)
  return {
    ...(time !== undefined && { execution_time: time }),
    ...(latency !== undefined && { latency }),
    ...(completed + failed > 0 && {
      success_rate: completed / (completed + failed),
      error_rate: failed / (completed + failed),
    }),
    throughput: (measured.length * HOUR_MS) / Math.max(1, until - since),
    cost: {
      total: toMicroFtns(total),
      mean: divideHalfEven(toMicroFtns(total), BigInt(Math.max(1, measured.length))),
    },
    ...(unitMs > 0 && { efficiency: Math.min(1, sumOf((each) => each.workMs) / unitMs) }),
    ...(usage !== undefined && { resource_usage: usage }),
  }
}

function usageOf(measured: readonly Measured[]): Metrics['resource_usage'] {
  const cores = measured.flatMap(({ coreMs }) => coreMs ?? [])
  const inputTokens = measured.reduce((sum, each) => sum + each.inputTokens, 0)
  const outputTokens = measured.reduce((sum, each) => sum + each.outputTokens, 0)
  if (cores.length === 0 && inputTokens + outputTokens === 0) return undefined
  const coreMs = cores.reduce((sum, ms) => sum + ms, 0)
  return { ...(cores.length > 0 && { coreMs }), inputTokens, outputTokens }
}

function spreadOf(values: readonly number[]): Metrics['execution_time'] {
  const sorted = values.toSorted((a, b) => a - b)
  const max = sorted.at(-1)
  if (max === undefined) return undefined
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? max
  const mean = sorted.reduce((sum, each) => sum + each, 0) / sorted.length
  return { n: sorted.length, mean, p50: at(0.5), p95: at(0.95), max }
}

/** What statistics are made of. */
export interface StatsInput extends Period {
  readonly workflow: string | undefined
  readonly runs: readonly RunSummary[]
  readonly steps: readonly StepSummary[]
  /** Whether there were more runs than are given. */
  readonly isPartial: boolean
  readonly by: 'hour' | 'day'
}

/** Figures of finished runs, per step as well, and how they changed over time. */
export function statsOf({ workflow, runs, steps, isPartial, by, since, until }: StatsInput): Stats {
  const period = { since, until }
  const groups = new Map<string, StepSummary[]>()
  for (const step of steps) {
    const key = `${step.workflow} ${step.step}`
    const list = groups.get(key)
    if (list === undefined) groups.set(key, [step])
    else list.push(step)
  }
  return {
    ...(workflow !== undefined && { workflow }),
    ...period,
    runs: runs.length,
    isPartial,
    metrics: metricsOf(runs, period),
    errors: errorsOf(runs),
    steps: [...groups.values()].flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const units = group.reduce((sum, { completed, failed }) => sum + completed + failed, 0)
      const { workflow: of, step, uses } = first
      return [{ workflow: of, step, uses, units, metrics: metricsOf(group, period) }]
    }),
    trends: trendsOf(runs, by),
  }
}

function errorsOf(runs: readonly RunSummary[]): Stats['errors'] {
  const counts = new Map<string, number>()
  for (const { errorCode, outcome } of runs) {
    if (outcome !== 'failed') continue
    const code = errorCode ?? 'internal.fault'
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return [...counts].map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count)
}
