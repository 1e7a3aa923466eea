import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { errorRecord } from '../schema.ts'

import { decideDue, type Due } from './catch-up.ts'
import { runOf, timeKey } from './fire-id.ts'
import { mapInputs } from './map-inputs.ts'
import { decideOverlap, SUPERSEDED } from './overlap.ts'
import { formatTime } from './parse-time.ts'
import type { FireCause, ScheduleVersion } from './schema.ts'
import { type FireState, listensToEvents, type ScheduleEvent, type ScheduleState } from './state.ts'
import { boundsOf, createTimes } from './times.ts'

/** How often a schedule with fires that wait is looked at, milliseconds. */
const LOOK_EVERY_MS = 1_000

/** Everything that is decided about a schedule at one instant; changed in place until it is closed. */
export interface Turn {
  readonly now: EpochMs
  state: ScheduleState
  /** Fires that wait, or whose runs have not ended, by key; oldest first. */
  readonly open: Map<string, FireState>
  /** Fires that are new or changed, by key. */
  readonly changed: Map<string, FireState>
  readonly events: ScheduleEvent[]
  /** The version that is set, if one is. */
  version: ScheduleVersion | undefined
}

/** What makes a schedule fire once. */
export interface Occasion {
  readonly key: string
  readonly cause: FireCause
  readonly scheduledAt: EpochMs
  /** What the mapping of inputs can name, beside `schedule` and `scheduledAt`. */
  readonly data?: JsonObject
  /** Inputs that outweigh those of the mapping. */
  readonly inputs?: JsonObject
}

/** Begins a turn. */
export function openTurn(state: ScheduleState, open: readonly FireState[], now: EpochMs): Turn {
  return {
    now,
    state,
    open: new Map(open.map((fire) => [fire.key, fire])),
    changed: new Map(),
    events: [],
    version: undefined,
  }
}

/** Which times of a schedule are due. */
export function dueTimes(state: ScheduleState, now: EpochMs): Due {
  const { id, spec, setAt, cursor } = state
  return decideDue({ spec, times: createTimes(spec, setAt), seed: id, cursor, now })
}

/** Decides on the times that are due; those of `known` have fired already. */
export function takeDue(turn: Turn, due: Due, known: ReadonlySet<string>): void {
  const { missed, cursor, nextAt } = due
  if (missed !== undefined) {
    turn.state = { ...turn.state, missed: turn.state.missed + missed.count }
    turn.events.push({ kind: 'schedule.missed', data: { ...missed } })
  }
  for (const scheduledAt of due.fires) {
    const key = timeKey(scheduledAt)
    if (!known.has(key)) takeOccasion(turn, { key, cause: 'time', scheduledAt })
  }
  const { nextAt: _, ...state } = turn.state
  turn.state = { ...state, cursor, ...(nextAt !== undefined && { nextAt }) }
}

/** Fires once, as the schedule's policy says. @returns the fire, or nothing when it has fired often enough. */
export function takeOccasion(turn: Turn, occasion: Occasion): FireState | undefined {
  if (isSpent(turn.state)) return undefined
  const made = fireFor(turn, occasion)
  const live = liveOf(turn)
  const queued = live.filter(({ status }) => status === 'queued')
  const verdict = decideOverlap(turn.state.spec.overlap ?? 'skip', {
    active: live.length - queued.length,
    queued: queued.length,
  })
  if (verdict.kind === 'skip') return skip(turn, made, verdict.reason)
  turn.state = { ...turn.state, fires: turn.state.fires + 1 }
  if (verdict.kind === 'start') return start(turn, made)
  if (verdict.supersedesQueued) for (const each of queued) skip(turn, each, SUPERSEDED)
  if (verdict.cancelsActive) cancelActive(turn)
  turn.events.push({ kind: 'schedule.queued', data: { key: made.key, run: made.run } })
  return put(turn, made)
}

/** Makes up for times that have passed; see `promote` for when their runs begin. */
export function takeBackfill(
  turn: Turn,
  times: readonly EpochMs[],
  backfill: NonNullable<FireState['backfill']>,
): void {
  for (const scheduledAt of times) {
    const occasion = { key: timeKey(scheduledAt), cause: 'backfill', scheduledAt } as const
    put(turn, { ...fireFor(turn, occasion), backfill })
  }
  turn.events.push({ kind: 'schedule.backfilled', data: { ...backfill, fires: times.length } })
}

/** Tries a fire again whose run could not be begun. */
export function takeAgain(turn: Turn, fire: FireState): void {
  const { reason: _, ...rest } = fire
  turn.state = { ...turn.state, parked: Math.max(0, turn.state.parked - 1) }
  const again = { ...rest, version: turn.state.version, decidedAt: turn.now }
  turn.events.push({ kind: 'schedule.queued', data: { key: fire.key, run: fire.run } })
  put(turn, { ...again, status: 'queued', isOpen: true })
}

/** Leaves out every fire that waits. */
export function dropQueued(turn: Turn, reason: ErrorRecord): void {
  for (const each of turn.open.values()) if (each.status === 'queued') skip(turn, each, reason)
}

/** Notes that the run of a fire cannot be begun. */
export function park(turn: Turn, fire: FireState, reason: ErrorRecord): void {
  turn.state = { ...turn.state, parked: turn.state.parked + 1 }
  put(turn, { ...fire, status: 'parked', reason: errorRecord.parse(reason), isOpen: false })
  const { key, run } = fire
  turn.events.push({ kind: 'schedule.parked', data: { key, run, error: { ...reason } } })
}

/** Begins what can begin, and settles when the schedule is looked at next. */
export function closeTurn(turn: Turn): Turn {
  endIfOver(turn)
  if (turn.state.status === 'active' || turn.state.status === 'ended') promote(turn)
  const { dueAt: _, ...state } = turn.state
  const dueAt = nextLook(turn)
  turn.state = {
    ...state,
    revision: state.revision + turn.events.length,
    ...(dueAt !== undefined && { dueAt }),
  }
  return turn
}

/** Whether a schedule has fired as often as it may. */
export function isSpent({ spec, fires }: Pick<ScheduleState, 'spec' | 'fires'>): boolean {
  return spec.maxFires !== undefined && fires >= spec.maxFires
}

function fireFor(
  { state, now }: Turn,
  { key, cause, scheduledAt, data, inputs }: Occasion,
): FireState {
  const occasion = { schedule: state.name, scheduledAt: formatTime(scheduledAt), ...data }
  return {
    key,
    run: runOf(state.id, key, scheduledAt),
    version: state.version,
    cause,
    scheduledAt,
    decidedAt: now,
    status: 'queued',
    inputs: { ...mapInputs(state.spec.map, occasion), ...inputs },
    isOpen: true,
    isCancelled: false,
  }
}

/** Open fires that overlap with others; those of back-fills have a rule of their own. */
function liveOf({ open }: Turn): readonly FireState[] {
  return [...open.values()].filter(({ backfill }) => backfill === undefined)
}

function put(turn: Turn, fire: FireState): FireState {
  turn.changed.set(fire.key, fire)
  if (fire.isOpen) turn.open.set(fire.key, fire)
  else turn.open.delete(fire.key)
  return fire
}

function start(turn: Turn, fire: FireState): FireState {
  const { key, run, cause, scheduledAt, version } = fire
  turn.events.push({ kind: 'schedule.fired', data: { key, run, cause, scheduledAt, version } })
  return put(turn, { ...fire, status: 'starting' })
}

function skip(turn: Turn, fire: FireState, reason: ErrorRecord): FireState {
  const { key, run } = fire
  turn.state = { ...turn.state, skipped: turn.state.skipped + 1 }
  turn.events.push({ kind: 'schedule.skipped', data: { key, run, reason: { ...reason } } })
  return put(turn, {
    ...fire,
    status: 'skipped',
    reason: errorRecord.parse(reason),
    isOpen: false,
  })
}

function cancelActive(turn: Turn): void {
  for (const each of liveOf(turn)) {
    if (each.status === 'queued' || each.isCancelled) continue
    turn.events.push({ kind: 'schedule.cancelling', data: { key: each.key, run: each.run } })
    put(turn, { ...each, isCancelled: true })
  }
}

/** Begins fires that waited, as far as nothing stands in their way any more. */
function promote(turn: Turn): void {
  const live = liveOf(turn)
  const room = turn.state.spec.overlap === 'allow' ? Number.POSITIVE_INFINITY : 1
  promoteGroup(turn, live, room)
  const groups = new Map<string, FireState[]>()
  for (const each of turn.open.values()) {
    if (each.backfill === undefined) continue
    const group = groups.get(each.backfill.id)
    if (group === undefined) groups.set(each.backfill.id, [each])
    else group.push(each)
  }
  for (const group of groups.values()) {
    promoteGroup(turn, group, group[0]?.backfill?.concurrency ?? 1)
  }
}

function promoteGroup(turn: Turn, group: readonly FireState[], room: number): void {
  const queued = group.filter(({ status }) => status === 'queued')
  const free = Math.max(0, room - (group.length - queued.length))
  for (const each of queued.slice(0, free)) start(turn, each)
}

function endIfOver(turn: Turn): void {
  const { state, now } = turn
  if (state.status !== 'active') return
  const reason = overBecause(state, now)
  if (reason === undefined) return
  const { nextAt: _, ...rest } = state
  turn.state = { ...rest, status: 'ended' }
  turn.events.push({ kind: 'schedule.ended', data: { reason } })
}

function overBecause(state: ScheduleState, now: EpochMs): string | undefined {
  if (isSpent(state)) return 'max-fires'
  const { end } = boundsOf(state.spec)
  if (end !== undefined && now >= end) return 'end'
  return isTimed(state) && state.nextAt === undefined ? 'no-more-times' : undefined
}

/** Whether a schedule fires by time. */
export function isTimed({ spec }: Pick<ScheduleState, 'spec'>): boolean {
  const { kind } = spec.trigger
  return !listensToEvents({ spec }) && kind !== 'webhook' && kind !== 'manual'
}

function nextLook({ state, open, now }: Turn): EpochMs | undefined {
  const times: EpochMs[] = []
  if (state.status === 'active') {
    const { end } = boundsOf(state.spec)
    if (state.nextAt !== undefined) times.push(state.nextAt)
    else if (end !== undefined) times.push(end)
  }
  const isMoving = state.status === 'active' || state.status === 'ended'
  const waits = [...open.values()].some(
    ({ status, isCancelled }) => status === 'queued' || isCancelled,
  )
  if (isMoving && waits) times.push(now + LOOK_EVERY_MS)
  return times.length === 0 ? undefined : Math.min(...times)
}
