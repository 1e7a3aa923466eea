import type { CompiledWorkflow } from '../definition/compiled.ts'
import type { TimedEvent } from '../host/run-store.ts'
import { applyEvent } from '../machine/apply.ts'
import { createRunState, type RunState } from '../machine/state.ts'

/** The state after these events, the first ones of a run. */
export function foldRun(workflow: CompiledWorkflow, events: readonly TimedEvent[]): RunState {
  return foldOn(createRunState(workflow), events)
}

/** Folds further events into a state, in place, and gives it back. */
export function foldOn(state: RunState, events: readonly TimedEvent[]): RunState {
  for (const { event, at } of events) applyEvent(state, event, at)
  return state
}
