import type { EpochMs } from '../../kernel/clock.ts'

import { fits, minus, onMachine, plus, total, toVector, type Vector } from './amounts.ts'
import { type Fairness, inOrder, type InUse, type Waiting } from './order.ts'
import type { LimitRecord, Priority } from './schema.ts'
import { RESOURCES } from './schema.ts'
import { levelOf } from './urgency.ts'

/** A step that waits for a worker. */
export interface Queued extends Waiting {
  readonly priority: Priority
  /** How long it is expected to take, milliseconds; `undefined`: nobody has said. */
  readonly expectedMs: number | undefined
}

/** A step that runs on the worker whose room is being given away. */
export interface Running {
  readonly id: string
  readonly priority: Priority
  readonly isPreemptible: boolean
  readonly uses: Vector
  readonly startedAt: EpochMs
  readonly expectedMs: number | undefined
}

/** What a worker may take on. */
export interface Room {
  /** All it has, oversubscription included. */
  readonly capacity: Vector
  readonly running: readonly Running[]
  /** Most steps it begins now. */
  readonly places: number
}

/** Who may use how much at once, over all workers. */
export interface Terms extends Fairness {
  readonly limits: readonly LimitRecord[]
}

/** What a worker does with its room. */
export interface Placement {
  /** Steps to begin, most urgent first. */
  readonly begin: readonly string[]
  /** Running steps that give way; what they make room for is begun once they have. */
  readonly preempt: readonly string[]
}

/**
 * Gives a worker's room away.
 *
 * @remarks All or nothing, in the order of {@link inOrder}. The first step that fits the worker but
 * not what is free now has the room reserved: what stands behind it begins only if that delays it by
 * nothing, because it ends before, or leaves enough free (EASY backfilling). An `immediate` or `high`
 * step takes the room of running steps that are less urgent and may be preempted. What a limit holds
 * back is passed over and reserves nothing.
 * @see Lifka, The ANL/IBM SP Scheduling System, JSSPP 1995.
 */
export function place(waiting: readonly Queued[], room: Room, terms: Terms): Placement {
  const quota = createQuota(terms)
  const begin: string[] = []
  const preempt: string[] = []
  let free = minus(room.capacity, total(room.running.map(({ uses }) => uses)))
  let held: Reservation | undefined
  for (const step of inOrder(waiting, terms)) {
    if (begin.length >= room.places) break
    const needs = onMachine(step.needs)
    if (!fits(needs, room.capacity) || !quota.admits(step)) continue
    if (fits(needs, free)) {
      if (held !== undefined && !isHarmless(held, { needs, expectedMs: step.expectedMs, terms }))
        continue
      if (held !== undefined && outlasts(held, step.expectedMs, terms.now))
        held = { at: held.at, spare: minus(held.spare, needs) }
      free = minus(free, needs)
      quota.take(step)
      begin.push(step.id)
    } else if (held === undefined) {
      held = reserve(needs, { ...room, free, begun: begunOf(waiting, begin), now: terms.now })
      preempt.push(...victimsFor(step, { free, running: room.running }))
    }
  }
  return { begin, preempt }
}

function begunOf(waiting: readonly Queued[], ids: readonly string[]): readonly Queued[] {
  const begun = new Set(ids)
  return waiting.filter(({ id }) => begun.has(id))
}

interface Reservation {
  /** When there will be room for it; infinite when nobody has said how long what runs takes. */
  readonly at: EpochMs
  /** What is left beside it then. */
  readonly spare: Vector
}

interface Moment extends Room {
  readonly free: Vector
  /** Steps begun in this round. */
  readonly begun: readonly Queued[]
  readonly now: EpochMs
}

function reserve(needs: Vector, { running, begun, free, now }: Moment): Reservation {
  const ends = [
    ...running.map(({ uses, startedAt, expectedMs }) => ({
      uses,
      // What takes longer than expected is expected to end any moment.
      at:
        expectedMs === undefined ? Number.POSITIVE_INFINITY : Math.max(now, startedAt + expectedMs),
    })),
    ...begun.map((step) => ({
      uses: onMachine(step.needs),
      at: step.expectedMs === undefined ? Number.POSITIVE_INFINITY : now + step.expectedMs,
    })),
  ].toSorted((a, b) => a.at - b.at)
  let room = free
  let at = now
  for (const end of ends) {
    if (fits(needs, room) && end.at > at) break
    room = plus(room, end.uses)
    at = end.at
  }
  return { at, spare: minus(room, needs) }
}

function outlasts({ at }: Reservation, expectedMs: number | undefined, now: EpochMs): boolean {
  return expectedMs === undefined ? true : now + expectedMs > at
}

/** Whether a step may begin in front of the one that has a reservation. */
function isHarmless(
  held: Reservation,
  {
    needs,
    expectedMs,
    terms,
  }: { readonly needs: Vector; readonly expectedMs: number | undefined; readonly terms: Terms },
): boolean {
  return !outlasts(held, expectedMs, terms.now) || fits(needs, held.spare)
}

/** From `high` on, a step need not wait for what may be preempted. */
const PREEMPTS_UP_TO = levelOf('high')

/** The fewest running steps whose room is enough: the least urgent first, and of these the last begun. */
function victimsFor(
  step: Queued,
  { free, running }: { readonly free: Vector; readonly running: readonly Running[] },
): readonly string[] {
  const level = levelOf(step.priority)
  if (level > PREEMPTS_UP_TO) return []
  const needs = onMachine(step.needs)
  const candidates = running
    .filter(({ isPreemptible, priority }) => isPreemptible && levelOf(priority) > level)
    .toSorted((a, b) => levelOf(b.priority) - levelOf(a.priority) || b.startedAt - a.startedAt)
  const chosen: Running[] = []
  let room = free
  for (const candidate of candidates) {
    if (fits(needs, room)) break
    chosen.push(candidate)
    room = plus(room, candidate.uses)
  }
  if (!fits(needs, room)) return []
  return spared(chosen, { needs, room }).map(({ id }) => id)
}

/** Leaves out whoever was chosen on the way and is not needed in the end. */
function spared(
  chosen: readonly Running[],
  { needs, room }: { readonly needs: Vector; readonly room: Vector },
): readonly Running[] {
  let left = room
  return chosen.toReversed().filter(({ uses }) => {
    const without = minus(left, uses)
    if (!fits(needs, without)) return true
    left = without
    return false
  })
}

interface Quota {
  admits(step: Waiting): boolean
  take(step: Waiting): void
}

/** Counts what is in use against the limits. */
function createQuota({ limits, inUse }: Terms): Quota {
  const counters = limits.map(({ tenant, team, resource, amount }) => {
    const at = RESOURCES.indexOf(resource)
    const isFor = (one: Pick<InUse, 'tenant' | 'team'>): boolean =>
      (tenant ?? one.tenant) === one.tenant && (team ?? one.team) === one.team
    const most = toVector({ [resource]: amount })[at] ?? 0
    const used = inUse.filter(isFor).reduce((sum, { uses }) => sum + (uses[at] ?? 0), 0)
    return { at, isFor, most, used }
  })
  return {
    admits: (step) =>
      counters.every(({ at, isFor, most, used }) => {
        const wanted = step.needs[at] ?? 0
        return wanted === 0 || !isFor(step) || used + wanted <= most
      }),
    take(step) {
      for (const counter of counters) {
        if (counter.isFor(step)) counter.used += step.needs[counter.at] ?? 0
      }
    },
  }
}
