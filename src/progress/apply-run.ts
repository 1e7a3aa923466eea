import type { EpochMs } from '../kernel/clock.ts'
import { isJsonObject } from '../kernel/json.ts'
import { toMicroFtns } from '../kernel/money.ts'

import type { Fold } from './apply-step.ts'
import { hasEnded, inState, putStep, recounted, settled } from './change.ts'
import { amountIn, errorIn, type ProgressEvent, textIn } from './event.ts'
import { NO_UNITS, restart } from './units.ts'
import type { PauseView, ProgressStatus, RunView, StepView } from './view.ts'

/** The folds of events of the run as a whole, by kind. */
export const RUN_FOLDS: Readonly<Record<string, Fold>> = {
  'run.created': created,
  'run.started': (view, { at }) => ({
    ...view,
    status: 'running',
    startedAt: view.startedAt ?? at,
  }),
  'run.resumed': resumed,
  'run.paused': paused,
  'run.stopping': stopping,
  'run.cancelling': cancelling,
  'run.compensating': (view) => ({ ...view, status: 'compensating' }),
  'run.completed': completed,
  'run.failed': failed,
  'run.cancelled': (view, event) => ended(view, event, 'cancelled'),
}

function created(view: RunView, { data, at }: ProgressEvent): RunView {
  const { parent, forkedFrom } = data
  return {
    ...view,
    name: textIn(data, 'name') ?? view.name,
    budget: toMicroFtns(amountIn(data, 'budget') ?? 0n),
    parent: isJsonObject(parent) ? textIn(parent, 'run') : undefined,
    forkedFrom: isJsonObject(forkedFrom) ? textIn(forkedFrom, 'run') : undefined,
    createdAt: at,
  }
}

/** Whatever ran when the last worker stopped is begun again; time that was lost is not work. */
function resumed(view: RunView, { data, at }: ProgressEvent): RunView {
  const lostMs = standstillMs(view, at)
  const isRedrive = data['reason'] === 'redrive'
  const isRequest = data['reason'] === 'request'
  let next: RunView = {
    ...view,
    budget: toMicroFtns(amountIn(data, 'budget') ?? view.budget),
    tally: { ...view.tally, pausedAt: undefined, pausedMs: view.tally.pausedMs + lostMs },
  }
  if (isRedrive) next = { ...next, failure: undefined, endedAt: undefined }
  // A pause lets what runs run on; only an interrupt stops it.
  const wentOn = isRequest && view.pause?.reason !== 'interrupt'
  for (const step of view.steps) {
    const again = isRedrive ? redriven(step, at) : step
    const isRunning = again.units.running > 0
    if (isRunning ? wentOn : hasEnded(again)) continue
    next = putStep(next, restarted(later(again, lostMs), at))
  }
  return isRedrive || isRequest ? { ...next, status: 'running', pause: undefined } : next
}

function standstillMs({ tally, endedAt }: RunView, at: number): number {
  return Math.max(0, at - (tally.pausedAt ?? endedAt ?? at))
}

function later(step: StepView, ms: number): StepView {
  const { startedAt } = step
  return { ...step, startedAt: startedAt === undefined ? undefined : startedAt + ms }
}

function restarted(step: StepView, at: EpochMs): StepView {
  if (step.units.running === 0 && step.status !== 'interrupted') return step
  return recounted(settled({ ...step, units: restart(step.units) }, at), {})
}

/** Failed steps and items may begin again, and what waited still does; results are kept. */
function redriven(step: StepView, at: EpochMs): StepView {
  const isBlocked = step.status === 'skipped' && step.skipReason === 'needs'
  const isUndone = step.status === 'undone'
  const mayBegin = step.status === 'failed' || step.status === 'stopped' || isBlocked || isUndone
  if (!mayBegin) return step
  const blank = { ...step, error: undefined, ms: undefined, skipReason: undefined }
  return settled(recounted(blank, { failed: 0 }), at)
}

const PAUSES: readonly PauseView['reason'][] = ['budget', 'interrupt', 'incident', 'rollback']

function paused(view: RunView, { data, at }: ProgressEvent): RunView {
  const told = textIn(data, 'reason')
  const reason = PAUSES.find((each) => each === told) ?? 'request'
  const needed = amountIn(data, 'needed')
  const pause = { reason, needed: needed === undefined ? undefined : toMicroFtns(needed) }
  let next: RunView = {
    ...view,
    status: 'paused',
    pause,
    tally: { ...view.tally, pausedAt: view.tally.pausedAt ?? at },
  }
  if (reason !== 'interrupt') return next
  for (const step of view.steps) {
    if (step.units.running > 0) next = putStep(next, inState(step, 'interrupted', at))
  }
  return next
}

function stopping(view: RunView, { data }: ProgressEvent): RunView {
  const error = errorIn(data, 'error')
  const failure = view.failure ?? (error && { step: undefined, error })
  return { ...view, status: 'stopping', pause: undefined, failure }
}

/** Nothing new begins, and what only waits is dropped; what runs is stopped and says so. */
function cancelling(view: RunView, { at }: ProgressEvent): RunView {
  let next: RunView = { ...view, status: 'cancelling', pause: undefined }
  for (const step of view.steps) {
    const { running } = step.units
    if (hasEnded(step) || step.startedAt === undefined) continue
    const units = { ...NO_UNITS, running }
    const left = recounted({ ...step, units, waitingFor: undefined }, {})
    next = putStep(next, running > 0 ? settled(left, at) : stopped(left, at))
  }
  return next
}

/** Its units stay as they are: a failed run may be resumed, and what waited waits on. */
function stopped(step: StepView, at: EpochMs): StepView {
  const ms = step.startedAt === undefined ? undefined : at - step.startedAt
  return { ...inState(step, 'stopped', at), ms }
}

function completed(view: RunView, event: ProgressEvent): RunView {
  const output = event.data['output'] ?? null
  return { ...ended(view, event, 'completed'), percent: 100, output, failure: undefined }
}

function failed(view: RunView, event: ProgressEvent): RunView {
  const { data } = event
  const error = errorIn(data, 'error')
  const next = ended(view, event, 'failed')
  if (error === undefined) return next
  return { ...next, failure: { step: textIn(data, 'step'), error } }
}

/** Nothing is in progress any more; what the run cost in all is known for certain. */
function ended(view: RunView, { data, at }: ProgressEvent, status: ProgressStatus): RunView {
  const cost = amountIn(data, 'cost') ?? view.cost
  const { pausedAt, pausedMs } = view.tally
  const lostMs = pausedAt === undefined ? 0 : Math.max(0, at - pausedAt)
  let next: RunView = {
    ...view,
    status,
    cost: toMicroFtns(cost),
    pause: undefined,
    endedAt: at,
    tally: { ...view.tally, pausedAt: undefined, pausedMs: pausedMs + lostMs },
  }
  for (const step of view.steps) {
    if (!hasEnded(step) && step.startedAt !== undefined) next = putStep(next, stopped(step, at))
  }
  return next
}
