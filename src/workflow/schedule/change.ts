import type { EpochMs } from '../../kernel/clock.ts'

import type { SchedulesDeps } from './deps.ts'
import { ScheduleStateError, StaleScheduleError, UnknownScheduleError } from './errors.ts'
import { DELETED } from './overlap.ts'
import type { ScheduleState } from './state.ts'
import { commitTurn, prepareTurn } from './take-turn.ts'
import { dropQueued, dueTimes, takeDue, type Turn } from './turn.ts'

/** Tries of a change; each fails only because somebody else has changed the schedule at that moment. */
const TRIES = 20

/** What is to be done within a turn; it may be called again with a fresh one. */
export type Work = (turn: Turn) => void | Promise<void>

/**
 * Changes a schedule: decides what is due, does `work`, commits both and begins what is to begin.
 *
 * @param load - reads the schedule as it is.
 * @throws {@link StaleScheduleError} others kept changing it.
 */
export async function changeState(
  { store, starter, clock }: Pick<SchedulesDeps, 'store' | 'starter' | 'clock'>,
  load: () => Promise<ScheduleState>,
  work: Work,
): Promise<Turn> {
  for (let tries = 1; ; tries++) {
    const turn = await prepareTurn(store, await load(), clock.now())
    await work(turn)
    try {
      await commitTurn(store, turn)
    } catch (fault) {
      if (fault instanceof StaleScheduleError && tries < TRIES) continue
      throw fault
    }
    await starter.follow(turn)
    return turn
  }
}

/** Reads a schedule that somebody wants to change. @throws {@link UnknownScheduleError} {@link ScheduleStateError} */
export async function loadSchedule(
  { store }: Pick<SchedulesDeps, 'store'>,
  tenant: string,
  name: string,
): Promise<ScheduleState> {
  const found = await store.find(tenant, name)
  if (found === undefined) throw new UnknownScheduleError(name)
  if (found.state.status !== 'deleted') return found.state
  throw new ScheduleStateError(found.state.name, 'is deleted', 'make another one of this name')
}

/** Stops a schedule from firing. */
export function pauseIn(turn: Turn, by: string): void {
  const { name, status } = turn.state
  if (status === 'paused') return
  if (status !== 'active') throw ended(name)
  const { nextAt: _, ...state } = turn.state
  turn.state = { ...state, status: 'paused', updatedAt: turn.now }
  turn.events.push({ kind: 'schedule.paused', data: { by } })
}

/**
 * Lets a paused schedule fire again, from now on.
 *
 * @param head - place of the latest event of the tenant.
 */
export function resumeIn(turn: Turn, by: string, head: number): void {
  const { name, status } = turn.state
  if (status === 'active') return
  if (status !== 'paused') throw ended(name)
  turn.state = { ...turn.state, status: 'active', updatedAt: turn.now, seq: head }
  turn.events.push({ kind: 'schedule.resumed', data: { by } })
  beginAt(turn, turn.now)
}

/** Ends a schedule for good. */
export function removeIn(turn: Turn, by: string): void {
  dropQueued(turn, DELETED)
  const { nextAt: _, ...state } = turn.state
  turn.state = { ...state, status: 'deleted', updatedAt: turn.now }
  turn.events.push({ kind: 'schedule.deleted', data: { by } })
}

/** Leaves every time up to `cursor` behind, and decides on what is due since. */
export function beginAt(turn: Turn, cursor: EpochMs): void {
  turn.state = { ...turn.state, cursor }
  takeDue(turn, dueTimes(turn.state, turn.now), new Set())
}

/** What is thrown for a schedule that fires no more. */
export function ended(name: string): ScheduleStateError {
  return new ScheduleStateError(name, 'has ended', 'prsm schedule update gives it new times')
}
