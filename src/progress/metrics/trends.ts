import type { EpochMs } from '../../kernel/clock.ts'
import { createSeededRandom } from '../../kernel/random.ts'
import type { Trend } from '../schema.ts'

import { findChanges } from './change-points.ts'
import type { RunSummary } from './summary.ts'

const LENGTH_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** What one figure of some runs that ended in the same hour or day is; `undefined` when they have none. */
const FIGURES: Readonly<
  Record<Trend['metric'], (runs: readonly RunSummary[]) => number | undefined>
> = {
  execution_time: (runs) => meanOf(runs.flatMap(({ durations }) => durations)),
  error_rate: (runs) =>
    meanOf(runs.flatMap(({ completed, failed }) => (completed + failed > 0 ? [failed] : []))),
  throughput: (runs) => runs.length,
  cost: (runs) => meanOf(runs.map(({ cost }) => Number(cost))),
}

/** Metrics by hour or day of the end of runs, UTC, and where their levels changed. */
export function trendsOf(runs: readonly RunSummary[], by: Trend['by']): Trend[] {
  const buckets = new Map<EpochMs, RunSummary[]>()
  for (const run of runs) {
    const at = Math.floor(run.endedAt / LENGTH_MS[by]) * LENGTH_MS[by]
    const bucket = buckets.get(at)
    if (bucket === undefined) buckets.set(at, [run])
    else bucket.push(run)
  }
  const sorted = [...buckets].toSorted(([a], [b]) => a - b)
  return Object.entries(FIGURES).map(([metric, figureOf]): Trend => {
    const points = sorted.flatMap(([at, group]) => {
      const value = figureOf(group)
      return value === undefined ? [] : [{ at, value, n: group.length }]
    })
    const found = findChanges(
      points.map(({ value }) => value),
      // The same runs give the same p-values.
      createSeededRandom(points.length),
    )
    const changes = found.map(({ place, before, after, pValue }) => ({
      at: points[place]?.at ?? 0,
      before,
      after,
      pValue,
    }))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of FIGURES
    return { metric: metric as Trend['metric'], by, points, changes }
  })
}

function meanOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
