import type { EpochMs } from '../../kernel/clock.ts'
import { toErrorRecord } from '../../kernel/errors.ts'
import { RunTimeoutError, StepAbortedError } from '../errors.ts'
import { decideDue } from '../machine/decide-wait.ts'
import { isFinal, type Unit } from '../machine/state.ts'

import { type ActiveRun, leave, record } from './active-run.ts'
import { endPatch } from './effects.ts'
import type { RunPatch } from './run-store.ts'

/** A run that waits longer than this is given up, so that it costs no memory, milliseconds. */
const PARK_AFTER_MS = 10_000

/** After every turn: the run ends here, is given up until it is due, or its next timer is set. */
export function parkOrArm(run: ActiveRun, wake: () => void): void {
  run.cancelTimer?.()
  run.cancelTimer = undefined
  const { state, deps } = run
  if (isFinal(state.status)) {
    giveUp(run, endPatch(state))
    return
  }
  const next = nextDue(run)
  const inMs = next === undefined ? Number.POSITIVE_INFINITY : next - deps.clock.now()
  if (inMs > PARK_AFTER_MS && isWaiting(run)) {
    const status = state.status === 'paused' ? 'paused' : 'waiting'
    giveUp(run, { status, owner: null, wakeAt: next ?? null })
  } else if (next !== undefined) {
    run.cancelTimer = deps.clock.after(Math.max(0, inMs), () => onTimer(run, wake))
  }
}

/** Ends this worker's part; the run leaves memory when that is committed. */
function giveUp(run: ActiveRun, patch: RunPatch): void {
  if (run.isLeaving) return
  run.isLeaving = true
  record(run, [], { patch, after: () => leave(run, { kind: 'done' }) })
}

/** Whether nothing happens until time passes or a signal comes. */
function isWaiting({ state, busy, isFinishing, isShort }: ActiveRun): boolean {
  if (state.running > 0 || busy.size > 0 || isFinishing) return false
  if (state.status === 'paused') return true
  if (state.status === 'compensating') return state.undoing?.dueAt !== undefined
  if (state.status === 'cancelling' || state.status === 'stopping') return state.active.size > 0
  return state.status === 'running' && state.active.size > 0 && (isShort || !mayBegin(state))
}

/** Whether a step that is ready may begin: after a failure none does. */
function mayBegin({ ready, failure, workflow }: ActiveRun['state']): boolean {
  return ready.length > 0 && (failure === undefined || !workflow.isFailFast)
}

/** When something of the run is due next; `undefined`: only a signal can move it. */
function nextDue({ state }: ActiveRun): EpochMs | undefined {
  if (state.status === 'compensating') return state.undoing?.dueAt
  if (state.status !== 'running') return undefined
  let next = Number.POSITIVE_INFINITY
  const { timeoutMs } = state.workflow
  if (timeoutMs !== undefined) next = (state.startedAt ?? 0) + timeoutMs
  if (state.active.size > state.running) {
    for (const { phase, dueAt } of state.active.values()) {
      if (phase !== 'running' && dueAt !== undefined) next = Math.min(next, dueAt)
    }
  }
  return Number.isFinite(next) ? next : undefined
}

function onTimer(run: ActiveRun, wake: () => void): void {
  if (!run.isHere) return
  const { state, deps } = run
  const now = deps.clock.now()
  if (state.status === 'running') {
    stopWhenOverdue(run, now)
    for (const unit of dueWaits(run, now)) record(run, decideDue(state, unit, now))
  }
  wake()
}

function stopWhenOverdue(run: ActiveRun, now: EpochMs): void {
  const { state } = run
  const { timeoutMs } = state.workflow
  if (timeoutMs === undefined || now < (state.startedAt ?? 0) + timeoutMs) return
  const error = toErrorRecord(new RunTimeoutError(timeoutMs))
  record(run, [{ kind: 'run.stopping', data: { error } }])
  for (const [key, stop] of run.stops) {
    stop.stop(new StepAbortedError(key, 'the run took too long'))
  }
}

function dueWaits({ state }: ActiveRun, now: EpochMs): readonly Unit[] {
  return [...state.active.values()].filter(
    ({ phase, dueAt }) => phase === 'waiting' && dueAt !== undefined && dueAt <= now,
  )
}
