import type { EpochMs } from '../../kernel/clock.ts'
import type { StepGraph } from '../graph.ts'

import type { RunTrace, Stretch, UnitTrace } from './trace.ts'

/** A unit on the way that made a run as long as it was, and the time of it that counts. */
export interface PathLink {
  readonly unit: UnitTrace
  /** Where this unit, and nothing before it, held up the run. */
  readonly from: EpochMs
  readonly to: EpochMs
  readonly stretches: readonly Stretch[]
}

/** What made a run as long as it was. */
export interface CriticalPath {
  /** In order; each begins where the one before it ends. */
  readonly links: readonly PathLink[]
  /** Time between the links, before the first and after the last one, ms: the host's own. */
  readonly hostMs: number
}

/**
 * The chain of units, from the end of a run back to its beginning, each of which waited for the one
 * before it (docs/sources.md#critical-path).
 *
 * @remarks Invariant: the links do not overlap, and with `hostMs` they add up to the run's length.
 */
export function criticalPath(trace: RunTrace): CriticalPath {
  const { startedAt, endedAt } = trace
  if (startedAt === undefined) return { links: [], hostMs: 0 }
  const ends = lastOfSteps(trace)
  const links: PathLink[] = []
  let unit = latest(trace.units)
  let until = endedAt
  while (unit !== undefined && until > startedAt) {
    const [from, to] = [Math.max(unit.readyAt, startedAt), Math.min(unit.endedAt, until)]
    if (to > from) links.push({ unit, from, to, stretches: clipped(unit, from, to) })
    until = Math.min(until, from)
    unit = before(trace, unit, { ends, from })
  }
  const covered = links.reduce((sum, { from, to }) => sum + to - from, 0)
  return { links: links.toReversed(), hostMs: endedAt - startedAt - covered }
}

function clipped({ stretches }: UnitTrace, from: EpochMs, to: EpochMs): readonly Stretch[] {
  return stretches
    .map((stretch) => ({
      ...stretch,
      from: Math.max(stretch.from, from),
      to: Math.min(stretch.to, to),
    }))
    .filter((stretch) => stretch.to > stretch.from)
}

/** For each step its unit that ended last. */
function lastOfSteps({ units }: RunTrace): ReadonlyMap<string, UnitTrace> {
  const ends = new Map<string, UnitTrace>()
  for (const unit of units) {
    if (unit.isUndo) continue
    const known = ends.get(unit.step)
    if (known === undefined || unit.endedAt >= known.endedAt) ends.set(unit.step, unit)
  }
  return ends
}

interface Looking {
  readonly ends: ReadonlyMap<string, UnitTrace>
  readonly from: EpochMs
}

/** What a unit waited for last: of its needs the one that ended last. */
function before(
  { graph, units }: RunTrace,
  unit: UnitTrace,
  { ends, from }: Looking,
): UnitTrace | undefined {
  if (unit.isUndo) {
    return latest(units.filter(({ endedAt, readyAt }) => endedAt <= from && readyAt < from))
  }
  return latest(unitsBefore(graph, unit.step, ends))
}

/** The last units of what a step needs; a list without items stands for what it needs itself. */
function unitsBefore(
  graph: StepGraph,
  step: string,
  ends: ReadonlyMap<string, UnitTrace>,
): readonly UnitTrace[] {
  const found: UnitTrace[] = []
  const names = new Set([step])
  for (const name of names) {
    for (const need of graph.plans[graph.places.get(name) ?? -1]?.needs ?? []) {
      const unit = ends.get(need)
      if (unit === undefined) names.add(need)
      else found.push(unit)
    }
  }
  return found
}

/** Of some units the one that ended last; of several the one that became ready last. */
function latest(units: readonly UnitTrace[]): UnitTrace | undefined {
  let found: UnitTrace | undefined
  for (const unit of units) {
    const isLater =
      found === undefined ||
      unit.endedAt > found.endedAt ||
      (unit.endedAt === found.endedAt && unit.readyAt > found.readyAt)
    if (isLater) found = unit
  }
  return found
}
