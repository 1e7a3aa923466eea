import type { ErrorRecord } from '../../kernel/errors.ts'
import { classifyFailure } from '../rollback/classify.ts'
import { chooseStrategy, type Failing, statedStrategy } from '../rollback/policy.ts'
import type { FailureKind, RollbackStrategy } from '../rollback/schema.ts'
import { protectedSteps } from '../rollback/selection.ts'

import { type UnitRef, unitKey } from './events.ts'
import type { RunState } from './state.ts'

/** What a failure is, and what is done about it. */
export interface Judgement {
  readonly failure: FailureKind
  readonly strategy: RollbackStrategy
  /** Whether the definition says so itself. */
  readonly isStated: boolean
}

/** Judges a failure of a unit, or, without one, of the run as a whole. */
export function judgeFailure(
  state: RunState,
  ref: UnitRef | undefined,
  { error, isTransient = false }: { readonly error: ErrorRecord; readonly isTransient?: boolean },
): Judgement {
  const { workflow, active, undoable } = state
  const failing: Failing = {
    failure: classifyFailure(error),
    step: ref === undefined ? undefined : workflow.steps.get(ref.step)?.rollback,
    workflow: workflow.rollback,
    isOfStep: ref !== undefined,
    recoveries: ref === undefined ? 0 : (active.get(unitKey(ref))?.recoveries ?? 0),
    isPastPivot: protectedSteps(state).size > 0,
    hasWork: undoable.size > 0,
    isTransient,
  }
  return {
    failure: failing.failure,
    strategy: chooseStrategy(failing),
    isStated: statedStrategy(failing) !== undefined,
  }
}
