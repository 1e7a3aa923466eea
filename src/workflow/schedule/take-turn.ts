import type { EpochMs } from '../../kernel/clock.ts'
import { isJsonObject, type JsonObject, toJsonObject } from '../../kernel/json.ts'

import { eventKey, timeKey } from './fire-id.ts'
import { matchesFilter } from './map-inputs.ts'
import type { ScheduleSpec } from './schema.ts'
import { listensToEvents, type ScheduleState } from './state.ts'
import type { ScheduleStore, SeenEvent } from './store.ts'
import { boundsOf } from './times.ts'
import { closeTurn, dueTimes, openTurn, takeDue, takeOccasion, type Turn } from './turn.ts'

/**
 * Decides on everything that is due of one schedule, and commits it.
 *
 * @throws {@link StaleScheduleError} somebody has changed it meanwhile; nothing was decided.
 */
export async function takeTurn(
  store: ScheduleStore,
  state: ScheduleState,
  now: EpochMs,
): Promise<Turn> {
  return commitTurn(store, await prepareTurn(store, state, now))
}

/** A turn in which everything that is due is decided, and nothing committed. */
export async function prepareTurn(
  store: ScheduleStore,
  state: ScheduleState,
  now: EpochMs,
): Promise<Turn> {
  const turn = openTurn(state, await store.openFires(state.id), now)
  if (state.status === 'active') {
    const due = dueTimes(state, now)
    const known = await store.findFires(state.id, due.fires.map(timeKey))
    takeDue(turn, due, new Set(known.map(({ key }) => key)))
    if (listensToEvents(state)) await takeEvents(store, turn)
  }
  return turn
}

/** Closes a turn and commits it; one in which nothing happened leaves no trace in the journal. */
export async function commitTurn(store: ScheduleStore, turn: Turn): Promise<Turn> {
  const { state, events, changed, version, now } = closeTurn(turn)
  const fires = [...changed.values()]
  const set = version !== undefined && { version }
  if (events.length === 0) await store.touch(state)
  else await store.commit({ state, fires, events, at: now, ...set })
  return turn
}

async function takeEvents(store: ScheduleStore, turn: Turn): Promise<void> {
  const { id, tenant, seq, spec } = turn.state
  const { kinds, workflow } = interestOf(spec)
  const range = { tenant, afterSeq: seq, kinds, ...(workflow !== undefined && { workflow }) }
  const { events, upTo } = await store.readEvents(range)
  const { start = 0, end = Number.POSITIVE_INFINITY } = boundsOf(spec)
  const matching = events.filter(
    (event) => event.stream !== id && event.at >= start && event.at < end && matches(spec, event),
  )
  // A schedule never answers itself: neither its own events, nor those of its runs and what they begin.
  const own = await store.ownStreams(id, [...new Set(matching.map(({ stream }) => stream))])
  for (const event of matching) {
    if (own.has(event.stream)) continue
    takeOccasion(turn, {
      key: eventKey(event.seq),
      cause: spec.trigger.kind === 'after' ? 'after' : 'event',
      scheduledAt: event.at,
      data: { event: occasionOf(event) },
    })
  }
  turn.state = { ...turn.state, seq: upTo }
}

const ENDINGS = {
  completed: ['run.completed'],
  failed: ['run.failed'],
  any: ['run.completed', 'run.failed', 'run.cancelled'],
} as const

function interestOf({ trigger }: ScheduleSpec): {
  readonly kinds: readonly string[]
  readonly workflow?: string
} {
  if (trigger.kind === 'event') return { kinds: [trigger.event] }
  if (trigger.kind !== 'after') return { kinds: [] }
  return { kinds: ENDINGS[trigger.on ?? 'completed'], workflow: trigger.workflow }
}

function matches({ trigger }: ScheduleSpec, { data }: SeenEvent): boolean {
  return trigger.kind !== 'event' || matchesFilter(trigger.where, data)
}

function occasionOf(event: SeenEvent): JsonObject {
  const json = toJsonObject(event)
  return isJsonObject(event.data) ? json : { ...json, data: {} }
}
