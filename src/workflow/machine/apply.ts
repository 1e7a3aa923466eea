import type { EpochMs } from '../../kernel/clock.ts'
import { assertNever } from '../../kernel/result.ts'
import { classifyFailure } from '../rollback/classify.ts'

import { applyStepEvent, type StepEvent } from './apply-step.ts'
import { applyUndoEvent, restartUndoing, type UndoEvent } from './apply-undo.ts'
import type { ResumeReason, RunEvent, RunEventOf } from './events.ts'
import { applyIncidentEvent, type IncidentEvent } from './incidents.ts'
import { resetSteps } from './reset.ts'
import type { Letter, RunState } from './state.ts'
import { openUndo } from './undo-plan.ts'
import { dropUnit, putReady, putUnit } from './units.ts'

/** Folds one event into the state, in place. `at` is when it happened. */
export function applyEvent(state: RunState, event: RunEvent, at: EpochMs): void {
  state.version++
  if (isStepEvent(event)) applyStepEvent(state, event, at)
  else if (isUndoEvent(event)) applyUndoEvent(state, event)
  else if (isIncidentEvent(event)) applyIncidentEvent(state, event)
  else if (isRollbackEvent(event)) applyRollbackEvent(state, event)
  else if (event.kind === 'signal.received') state.mailbox.push(letterOf(event.data))
  else applyRunEvent(state, event, at)
}

type RollbackEvent = RunEventOf<'rollback.acted' | 'rollback.ended'>
type WholeRunEvent = Exclude<
  RunEvent,
  StepEvent | UndoEvent | IncidentEvent | RollbackEvent | RunEventOf<'signal.received'>
>

function applyRunEvent(state: RunState, event: WholeRunEvent, at: EpochMs): void {
  switch (event.kind) {
    case 'run.created':
      return created(state, event.data, at)
    case 'run.started':
      return started(state, at)
    case 'run.resumed':
      return resumed(state, event.data, at)
    case 'run.paused':
      state.status = 'paused'
      state.pause = event.data.reason
      return undefined
    case 'run.upgraded':
      return upgraded(state, event.data)
    case 'run.stopping':
      return stopping(state, event.data)
    case 'run.cancelling':
      return cancelling(state)
    case 'run.compensating':
      return compensating(state, event.data)
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return ended(state, event, at)
    default:
      return assertNever(event)
  }
}

function isStepEvent(event: RunEvent): event is StepEvent {
  return event.kind.startsWith('step.')
}

function isUndoEvent(event: RunEvent): event is UndoEvent {
  return event.kind.startsWith('undo.') || event.kind.startsWith('clean.')
}

function isRollbackEvent(event: RunEvent): event is RollbackEvent {
  return event.kind.startsWith('rollback.')
}

function isIncidentEvent(event: RunEvent): event is IncidentEvent {
  return event.kind.startsWith('incident.')
}

function created(state: RunState, data: RunEventOf<'run.created'>['data'], at: EpochMs): void {
  state.inputs = data.inputs
  state.budget = BigInt(data.budget)
  state.hold = data.hold
  state.parent = data.parent
  state.terms = data.terms
  state.forkedFrom = data.forkedFrom
  state.createdAt = at
  state.scheduledAt = data.scheduledAt
}

/** Whatever ran when the last owner stopped is begun again, at once. What was never stopped goes on. */
function resumed(state: RunState, data: RunEventOf<'run.resumed'>['data'], at: EpochMs): void {
  if (data.budget !== undefined) state.budget = BigInt(data.budget)
  if (data.hold !== undefined) holdAnew(state, data.hold)
  if (data.reason !== 'request' || state.pause === 'interrupt') beginAgain(state, data.reason, at)
  restartUndoing(state, at, data.reason === 'takeover')
  if (data.reason === 'redrive') redriven(state)
  if (data.reason === 'request' || data.reason === 'redrive') {
    state.pause = undefined
    state.status = 'running'
  }
}

/** What is left of the budget was set aside anew. */
function holdAnew(state: RunState, hold: string): void {
  state.hold = hold
  state.spentBefore = state.spent
}

function beginAgain(state: RunState, reason: ResumeReason, at: EpochMs): void {
  for (const unit of state.active.values()) {
    if (unit.phase !== 'running') continue
    if (state.status === 'cancelling') {
      // Nothing begins any more, and nobody is left who could say how it ended.
      dropUnit(state, unit)
      continue
    }
    const crashes = unit.crashes + (reason === 'takeover' ? 1 : 0)
    // Nothing is set aside for it until it begins again.
    putUnit(state, { ...unit, phase: 'retrying', crashes, dueAt: at, bound: 0n })
  }
}

/** Failed steps and items may begin again; finished ones keep their results. */
function redriven(state: RunState): void {
  state.failure = undefined
  state.endedAt = undefined
  state.undo = undefined
  state.hasGivenUp = false
  state.redrives++
  for (const [name, step] of state.steps) {
    const isBlocked = step.status === 'skipped' && step.needsLeft > 0
    if (step.status !== 'failed' && !isBlocked) continue
    step.error = undefined
    step.status = 'pending'
    state.settled--
    if (step.items !== undefined) step.items.again.push(...step.items.failed.splice(0))
    if (step.needsLeft === 0) putReady(state, name)
  }
}

function upgraded(state: RunState, { without, inputs }: RunEventOf<'run.upgraded'>['data']): void {
  state.without = without
  if (inputs !== undefined) state.inputs = inputs
}

function started(state: RunState, at: EpochMs): void {
  state.status = 'running'
  state.startedAt ??= at
}

function stopping(state: RunState, { error }: RunEventOf<'run.stopping'>['data']): void {
  state.failure ??= { step: undefined, error, kind: classifyFailure(error), strategy: undefined }
  state.status = 'stopping'
  state.pause = undefined
}

function compensating(
  state: RunState,
  { strategy, to, hold }: RunEventOf<'run.compensating'>['data'],
): void {
  state.status = 'compensating'
  state.pause = undefined
  state.endedAt = undefined
  if (hold !== undefined) holdAnew(state, hold)
  // Before there were strategies, everything was undone and its results were kept.
  const isReported = strategy !== undefined
  state.undo = openUndo(state, { strategy: strategy ?? 'compensate_only', to, isReported })
}

function applyRollbackEvent(state: RunState, event: RollbackEvent): void {
  if (event.kind === 'rollback.ended') return
  const { action, steps = [] } = event.data
  if (action === 'restore_state' || action === 'reset_dependencies') resetSteps(state, steps)
}

/** Nothing new begins, and what only waits is dropped; what runs is aborted by the host. */
function cancelling(state: RunState): void {
  state.status = 'cancelling'
  state.isCancelled = true
  state.pause = undefined
  // A child run is waited for, and so is a worker: both are paid from this run, which must not end
  // before them.
  const idle = [...state.active.values()].filter(
    ({ phase, waiting }) =>
      phase !== 'running' && waiting?.child === undefined && waiting?.task === undefined,
  )
  for (const unit of idle) dropUnit(state, unit)
}

type EndEvent = RunEventOf<'run.completed'> | RunEventOf<'run.failed'> | RunEventOf<'run.cancelled'>

function ended(state: RunState, event: EndEvent, at: EpochMs): void {
  const status = {
    'run.completed': 'completed',
    'run.failed': 'failed',
    'run.cancelled': 'cancelled',
  } as const
  state.status = status[event.kind]
  state.endedAt = at
  if (event.kind === 'run.completed') state.output = event.data.output
}

function letterOf({
  signal,
  step,
  index,
  payload,
  by,
}: RunEventOf<'signal.received'>['data']): Letter {
  return { signal, step, index, payload, by }
}
