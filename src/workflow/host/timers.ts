import type { EpochMs } from '../../kernel/clock.ts'
import { type PlatformError, toErrorRecord } from '../../kernel/errors.ts'
import { DeadlineMissedError, RunTimeoutError, StepAbortedError } from '../errors.ts'
import { decideDue } from '../machine/decide-wait.ts'
import { isFinal, type Undoing, type Unit } from '../machine/state.ts'

import { type ActiveRun, leave, record } from './active-run.ts'
import { endPatch } from './effects.ts'
import type { RunPatch } from './run-store.ts'

/** A run that waits longer than this is given up, so that it costs no memory, milliseconds. */
const PARK_AFTER_MS = 10_000

/** What a run waits for when nothing can be done for it now. */
export type Rest =
  /** It has ended. */
  | { readonly kind: 'ended' }
  /** It waits for long: until a time, or, when there is none, for a signal. */
  | {
      readonly kind: 'wait'
      readonly status: 'paused' | 'waiting'
      readonly dueAt: EpochMs | undefined
    }
  /** Units run, or a wait ends soon. */
  | { readonly kind: 'stay'; readonly dueAt: EpochMs | undefined }

/** What the run waits for as it is. */
export function restOf(run: ActiveRun): Rest {
  const { state, deps } = run
  if (isFinal(state.status)) return { kind: 'ended' }
  const dueAt = nextDue(run)
  const inMs = dueAt === undefined ? Number.POSITIVE_INFINITY : dueAt - deps.clock.now()
  if (inMs <= PARK_AFTER_MS || !isWaiting(run) || isHeldBack(run)) return { kind: 'stay', dueAt }
  const patientUntil = lastQueued(run) + PARK_AFTER_MS
  if (patientUntil > deps.clock.now()) return { kind: 'stay', dueAt: patientUntil }
  return { kind: 'wait', status: state.status === 'paused' ? 'paused' : 'waiting', dueAt }
}

/** After every turn: the run ends here, is given up until it is due, or its next timer is set. */
export function parkOrArm(run: ActiveRun, wake: () => void): void {
  run.cancelTimer?.()
  run.cancelTimer = undefined
  const rest = restOf(run)
  switch (rest.kind) {
    case 'ended':
      giveUp(run, endPatch(run.state))
      break
    case 'wait':
      giveUp(run, { status: rest.status, owner: null, wakeAt: rest.dueAt ?? null })
      break
    case 'stay':
      if (rest.dueAt !== undefined) run.cancelTimer = onTimer(run, rest.dueAt, wake)
      break
    default:
      throw new TypeError('unknown rest')
  }
}

function onTimer({ deps }: ActiveRun, dueAt: EpochMs, wake: () => void): () => void {
  return deps.clock.after(Math.max(0, dueAt - deps.clock.now()), wake)
}

/** Ends this worker's part; the run leaves memory when that is committed. */
function giveUp(run: ActiveRun, patch: RunPatch): void {
  if (run.isLeaving) return
  run.isLeaving = true
  record(run, [], { patch, after: () => leave(run, { kind: 'done' }) })
}

/** Whether nothing happens until time passes or a signal comes. */
function isWaiting({ state, busy, isFinishing, isShort }: ActiveRun): boolean {
  if (state.running > 0 || busy.size > 0 || isFinishing || isUndoing(state)) return false
  if (state.status === 'paused') return true
  if (state.status === 'compensating') return true
  if (state.status === 'cancelling' || state.status === 'stopping') return state.active.size > 0
  return state.status === 'running' && state.active.size > 0 && (isShort || !mayBegin(state))
}

/** Whether something is being undone or removed at this moment. */
function isUndoing({ undo, cleaning }: ActiveRun['state']): boolean {
  return hasRunning(undo?.active) || hasRunning(cleaning)
}

function hasRunning(active: ReadonlyMap<string, Undoing> | undefined): boolean {
  if (active === undefined || active.size === 0) return false
  return [...active.values()].some(({ dueAt }) => dueAt === undefined)
}

/** Whether a step that is ready may begin: after a failure none does, nor beside all that may. */
function mayBegin({ ready, failure, workflow, queued }: ActiveRun['state']): boolean {
  const isFull = queued >= workflow.concurrency
  return ready.length > 0 && !isFull && (failure === undefined || !workflow.isFailFast)
}

/** When something of the run is due next; `undefined`: only a signal can move it. */
function nextDue({ state, lookedAt }: ActiveRun): EpochMs | undefined {
  const { status, undo, cleaning, leavings } = state
  let next = Number.POSITIVE_INFINITY
  if (status === 'compensating') next = earliest(undo?.active, next)
  if (status === 'running') next = earliestOfRun(state, lookedAt)
  // What is leased is removed when its time is over, whatever the run does meanwhile.
  if (cleaning.size > 0) next = earliest(cleaning, next)
  if (leavings.size > 0) next = earliest(leavings, next)
  return Number.isFinite(next) ? next : undefined
}

/** Tries that were due when it was looked last wait for a slot or for others, and not for time. */
function earliestOfRun(state: ActiveRun['state'], lookedAt: EpochMs): number {
  const next = Math.min(...limitsOf(state).map(({ at }) => at))
  if (state.active.size === state.running) return next
  let first = next
  for (const { phase, dueAt } of state.active.values()) {
    if (phase === 'running' || dueAt === undefined) continue
    if (phase === 'waiting' || dueAt > lookedAt) first = Math.min(first, dueAt)
  }
  return first
}

/** Whether a try is due and has not begun, because there is no slot or because others run. */
function isHeldBack({ state, lookedAt }: ActiveRun): boolean {
  if (state.status !== 'running' || state.active.size === state.running) return false
  return [...state.active.values()].some(
    ({ phase, dueAt }) =>
      (phase === 'retrying' || phase === 'repeating') && dueAt !== undefined && dueAt <= lookedAt,
  )
}

interface Due {
  readonly dueAt: EpochMs | undefined
}

function earliest(units: ReadonlyMap<string, Due> | undefined, before: number): number {
  let next = before
  for (const { dueAt } of units?.values() ?? [])
    if (dueAt !== undefined) next = Math.min(next, dueAt)
  return next
}

/** Records what has become due: ends of waits, and of the patience with the run as a whole. */
export function passTime(run: ActiveRun): void {
  const { state, deps } = run
  if (!run.isHere || state.status !== 'running') return
  const now = deps.clock.now()
  stopWhenOverdue(run, now)
  for (const unit of dueWaits(run, now)) record(run, decideDue(state, unit, now))
}

/** When a unit was queued last: a worker may be free for it at once. */
function lastQueued({ state }: ActiveRun): EpochMs {
  let last = Number.NEGATIVE_INFINITY
  if (state.queued === 0) return last
  for (const { waiting, since } of state.active.values()) {
    if (waiting?.for === 'task') last = Math.max(last, since)
  }
  return last
}

interface Limit {
  readonly at: EpochMs
  error(): PlatformError
}

/** When the run is stopped: it has taken too long, or its deadline is there. */
function limitsOf({ workflow, startedAt = 0, terms }: ActiveRun['state']): readonly Limit[] {
  const limits: Limit[] = []
  const { timeoutMs } = workflow
  if (timeoutMs !== undefined) {
    limits.push({ at: startedAt + timeoutMs, error: () => new RunTimeoutError(timeoutMs) })
  }
  if (terms?.deadline !== undefined) {
    const at = terms.deadline
    limits.push({ at, error: () => new DeadlineMissedError(at) })
  }
  return limits
}

function stopWhenOverdue(run: ActiveRun, now: EpochMs): void {
  const over = limitsOf(run.state).find(({ at }) => now >= at)
  if (over === undefined) return
  record(run, [{ kind: 'run.stopping', data: { error: toErrorRecord(over.error()) } }])
  for (const [key, stop] of run.stops) {
    stop.stop(new StepAbortedError(key, 'the run took too long'))
  }
}

function dueWaits({ state }: ActiveRun, now: EpochMs): readonly Unit[] {
  return [...state.active.values()].filter(
    ({ phase, dueAt }) => phase === 'waiting' && dueAt !== undefined && dueAt <= now,
  )
}
