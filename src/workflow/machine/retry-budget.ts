import { toErrorRecord } from '../../kernel/errors.ts'
import { OverBudgetError } from '../errors.ts'

import { type UnitRef, unitKey } from './events.ts'
import type { Failure } from './outcome.ts'
import type { RunState } from './state.ts'

/**
 * What a try fails with instead when another one would be in order and may cost more than is left;
 * `undefined` when it is affordable.
 *
 * @remarks What other units have set aside is not looked at: they may give some of it back. Whether
 * there is room when the retry is due is decided then.
 */
export function overBudget(state: RunState, ref: UnitRef, failure: Failure): Failure | undefined {
  const { code, message } = failure.error
  const needed = state.active.get(unitKey(ref))?.bound ?? 0n
  const left = leftAfter(state, failure.cost)
  // Whoever says that this is to be tried again all the same may raise the budget meanwhile.
  if (needed <= left || code === 'workflow.over-budget') return undefined
  const last = { code, message }
  const error = toErrorRecord(new OverBudgetError(unitKey(ref), { needed, left, last }))
  return { ...failure, error, isTransient: false, retryAfterMs: 0 }
}

/** What a run can still pay once it has paid `cost`, µFTNS; never below 0. */
export function leftAfter({ hold, budget, spent }: RunState, cost: bigint): bigint {
  const left = hold === undefined ? 0n : budget - spent - cost
  return left < 0n ? 0n : left
}
