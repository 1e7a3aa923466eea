import type { DurationHistory } from '../estimate/history.ts'
import type { StretchKind } from '../schema.ts'

import { criticalPath, type CriticalPath } from './critical-path.ts'
import { recommend, type Recommendation } from './recommend.ts'
import { OWN, type RunTrace, timeOf, type UnitTrace } from './trace.ts'

/** How long a run was held up by one step. */
export interface StepShare {
  readonly step: string
  readonly uses: string
  /** Milliseconds on the critical path, by what it did or waited for. */
  readonly waits: Readonly<Partial<Record<StretchKind, number>>>
  readonly ms: number
  /** Of the length of the run, 0 to 1. */
  readonly share: number
  /** Share of earlier durations of the step that were shorter, 0 to 1; needs five of them. */
  readonly slowerThan: number | undefined
}

/** Why a run took as long as it did. */
export interface Bottlenecks {
  readonly totalMs: number
  /** What no step accounts for, ms. */
  readonly hostMs: number
  readonly path: CriticalPath
  /** The longest first. */
  readonly steps: readonly StepShare[]
  readonly byKind: Readonly<Partial<Record<StretchKind, number>>>
  /** What would have made it shorter; the largest gain first. */
  readonly recommendations: readonly Recommendation[]
}

/** Fewer earlier durations rank nothing. */
const LEAST_KNOWN = 5

/** Attributes the length of a run to the steps that held it up. */
export function findBottlenecks(trace: RunTrace, history: DurationHistory): Bottlenecks {
  const path = criticalPath(trace)
  const totalMs = trace.startedAt === undefined ? 0 : trace.endedAt - trace.startedAt
  const byKind = new Map<StretchKind, number>()
  const steps = new Map<string, { unit: UnitTrace; waits: Map<StretchKind, number> }>()
  for (const { unit, stretches } of path.links) {
    const name = unit.isUndo ? `undo ${unit.step}` : unit.step
    let entry = steps.get(name)
    if (entry === undefined) steps.set(name, (entry = { unit, waits: new Map() }))
    for (const { kind, from, to } of stretches) {
      add(entry.waits, kind, to - from)
      add(byKind, kind, to - from)
    }
    if (timeOf(unit, OWN) > timeOf(entry.unit, OWN)) entry.unit = unit
  }
  const shares = [...steps].map(([step, { unit, waits }]): StepShare => {
    const ms = [...waits.values()].reduce((sum, each) => sum + each, 0)
    const share = totalMs === 0 ? 0 : ms / totalMs
    const slowerThan = rankOf(unit, history.ofStep(trace.workflow, unit.step).flat())
    return { step, uses: unit.uses, waits: Object.fromEntries(waits), ms, share, slowerThan }
  })
  return {
    totalMs,
    hostMs: path.hostMs,
    path,
    steps: shares.toSorted((a, b) => b.ms - a.ms),
    byKind: Object.fromEntries(byKind),
    recommendations: recommend(trace, path),
  }
}

function add(sums: Map<StretchKind, number>, kind: StretchKind, ms: number): void {
  sums.set(kind, (sums.get(kind) ?? 0) + ms)
}

function rankOf(unit: UnitTrace, known: readonly number[]): number | undefined {
  if (unit.isUndo || known.length < LEAST_KNOWN) return undefined
  const own = timeOf(unit, OWN)
  return known.filter((ms) => ms < own).length / known.length
}
