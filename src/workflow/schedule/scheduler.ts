import type { Clock, EpochMs } from '../../kernel/clock.ts'
import { PlatformError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

import { StaleScheduleError } from './errors.ts'
import type { Starter } from './starter.ts'
import type { ScheduleStore } from './store.ts'
import { takeTurn } from './take-turn.ts'

/** What a scheduler needs. */
export interface SchedulerDeps {
  readonly store: ScheduleStore
  readonly starter: Starter
  readonly clock: Clock
  readonly log: Log
  /** How often it looks without being told, milliseconds. @defaultValue 1_000 */
  readonly pollMs?: number
}

/** Fires schedules when they are due; any number of them may work on one database. */
export interface Scheduler {
  start(): Promise<void>
  /** Looks once; resolves when what is due by now is decided and its runs have begun. */
  look(): Promise<void>
  /** Ends looking, and waits for a look that is under way. */
  stop(): Promise<void>
}

/** Schedules and fires taken in one statement. */
const BATCH = 50
/** How long others leave alone what this process has taken, milliseconds. */
const LEASE_MS = 10_000
/** What wakes the scheduler is answered at most this often, milliseconds. */
const WAKE_EVERY_MS = 100

/**
 * Builds a scheduler; nothing is looked at before `start`.
 *
 * @remarks
 * Crash: a fire, its place in the schedule and its event are one commit, made before its run. Whoever
 * comes after a crash finds fires that have no run yet and begins them, under the ids they have: the
 * run is begun once, however often that is tried. What two processes decide at the same time is
 * committed by one of them; the other has read a revision that is no longer the latest.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { store, clock, log, pollMs = 1_000 } = deps
  let phase: 'new' | 'working' | 'stopped' = 'new'
  let looking: Promise<void> | undefined
  let lookingAgain: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let stopListening: (() => void) | undefined
  let timerAt: EpochMs = 0

  const look = (): Promise<void> => {
    if (looking === undefined) return (looking = lookOnce().finally(() => (looking = undefined)))
    // What has become due since that one began has escaped it.
    return (lookingAgain ??= looking
      .catch(() => undefined)
      .then(() => {
        lookingAgain = undefined
        return look()
      }))
  }
  const lookOnce = async (): Promise<void> => {
    while (await decideAll(deps)) if (phase === 'stopped') return
    while (await startAll(deps)) if (phase === 'stopped') return
  }
  const arm = (delayMs: number): void => {
    const at = clock.now() + delayMs
    if (phase !== 'working' || (cancelTimer !== undefined && timerAt <= at)) return
    cancelTimer?.()
    timerAt = at
    cancelTimer = clock.after(delayMs, () => void turn())
  }
  const turn = async (): Promise<void> => {
    cancelTimer = undefined
    let waitMs = pollMs
    try {
      await look()
      const dueAt = await store.nextDueAt()
      if (dueAt !== undefined) waitMs = Math.max(1, Math.min(pollMs, dueAt - clock.now()))
    } catch (fault) {
      // The database may be away for a while; the next turn tries again.
      log.error('schedule.look-failed', fault)
    }
    arm(waitMs)
  }
  return {
    look,
    async start() {
      phase = 'working'
      stopListening = await store.listen(() => arm(WAKE_EVERY_MS))
      arm(0)
    },
    async stop() {
      phase = 'stopped'
      cancelTimer?.()
      stopListening?.()
      await looking?.catch(() => undefined)
    },
  }
}

/** Decides on what is due; tells whether there may be more. */
async function decideAll(deps: SchedulerDeps): Promise<boolean> {
  const { store, clock, starter, log } = deps
  const now = clock.now()
  const due = await store.claimDue({ now, until: now + LEASE_MS, limit: BATCH })
  for (const state of due) {
    try {
      const turn = await takeTurn(store, state, clock.now())
      await starter.follow(turn)
    } catch (fault) {
      if (!(fault instanceof StaleScheduleError))
        log.error('schedule.turn-failed', fault, { schedule: state.id })
      // Somebody else has decided. Any other fault is met again when the lease is over.
      if (isOfDatabase(fault)) throw fault
    }
  }
  return due.length === BATCH
}

/** Begins the runs of fires that nobody has begun: their process was lost, or the database was. */
async function startAll({ store, clock, starter, log }: SchedulerDeps): Promise<boolean> {
  const now = clock.now()
  const left = await store.claimStarting({ now, until: now + LEASE_MS, limit: BATCH })
  for (const { schedule, fire } of left) {
    log.info('schedule.start-repeated', { schedule: schedule.id, run: fire.run })
    await starter.start(schedule, fire)
  }
  return left.length === BATCH
}

function isOfDatabase(fault: unknown): boolean {
  return fault instanceof PlatformError && fault.code.startsWith('sql.')
}
