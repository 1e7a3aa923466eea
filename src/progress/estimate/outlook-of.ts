import type { StepPlan } from '../graph.ts'
import { OWN, type RunTrace, timeOf, type UnitTrace } from '../trace/trace.ts'
import { wire } from '../trace/wire.ts'

import { middle } from './evidence.ts'
import type { DurationHistory } from './history.ts'
import type { Outlook, PlannedUnit, UnitProgress } from './outlook.ts'

/** Units above which a run is not looked at one by one. */
const MOST_UNITS = 20_000

/**
 * A run as it is, with everything that is still to be done.
 *
 * @remarks A list whose length is not known yet is taken to be as long as it usually was.
 * @returns `undefined` when it has too many units to be looked at, or a list ahead of which nothing
 * tells how long it will be.
 */
export function outlookOf(trace: RunTrace, history: DurationHistory): Outlook | undefined {
  const { graph, workflow } = trace
  const begun = unitsByStep(trace.units)
  const units: Omit<PlannedUnit, 'needs'>[] = []
  for (const plan of graph.plans) {
    const own = begun.get(plan.name) ?? []
    const count = countOf(plan, own, { trace, history })
    if (count === undefined) return undefined
    for (const unit of own) {
      if (unit.outcome !== 'skipped') units.push({ ...planned(plan), phase: phaseOf(unit, trace) })
    }
    for (let ahead = own.length; ahead < count; ahead++) {
      units.push({ ...planned(plan), phase: { kind: 'ahead' } })
    }
    if (units.length > MOST_UNITS) return undefined
  }
  const { needs, joins } = wire(graph, units)
  return {
    workflow,
    slots: graph.concurrency,
    units: units.map((unit, place) => ({ ...unit, needs: needs[place] ?? [] })),
    joins,
  }
}

function unitsByStep(units: readonly UnitTrace[]): ReadonlyMap<string, readonly UnitTrace[]> {
  const found = new Map<string, UnitTrace[]>()
  for (const unit of units) {
    if (unit.isUndo) continue
    const list = found.get(unit.step)
    if (list === undefined) found.set(unit.step, [unit])
    else list.push(unit)
  }
  return found
}

interface Sources {
  readonly trace: RunTrace
  readonly history: DurationHistory
}

function countOf(
  { name, isFanOut, statedSeconds }: StepPlan,
  own: readonly UnitTrace[],
  { trace, history }: Sources,
): number | undefined {
  if (!isFanOut || own.some(({ outcome }) => outcome === 'skipped')) return 1
  const known = trace.counts.get(name) ?? middle(history.itemsOf(trace.workflow, name))
  if (known !== undefined) return known
  return statedSeconds === undefined ? undefined : 1
}

function planned(plan: StepPlan): Omit<PlannedUnit, 'needs' | 'phase'> {
  const { name, uses, statedSeconds, maxItems, isOpenEnded, isWait } = plan
  return {
    step: name,
    uses,
    isOpenEnded,
    takesSlot: !isWait,
    ...(statedSeconds !== undefined && { statedMs: statedSeconds * 1_000 }),
    ...(maxItems !== undefined && { group: { name, limit: maxItems } }),
  }
}

function phaseOf(unit: UnitTrace, { endedAt }: RunTrace): UnitProgress {
  const ms = timeOf(unit, OWN)
  if (unit.outcome !== 'open') return { kind: 'done', ms }
  const { uses, dueAt } = unit
  if (uses === 'wait' && dueAt !== undefined) {
    return { kind: 'due', inMs: Math.max(0, dueAt - endedAt) }
  }
  return { kind: 'running', forMs: ms }
}

/** A unit under way that takes longer than nearly all before it. */
export interface SlowUnit {
  readonly step: string
  readonly index: number | undefined
  readonly forMs: number
  /** What nineteen of twenty took at most, ms. */
  readonly usualMs: number
  /** How many are compared with. */
  readonly known: number
}

/** Fewer tell nothing of the slowest of twenty. */
const LEAST_KNOWN = 20
const SLOW_SHARE = 0.95

/** Units under way for longer than the 95th percentile of their step, in this run and earlier ones. */
export function slowUnits(trace: RunTrace, history: DurationHistory): readonly SlowUnit[] {
  const usual = new Map<string, readonly number[]>()
  const knownOf = (step: string): readonly number[] => {
    let known = usual.get(step)
    if (known === undefined) {
      const own = trace.units.filter((unit) => unit.step === step && unit.outcome === 'completed')
      known = [...history.ofStep(trace.workflow, step).flat(), ...own.map(ownTime)].toSorted(
        (a, b) => a - b,
      )
      usual.set(step, known)
    }
    return known
  }
  return trace.units.flatMap((unit) => {
    if (unit.outcome !== 'open' || unit.isUndo || trace.hasEnded) return []
    const known = knownOf(unit.step)
    const usualMs = known[Math.ceil(SLOW_SHARE * known.length) - 1]
    const forMs = ownTime(unit)
    if (known.length < LEAST_KNOWN || usualMs === undefined || forMs <= usualMs) return []
    return [{ step: unit.step, index: unit.index, forMs, usualMs, known: known.length }]
  })
}

function ownTime(unit: UnitTrace): number {
  return timeOf(unit, OWN)
}
