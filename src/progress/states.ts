import { hasEnded } from './change.ts'
import type { StepRunState, WorkflowState } from './schema.ts'
import type { ProgressStatus, RunView, StepStatus, StepView } from './view.ts'

/** A step that could begin and has not for this long has no slot: beginning takes no time. */
const STARTS_WITHIN_MS = 1_000

/** The code of the failure of a run that took longer than its definition allows. */
const RUN_TIMEOUT = 'workflow.run-timeout'

/**
 * Where a run is, in the ten words that other systems use.
 *
 * @remarks `completing`: nothing new begins, and it comes to its end: its last step has ended, or
 * it is being stopped, cancelled or undone; `view.status` says which.
 */
export function workflowState(view: RunView): WorkflowState {
  const { status, failure } = view
  if (status === 'running') return runningState(view)
  if (status === 'failed' && failure?.error.code === RUN_TIMEOUT) return 'timeout'
  return STATES[status]
}

const STATES: Readonly<Record<Exclude<ProgressStatus, 'running'>, WorkflowState>> = {
  scheduled: 'not_started',
  queued: 'not_started',
  waiting: 'waiting',
  paused: 'paused',
  stopping: 'completing',
  cancelling: 'completing',
  compensating: 'completing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

function runningState({ steps }: RunView): WorkflowState {
  if (steps.every(hasEnded)) return 'completing'
  const isBegun = steps.some(
    (step) => hasEnded(step) || step.startedAt !== undefined || step.items !== undefined,
  )
  return isBegun ? 'running' : 'initializing'
}

/**
 * Where a step is, in the ten words that other systems use.
 *
 * @remarks `waiting_dependency`: for a step it needs, or for what is not the platform's: a time, a
 * signal, an answer. `waiting_resource`: for a worker of the queue, or for a slot. `completing`: the
 * last of its items are under way, or it is being undone. What ran when the run was stopped counts
 * as `failed`, what was undone as `completed`; `step.status` tells them apart.
 */
export function stepState(view: RunView, step: StepView): StepRunState {
  const { status, waitingFor } = step
  if (status === 'pending') return isUnderWay(view) ? 'waiting_dependency' : 'pending'
  if (status === 'ready') return readyState(view, step)
  if (status === 'waiting' && waitingFor?.for === 'task') return 'waiting_resource'
  const isAtWork = status === 'running' || status === 'repeating'
  return isAtWork && isLastItems(step) ? 'completing' : STEP_STATES[status]
}

const STEP_STATES: Readonly<Record<Exclude<StepStatus, 'pending' | 'ready'>, StepRunState>> = {
  running: 'executing',
  repeating: 'executing',
  waiting: 'waiting_dependency',
  retrying: 'retrying',
  interrupted: 'pending',
  completed: 'completed',
  failed: 'failed',
  skipped: 'skipped',
  stopped: 'failed',
  undoing: 'completing',
  undone: 'completed',
}

function isUnderWay({ status }: RunView): boolean {
  return status === 'running' || status === 'waiting'
}

function readyState(view: RunView, { since }: StepView): StepRunState {
  if (!isUnderWay(view)) return 'pending'
  const isFull = view.tally.running >= view.graph.concurrency
  const readyMs = view.at - (since ?? view.startedAt ?? view.at)
  return isFull || readyMs > STARTS_WITHIN_MS ? 'waiting_resource' : 'starting'
}

/** Whether every item has begun, and some have ended. */
function isLastItems({ items }: StepView): boolean {
  if (items === undefined) return false
  const ended = items.done + items.failed
  return ended > 0 && ended + items.active >= items.total
}
