import { type UnitRef, unitKey } from './events.ts'
import { rankOf } from './learn.ts'
import type { RunState, StepState, Unit } from './state.ts'

/** The state of a step that exists in the definition. */
export function stepState(state: RunState, name: string): StepState {
  const step = state.steps.get(name)
  if (step === undefined) throw new TypeError(`the run has no step "${name}"`)
  return step
}

/** Adds or replaces a unit in progress and keeps the sums right. */
export function putUnit(state: RunState, unit: Unit): void {
  const key = unitKey(unit)
  const before = state.active.get(key)
  state.running += running(unit) - running(before)
  state.queued += queued(unit) - queued(before)
  state.reserved += unit.bound - (before?.bound ?? 0n)
  state.active.set(key, unit)
}

/** Removes a unit in progress. */
export function dropUnit(state: RunState, ref: UnitRef): void {
  const key = unitKey(ref)
  const before = state.active.get(key)
  if (before === undefined) return
  state.running -= running(before)
  state.queued -= queued(before)
  state.reserved -= before.bound
  state.active.delete(key)
}

function running(unit: Unit | undefined): number {
  return unit?.phase === 'running' ? 1 : 0
}

function queued(unit: Unit | undefined): number {
  return unit?.waiting?.for === 'task' ? 1 : 0
}

/** Puts a step among those that can begin, at the place its rank gives it. */
export function putReady(state: RunState, name: string): void {
  const { ready } = state
  stepState(state, name).status = 'ready'
  const rank = rankOf(state, name)
  let [low, high] = [0, ready.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rankOf(state, ready[middle] ?? '') >= rank) low = middle + 1
    else high = middle
  }
  ready.splice(low, 0, name)
}

/** Takes a step from those that can begin. */
export function dropReady(state: RunState, name: string): void {
  const index = state.ready.indexOf(name)
  if (index >= 0) state.ready.splice(index, 1)
}

/** Ends a step so that its dependents may begin once their other needs have ended. */
export function releaseDependents(state: RunState, name: string): void {
  for (const dependent of state.workflow.steps.get(name)?.dependents ?? []) {
    const step = stepState(state, dependent)
    step.needsLeft--
    if (step.needsLeft === 0 && step.status === 'pending') putReady(state, dependent)
  }
}
