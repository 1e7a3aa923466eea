import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import { ok, refuse, type Result } from '../../kernel/result.ts'
import type { RetryPlan } from '../definition/compiled.ts'

import { type RunEvent, type UnitRef, unitKey, unitRef } from './events.ts'
import { costOf, type Failure, retryAt } from './outcome.ts'
import { isFinal, type RunState, type Undoable } from './state.ts'

/** A unit during which this many workers were lost is taken to be what kills them. */
export const MAX_CRASHES = 5

/** What a person or program asks of a run. */
export type Control =
  | { readonly action: 'cancel'; readonly by: string; readonly reason?: string }
  | { readonly action: 'pause'; readonly by: string }
  | { readonly action: 'interrupt'; readonly by: string }
  | { readonly action: 'resume'; readonly by: string; readonly budget?: bigint }

/** Why a request makes no sense for a run as it is. */
export interface ControlRefusal extends ErrorRecord {
  readonly code: 'workflow.not-possible'
}

/** The events of a request; none when the run is in that state already. */
export function decideControl(
  state: RunState,
  control: Control,
): Result<readonly RunEvent[], ControlRefusal> {
  switch (control.action) {
    case 'cancel':
      return decideCancel(state, control)
    case 'pause':
    case 'interrupt':
      return decidePause(state, control)
    case 'resume':
      return decideResume(state, control)
    default:
      throw new TypeError(`unknown request ${JSON.stringify(control)}`)
  }
}

function decideCancel(
  { status }: RunState,
  { by, reason }: Extract<Control, { action: 'cancel' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  if (status === 'cancelling' || status === 'cancelled') return ok([])
  if (isFinal(status)) return refuse(notPossible('cancel', status))
  if (status === 'compensating' || status === 'stopping')
    return refuse(notPossible('cancel', status))
  return ok([{ kind: 'run.cancelling', data: { by, ...(reason !== undefined && { reason }) } }])
}

function decidePause(
  { status, pause }: RunState,
  { action, by }: Extract<Control, { action: 'pause' | 'interrupt' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const reason = action === 'pause' ? 'request' : 'interrupt'
  if (status === 'paused' && (pause === reason || action === 'pause')) return ok([])
  if (status !== 'running' && status !== 'created' && status !== 'paused') {
    return refuse(notPossible(action, status))
  }
  return ok([{ kind: 'run.paused', data: { reason, by } }])
}

function decideResume(
  state: RunState,
  { by, budget }: Extract<Control, { action: 'resume' }>,
): Result<readonly RunEvent[], ControlRefusal> {
  const more = budget !== undefined && budget > state.budget && { budget: budget.toString() }
  if (state.status === 'paused') {
    return ok([{ kind: 'run.resumed', data: { reason: 'request', by, ...more } }])
  }
  if (state.status !== 'failed') {
    return state.status === 'running' ? ok([]) : refuse(notPossible('resume', state.status))
  }
  if (state.parent !== undefined) {
    return refuse({
      ...notPossible('resume', 'failed'),
      message: 'a run that was started by a step is resumed with the run it belongs to',
      hint: `prsm resume ${state.parent.run}`,
    })
  }
  if (state.undoFailures.length > 0 || state.undoing !== undefined || wasUndone(state)) {
    return refuse({
      ...notPossible('resume', 'failed'),
      message: 'the run was undone after its failure, so there is nothing to resume from',
      hint: 'start a new run',
    })
  }
  return ok([{ kind: 'run.resumed', data: { reason: 'redrive', by, ...more } }])
}

/** Whether completed units were compensated: they would be missing from a resumed run. */
function wasUndone({ workflow, steps, undoable }: RunState): boolean {
  if (undoable.length > 0) return false
  return [...workflow.steps.values()].some(
    ({ name, compensate }) => compensate !== undefined && steps.get(name)?.status === 'completed',
  )
}

function notPossible(action: Control['action'], status: string): ControlRefusal {
  return {
    code: 'workflow.not-possible',
    message: `cannot ${action} a run that is ${status}`,
    details: { action, status },
  }
}

/** The events when a worker takes a run which its last owner gave up while units ran. */
export function decideHandover(worker: string): readonly RunEvent[] {
  return [{ kind: 'run.resumed', data: { reason: 'handover', worker } }]
}

/** The events when another worker takes over a run whose owner is gone. */
export function decideTakeover(state: RunState, worker: string): readonly RunEvent[] {
  const poisoned = [...state.active.values()].filter(
    ({ phase, crashes }) => phase === 'running' && crashes + 1 >= MAX_CRASHES,
  )
  return [
    { kind: 'run.resumed', data: { reason: 'takeover', worker } },
    ...poisoned.map((unit): RunEvent => ({
      kind: 'step.failed',
      data: {
        ...unitRef(unit),
        error: workerLost(unit),
      },
    })),
  ]
}

/** What a unit fails with that is taken to be what kills workers. */
export function workerLost(ref: UnitRef): ErrorRecord {
  return {
    code: 'workflow.worker-lost',
    message: `${MAX_CRASHES} workers were lost while they ran step "${unitKey(ref)}"`,
    hint: 'the step may exhaust memory or end the process; run it alone, then resume the run',
  }
}

/** What the run as a whole is ready for. */
export type NextMove =
  /** Units can begin, run or wait. */
  | { readonly kind: 'work' }
  /** Every step has ended: the output is to be computed. */
  | { readonly kind: 'finish' }
  /** The run is to end, and these children and queued units with it; it waits for them. */
  | {
      readonly kind: 'recall'
      readonly children: readonly string[]
      readonly tasks: readonly string[]
    }
  /** The next unit is to be undone; `dueAt` may lie in the future. */
  | {
      readonly kind: 'undo'
      readonly ref: Undoable
      readonly attempt: number
      readonly dueAt: EpochMs
    }
  /** These events are due. */
  | { readonly kind: 'events'; readonly events: readonly RunEvent[] }

/** What comes next for the run; `isBusy` tells that the host is preparing units. */
export function nextMove(state: RunState, isBusy: boolean): NextMove {
  const { status, failure, running } = state
  if (status === 'compensating') return nextUndo(state)
  if (running > 0 || isBusy) return { kind: 'work' }
  if (status === 'cancelling' || status === 'stopping') return windOrRecall(state)
  if (status !== 'running') return { kind: 'work' }
  if (failure === undefined) {
    return state.settled === state.steps.size ? { kind: 'finish' } : { kind: 'work' }
  }
  const isOver = state.workflow.isFailFast || (state.ready.length === 0 && state.active.size === 0)
  return isOver ? windOrRecall(state) : { kind: 'work' }
}

function windOrRecall(state: RunState): NextMove {
  const active = [...state.active.values()]
  const children = active.flatMap(({ waiting }) => waiting?.child ?? [])
  const tasks = active.flatMap(({ waiting }) => waiting?.task ?? [])
  return children.length + tasks.length > 0
    ? { kind: 'recall', children, tasks }
    : { kind: 'events', events: [wind(state)] }
}

/** The way down: undo what can be undone, or end. */
function wind(state: RunState): RunEvent {
  const units = state.undoable.length
  return units > 0 ? { kind: 'run.compensating', data: { units } } : end(state)
}

function end({ failure, spent, isCancelled }: RunState): RunEvent {
  const cost = spent.toString()
  if (failure === undefined || isCancelled) return { kind: 'run.cancelled', data: { cost } }
  const { step, error } = failure
  return { kind: 'run.failed', data: { error, cost, ...(step !== undefined && { step }) } }
}

function nextUndo(state: RunState): NextMove {
  const { undoing } = state
  if (undoing !== undefined) {
    // While it runs there is no due time, and nothing to do but wait for it.
    if (undoing.dueAt === undefined) return { kind: 'work' }
    return { kind: 'undo', ref: undoing.ref, attempt: undoing.attempt + 1, dueAt: undoing.dueAt }
  }
  const ref = state.undoable.at(-1)
  if (ref === undefined) return { kind: 'events', events: [end(state)] }
  return { kind: 'undo', ref, attempt: 1, dueAt: 0 }
}

/** The event that ends a successful run. */
export function decideFinish({ spent }: RunState, output: RunEventOutput): readonly RunEvent[] {
  return [{ kind: 'run.completed', data: { output, cost: spent.toString() } }]
}

type RunEventOutput = Extract<RunEvent, { kind: 'run.completed' }>['data']['output']

/** The events of a failed try to undo a unit. */
export function decideUndoFailure(
  state: RunState,
  plan: RetryPlan,
  failure: Failure,
): readonly RunEvent[] {
  const { undoing } = state
  if (undoing === undefined) return []
  const { ref, attempt } = undoing
  const { error } = failure
  const dueAt = retryAt(plan, attempt, failure)
  return dueAt === undefined
    ? [{ kind: 'undo.failed', data: { ...unitRef(ref), error, ...costOf(failure) } }]
    : [
        {
          kind: 'undo.retrying',
          data: { ...unitRef(ref), attempt, error, dueAt, ...costOf(failure) },
        },
      ]
}

/** Whether a try that may cost `bound` fits into what is left of the budget. */
export function fitsBudget({ budget, spent, reserved, hold }: RunState, bound: bigint): boolean {
  return bound === 0n || (hold !== undefined && spent + reserved + bound <= budget)
}
