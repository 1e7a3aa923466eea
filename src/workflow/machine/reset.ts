import { dependentsOf } from '../rollback/selection.ts'

import type { RunState, StepState } from './state.ts'
import { dropReady, dropUnit, putReady, stepState } from './units.ts'

/**
 * Makes steps as if they had never begun.
 *
 * @remarks What they do after that is done anew, not again: their effects have other keys. What
 * depends on them and has not ended waits for them again.
 */
export function resetSteps(state: RunState, names: readonly string[]): void {
  const { workflow, undone, active } = state
  const exact = new Set(names)
  for (const unit of active.values()) if (exact.has(unit.step)) dropUnit(state, unit)
  for (const name of names) {
    undone.delete(name)
    clearStep(state, stepState(state, name))
  }
  const affected = dependentsOf(workflow, names)
  for (const name of workflow.order) {
    const step = stepState(state, name)
    if (!affected.has(name) || (step.status !== 'pending' && step.status !== 'ready')) continue
    dropReady(state, name)
    step.status = 'pending'
    const { needs = [] } = workflow.steps.get(name) ?? {}
    step.needsLeft = needs.filter((need) => !isReleased(stepState(state, need))).length
    if (step.needsLeft === 0) putReady(state, name)
  }
}

function clearStep(state: RunState, step: StepState): void {
  if (hasEnded(step)) state.settled--
  step.status = 'pending'
  step.output = null
  step.error = undefined
  step.items = undefined
  step.round++
}

/** Whether nothing more happens to a step by itself. */
export function hasEnded({ status }: StepState): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped'
}

/** Whether a step holds nobody up: it is done, or left out by its own condition. */
function isReleased({ status, needsLeft }: StepState): boolean {
  return status === 'completed' || (status === 'skipped' && needsLeft === 0)
}
