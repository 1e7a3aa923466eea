import type { EpochMs } from '../../kernel/clock.ts'
import type { Json } from '../../kernel/json.ts'
import { assertNever } from '../../kernel/result.ts'
import { isRefusal } from '../retry.ts'
import { classifyFailure } from '../rollback/classify.ts'

import {
  type RunEvent,
  type RunEventOf,
  type UnitRef,
  unitKey,
  unitRef,
  type WaitingFor,
} from './events.ts'
import { learn } from './learn.ts'
import { pay } from './pay.ts'
import type { Items, RunState, Unit } from './state.ts'
import { dropReady, dropUnit, putUnit, releaseDependents, stepState } from './units.ts'

/** The events of a step. */
export type StepEvent = Extract<RunEvent, { readonly kind: `step.${string}` }>

/** Folds an event of a step. */
export function applyStepEvent(state: RunState, event: StepEvent, at: EpochMs): void {
  switch (event.kind) {
    case 'step.skipped':
      return skipped(state, event.data)
    case 'step.expanded':
      return expanded(state, event.data)
    case 'step.adopted':
      return adopted(state, event.data)
    case 'step.started':
    case 'step.waiting':
      return begun(state, event, at)
    case 'step.assigned':
      return assigned(state, event.data)
    case 'step.retrying':
      pay(state, event.data)
      return retrying(state, event.data)
    case 'step.repeating': {
      const { pass, output, dueAt } = event.data
      pay(state, event.data)
      return again(state, event.data, {
        phase: 'repeating',
        dueAt,
        bound: 0n,
        pass,
        previous: output,
        attempt: 0,
        refusals: 0,
        // A pass that ends has not killed its worker.
        crashes: 0,
      })
    }
    case 'step.completed':
      pay(state, event.data)
      return completed(state, event.data, at)
    case 'step.failed':
      pay(state, event.data)
      return failed(state, event.data, at)
    default:
      return assertNever(event)
  }
}

function skipped(
  state: RunState,
  { step: name, reason }: RunEventOf<'step.skipped'>['data'],
): void {
  const step = stepState(state, name)
  dropReady(state, name)
  step.status = 'skipped'
  state.settled++
  // A step that is left out blocks nobody; one whose needs failed blocks its dependents.
  if (reason !== 'needs') releaseDependents(state, name)
}

function expanded(
  state: RunState,
  { step: name, count }: RunEventOf<'step.expanded'>['data'],
): void {
  const step = stepState(state, name)
  step.items = { count, next: 0, done: 0, active: 0, outputs: [], failed: [], again: [] }
  if (count === 0) settleItems(state, name, step.items)
}

/** Nothing is to be undone for it: its effects belong to the run it comes from. */
function adopted(
  state: RunState,
  { step: name, index, output, error }: RunEventOf<'step.adopted'>['data'],
): void {
  const step = stepState(state, name)
  const { items } = step
  step.error = error
  if (items === undefined || index === undefined) {
    dropReady(state, name)
    step.output = output
    settle(state, name)
    return
  }
  items.outputs[index] = output
  passTo(items, index)
  items.done++
  if (items.done === items.count) settleItems(state, name, items)
}

/** The item is begun, or done elsewhere. Those before it that are not are still to begin. */
function passTo(items: Items, index: number): void {
  for (let left = items.next; left < index; left++) items.again.push(left)
  items.next = Math.max(items.next, index + 1)
}

function begun(
  state: RunState,
  { kind, data }: RunEventOf<'step.started'> | RunEventOf<'step.waiting'>,
  at: EpochMs,
): void {
  const known = state.active.get(unitKey(data))
  if (known === undefined) {
    entered(state, data)
    leave(state, data, { output: null, at: undefined })
  }
  const { crashes, recoveries, previous, refusals = 0 } = known ?? NEW_UNIT
  const { step, index, attempt, pass = 1, bound } = data
  const waiting = kind === 'step.waiting' ? waitOf(data) : undefined
  putUnit(state, {
    step,
    index,
    phase: waiting === undefined ? 'running' : 'waiting',
    attempt,
    pass,
    crashes,
    recoveries,
    bound: bound === undefined ? 0n : BigInt(bound),
    previous,
    since: at,
    dueAt: waiting?.dueAt,
    waiting,
    ...(refusals > 0 && { refusals }),
  })
}

const NEW_UNIT: Pick<Unit, 'crashes' | 'recoveries' | 'previous' | 'refusals'> = {
  crashes: 0,
  recoveries: 0,
  previous: null,
}

interface LeavingAt {
  readonly output: Json
  /** When the unit ended; `undefined`: it has begun. */
  readonly at: EpochMs | undefined
}

/** What a unit leaves is to be removed, from before it can have left anything. */
function leave(state: RunState, ref: UnitRef, { output, at }: LeavingAt): void {
  if (!state.workflow.hasCleanup) return
  const { cleanup } = state.workflow.steps.get(ref.step) ?? {}
  if (cleanup === undefined) return
  const isLeased = at !== undefined && cleanup.afterMs !== undefined
  const dueAt = isLeased ? at + (cleanup.afterMs ?? 0) : undefined
  const unit = unitRef(ref)
  state.leavings.set(unitKey(unit), { ...unit, output, dueAt })
}

function retrying(state: RunState, data: RunEventOf<'step.retrying'>['data']): void {
  const { recoveries = 0, refusals = 0 } = state.active.get(unitKey(data)) ?? {}
  again(state, data, {
    phase: 'retrying',
    dueAt: data.dueAt,
    bound: 0n,
    ...(isRefusal(data.error.code) && { refusals: refusals + 1 }),
    ...(data.strategy !== undefined && { recoveries: recoveries + 1 }),
  })
}

function waitOf({
  for: what,
  dueAt,
  signal,
  child,
  task,
}: RunEventOf<'step.waiting'>['data']): WaitingFor {
  return {
    for: what,
    ...(dueAt !== undefined && { dueAt }),
    ...(signal !== undefined && { signal }),
    ...(child !== undefined && { child }),
    ...(task !== undefined && { task }),
  }
}

/** A unit begins for the first time. */
function entered(state: RunState, { step: name, index }: UnitRef): void {
  const step = stepState(state, name)
  const { items } = step
  if (items === undefined || index === undefined) {
    dropReady(state, name)
    step.status = 'active'
    return
  }
  const repeated = items.again.indexOf(index)
  if (repeated >= 0) items.again.splice(repeated, 1)
  passTo(items, index)
  items.active++
  if (items.next === items.count && items.again.length === 0) {
    dropReady(state, name)
    step.status = 'active'
  }
}

function assigned(state: RunState, { worker, ...ref }: RunEventOf<'step.assigned'>['data']): void {
  const unit = state.active.get(unitKey(ref))
  if (unit !== undefined) putUnit(state, { ...unit, worker })
}

type Change = Partial<
  Pick<
    Unit,
    | 'phase'
    | 'dueAt'
    | 'bound'
    | 'pass'
    | 'previous'
    | 'attempt'
    | 'crashes'
    | 'recoveries'
    | 'refusals'
  >
>

/** A unit stays in progress in another phase; it waits for nothing but its time. */
function again(state: RunState, ref: UnitRef, change: Change): void {
  const unit = state.active.get(unitKey(ref))
  if (unit !== undefined) putUnit(state, { ...unit, ...change, waiting: undefined })
}

function completed(state: RunState, data: RunEventOf<'step.completed'>['data'], at: EpochMs): void {
  takeLetter(state, data)
  dropUnit(state, data)
  leave(state, data, { output: data.output, at })
  const { step: name, index, output, ms } = data
  learn(state, name, { ms, at })
  const step = stepState(state, name)
  if (state.workflow.steps.get(name)?.compensate !== undefined) {
    const unit = unitRef(data)
    state.undoable.set(unitKey(unit), { ...unit, output, place: state.undoables++ })
  }
  const { items } = step
  if (items === undefined || index === undefined) {
    step.output = output
    settle(state, name)
    return
  }
  items.outputs[index] = output
  items.done++
  items.active--
  if (items.done === items.count) settleItems(state, name, items)
}

function failed(state: RunState, data: RunEventOf<'step.failed'>['data'], at: EpochMs): void {
  takeLetter(state, data)
  leave(state, data, { output: null, at })
  const { step: name, error, fallback, failure, strategy } = data
  const step = stepState(state, name)
  step.error = error
  if (fallback !== undefined) {
    completedWithout(state, data, fallback.output)
    return
  }
  dropUnit(state, data)
  dropReady(state, name)
  if (step.items !== undefined && data.index !== undefined) {
    step.items.active--
    step.items.failed.push(data.index)
  }
  if (step.status !== 'failed') state.settled++
  step.status = 'failed'
  state.failure ??= { step: name, error, kind: failure ?? classifyFailure(error), strategy }
}

/** A failure that the definition handles: the step goes on with another output. */
function completedWithout(state: RunState, ref: UnitRef, output: Json): void {
  dropUnit(state, ref)
  const step = stepState(state, ref.step)
  const { items } = step
  if (items === undefined || ref.index === undefined) {
    dropReady(state, ref.step)
    step.output = output
    settle(state, ref.step)
    return
  }
  items.outputs[ref.index] = output
  items.done++
  items.active--
  if (items.done === items.count) settleItems(state, ref.step, items)
}

function settleItems(state: RunState, name: string, items: Items): void {
  dropReady(state, name)
  stepState(state, name).output = items.outputs
  settle(state, name)
}

function settle(state: RunState, name: string): void {
  stepState(state, name).status = 'completed'
  state.settled++
  releaseDependents(state, name)
}

/** A unit that waited for a signal has used up the letter that ended its wait. */
function takeLetter(state: RunState, ref: UnitRef): void {
  const unit = state.active.get(unitKey(ref))
  const index = unit === undefined ? -1 : findLetter(state, unit)
  if (index >= 0) state.mailbox.splice(index, 1)
}

/** The first letter that a unit waits for; -1 when there is none. */
export function findLetter({ mailbox }: RunState, unit: Unit): number {
  const { waiting, step, index } = unit
  if (waiting?.signal === undefined) return -1
  return mailbox.findIndex(
    (letter) =>
      letter.signal === waiting.signal &&
      (letter.step === undefined || letter.step === step) &&
      (letter.index === undefined || letter.index === index),
  )
}
