import type { Clock, EpochMs } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'

import type { DueRun, Inbox } from './inbox-sql.ts'
import type { RestateServer } from './server-http.ts'

/** What the watch needs. */
export interface InboxWatchDeps {
  readonly inbox: Pick<Inbox, 'claim' | 'listDue' | 'listDriven'>
  readonly server: Pick<RestateServer, 'wake'>
  /** Runs that go on at once, over all workers. */
  readonly maxRuns: number
  readonly clock: Clock
  readonly log: Log
}

/** Tells Restate of what has come by way of the database. */
export interface InboxWatch {
  /** Looks, and once more when it is called while it looks. */
  look(): void
  /** Has every run that Restate drives look, in case that it has lost its memory. */
  wakeAll(): Promise<void>
  stop(): void
}

/** How long a run that was woken is first left alone, and how long at most, milliseconds. */
const AGAIN_MS = { first: 1_000, most: 60_000 } as const
/** Calls at once. */
const AT_ONCE = 16

interface Woken {
  readonly notBefore: EpochMs
  readonly waitMs: number
}

/** Builds the watch over the inboxes of runs. */
export function createInboxWatch(deps: InboxWatchDeps): InboxWatch {
  const state: WatchState = { ...deps, woken: new Map(), phase: 'idle' }
  return {
    look() {
      if (state.phase === 'looking') state.phase = 'due'
      else if (state.phase === 'idle') void lookUntilQuiet(state)
    },
    async wakeAll() {
      const driven = await deps.inbox.listDriven()
      await wakeThese(
        state,
        driven.map((id) => ({ id, reason: '' })),
      )
    },
    stop: () => void (state.phase = 'stopped'),
  }
}

interface WatchState extends InboxWatchDeps {
  /** What was woken and has not been seen without need since. */
  readonly woken: Map<string, Woken>
  phase: 'idle' | 'looking' | 'due' | 'stopped'
}

async function lookUntilQuiet(state: WatchState): Promise<void> {
  do {
    state.phase = 'looking'
    try {
      await look(state)
    } catch (fault) {
      // Restate or the database may be away for a while; the next look tries again.
      state.log.error('restate.look-failed', fault)
    }
  } while (isDue(state))
  if (!isStopped(state)) state.phase = 'idle'
}

// In functions of their own, as others change the phase meanwhile.
function isDue({ phase }: WatchState): boolean {
  return phase === 'due'
}

function isStopped({ phase }: WatchState): boolean {
  return phase === 'stopped'
}

async function look(state: WatchState): Promise<void> {
  const { inbox, clock, woken, maxRuns } = state
  const claimed = await inbox.claim(maxRuns)
  const fresh = claimed.map((id) => ({ id, reason: '' }))
  const isFresh = new Set(claimed)
  const due = [...fresh, ...(await inbox.listDue()).filter(({ id }) => !isFresh.has(id))]
  const now = clock.now()
  const still = new Set(due.map((run) => keyOf(run)))
  for (const key of woken.keys()) if (!still.has(key)) woken.delete(key)
  await wakeThese(
    state,
    due.filter((run) => (woken.get(keyOf(run))?.notBefore ?? 0) <= now),
  )
}

/** A run that something new has come for is woken at once. */
function keyOf({ id, reason }: DueRun): string {
  return `${id} ${reason}`
}

async function wakeThese(state: WatchState, runs: readonly DueRun[]): Promise<void> {
  const { server, clock, woken } = state
  const queue = [...runs]
  const work = async (): Promise<void> => {
    for (let run = queue.pop(); run !== undefined && !isStopped(state); run = queue.pop()) {
      await server.wake(run.id)
      const key = keyOf(run)
      const waitMs = Math.min(AGAIN_MS.most, (woken.get(key)?.waitMs ?? AGAIN_MS.first / 2) * 2)
      woken.set(key, { notBefore: clock.now() + waitMs, waitMs })
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, runs.length) }, work))
}
