import {
  cleanUnits,
  end,
  finishRollback,
  type UndoUnit,
  undoUnits,
  wind,
} from './decide-rollback.ts'
import { lostUndoings, MAX_CRASHES, workerLost } from './decide-undo.ts'
import { type RunEvent, unitRef } from './events.ts'
import { judgeFailure } from './failing.ts'
import type { RunState } from './state.ts'

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
    ...poisoned.map((unit): RunEvent => {
      const error = workerLost(unit)
      const { failure, strategy } = judgeFailure(state, unit, { error })
      return { kind: 'step.failed', data: { ...unitRef(unit), error, failure, strategy } }
    }),
    ...lostUndoings(state),
  ]
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
  /** These units are to be undone, or what they leave removed; none: wait for those in progress. */
  | { readonly kind: 'undo'; readonly units: readonly UndoUnit[] }
  /** These events are due. */
  | { readonly kind: 'events'; readonly events: readonly RunEvent[] }

/** What comes next for the run; `isBusy` tells that the host is preparing units. */
export function nextMove(state: RunState, isBusy: boolean): NextMove {
  const { status, failure, running } = state
  if (status === 'compensating') return nextUndo(state)
  if (running > 0 || isBusy) return { kind: 'work' }
  if (status === 'cancelling' || status === 'stopping') return windOrRecall(state)
  if (status !== 'running') return { kind: 'work' }
  if (failure === undefined) return nextOfGood(state)
  const isOver = state.workflow.isFailFast || (state.ready.length === 0 && state.active.size === 0)
  return isOver ? windOrRecall(state) : { kind: 'work' }
}

function nextOfGood(state: RunState): NextMove {
  if (state.settled < state.steps.size) return { kind: 'work' }
  return leavingsFirst(state) ?? { kind: 'finish' }
}

function windOrRecall(state: RunState): NextMove {
  const active = [...state.active.values()]
  const children = active.flatMap(({ waiting }) => waiting?.child ?? [])
  const tasks = active.flatMap(({ waiting }) => waiting?.task ?? [])
  if (children.length + tasks.length > 0) return { kind: 'recall', children, tasks }
  const events = wind(state)
  const isLast = events.some(({ kind }) => kind === 'run.failed' || kind === 'run.cancelled')
  return (isLast ? leavingsFirst(state) : undefined) ?? { kind: 'events', events }
}

/** Before a run ends, what its steps have left is removed. */
function leavingsFirst(state: RunState): NextMove | undefined {
  if (state.leavings.size === 0 && state.cleaning.size === 0) return undefined
  const units = cleanUnits(state)
  return units.length > 0 || state.cleaning.size > 0 ? { kind: 'undo', units } : undefined
}

function nextUndo(state: RunState): NextMove {
  const { undo } = state
  if (undo === undefined) return { kind: 'events', events: end(state) }
  if (undo.active.size > 0 || undo.ready.length > 0)
    return { kind: 'undo', units: undoUnits(state, undo) }
  return leavingsFirst(state) ?? { kind: 'events', events: finishRollback(state, undo) }
}

/** The event that ends a successful run. */
export function decideFinish({ spent }: RunState, output: RunEventOutput): readonly RunEvent[] {
  return [{ kind: 'run.completed', data: { output, cost: spent.toString() } }]
}

type RunEventOutput = Extract<RunEvent, { kind: 'run.completed' }>['data']['output']

/** Whether a try that may cost `bound` fits into what is left of the budget. */
export function fitsBudget({ budget, spent, reserved, hold }: RunState, bound: bigint): boolean {
  return bound === 0n || (hold !== undefined && spent + reserved + bound <= budget)
}
