import { type Job, type Part, schedule } from '../estimate/schedule.ts'
import type { StepPlan } from '../graph.ts'

import type { RunTrace, UnitTrace } from './trace.ts'
import { wire } from './wire.ts'

/** A change of a run, to be tried on what happened. */
export interface Change {
  /** Units at once. */
  readonly slots?: number
  /** Items at once of this step. */
  readonly items?: { readonly step: string; readonly limit: number }
  /** How the stretches of a unit would be; as they were by default. */
  readonly parts?: (unit: UnitTrace) => readonly Part[] | undefined
}

/** How long a run would take, given a change. */
export interface Replay {
  /** Units at once that the run had room for. */
  readonly slots: number
  /** Milliseconds that its graph takes, replayed with the durations that were measured. */
  withChange(change: Change): number
}

/** Waits for a slot that are shorter than this, ms, are the host's way of working. */
const NOTICEABLE_MS = 50

/**
 * Prepares the replay of a run: its graph, with the durations that were measured.
 *
 * @remarks When units waited for a slot although the definition allowed for more of them, there were
 * no more slots than were in use.
 */
export function createReplay(trace: RunTrace): Replay {
  const units = trace.units.filter(({ isUndo }) => !isUndo)
  // Items of a list with a limit of its own wait for one another, whatever slots there are.
  const isQueued = units.some(
    ({ step, stretches }) =>
      planOf(trace, step)?.maxItems === undefined &&
      stretches.some(({ kind, from, to }) => kind === 'queue' && to - from > NOTICEABLE_MS),
  )
  const { concurrency } = trace.graph
  const slots = isQueued ? Math.min(concurrency, Math.max(1, mostAtOnce(units))) : concurrency
  const { needs, joins } = wire(trace.graph, units)
  const ends = joins.map((join): Job => ({ needs: join, parts: [] }))
  return {
    slots,
    withChange(change) {
      const jobs = units.map((unit, place): Job => {
        const plan = planOf(trace, unit.step)
        const isChanged = change.items?.step === unit.step
        const limit = isChanged ? change.items?.limit : plan?.maxItems
        return {
          needs: needs[place] ?? [],
          parts: change.parts?.(unit) ?? partsOf(unit),
          ...(limit !== undefined && { group: { name: unit.step, limit } }),
        }
      })
      return schedule([...jobs, ...ends], change.slots ?? slots)
    },
  }
}

/** The stretches of a unit that are its own, or a worker's it waited for. */
export function partsOf({ stretches }: UnitTrace): readonly Part[] {
  return stretches.flatMap(({ kind, from, to }) =>
    kind === 'queue' || kind === 'pause' ? [] : [{ ms: to - from, takesSlot: kind === 'work' }],
  )
}

function planOf({ graph }: RunTrace, step: string): StepPlan | undefined {
  return graph.plans[graph.places.get(step) ?? -1]
}

/** Most units at work at one time. */
function mostAtOnce(units: readonly UnitTrace[]): number {
  const changes = units.flatMap(({ stretches }) =>
    stretches.flatMap(({ kind, from, to }) =>
      kind === 'work' ? [[from, 1] as const, [to, -1] as const] : [],
    ),
  )
  let [now, most] = [0, 0]
  for (const [, change] of changes.toSorted(([a, x], [b, y]) => a - b || x - y)) {
    now += change
    most = Math.max(most, now)
  }
  return most
}
