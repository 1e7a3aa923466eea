import type { ErrorRecord } from '../../kernel/errors.ts'
import { toJsonObject } from '../../kernel/json.ts'
import type { Compensation, RetryPlan } from '../definition/compiled.ts'
import { isRefusal } from '../retry.ts'
import { classifyFailure } from '../rollback/classify.ts'

import { type UndoUnit, undoingOf } from './decide-rollback.ts'
import { type Cost, type RunEvent, type UnitRef, unitKey, unitRef } from './events.ts'
import { incidentEvents } from './incidents.ts'
import { type Charge, costOf, type Failure, retryAt } from './outcome.ts'
import { leftToPay } from './pay.ts'
import type { RunState } from './state.ts'

/** A unit during which this many workers were lost is taken to be what kills them. */
export const MAX_CRASHES = 5

/** What is undone, or whose leavings are removed. */
export interface UndoTarget {
  readonly purpose: UndoUnit['purpose']
  readonly ref: UnitRef
}

/** The event of a successful try to undo a unit, or to remove what it left. */
export function decideUndoSuccess(
  state: RunState,
  { purpose, ref }: UndoTarget,
  charge: Charge,
): readonly RunEvent[] {
  const kind = purpose === 'undo' ? 'undo.completed' : 'clean.completed'
  return [{ kind, data: { ...unitRef(ref), ...undoCost(state, charge) } }]
}

/**
 * What undoing has cost, as far as the hold reaches.
 *
 * @remarks Of several units that are undone at once, each may cost all that was left when they began.
 */
function undoCost(state: RunState, { usage, cost, unpaid = 0n }: Charge): Cost {
  const left = leftToPay(state)
  const paid = cost < left ? cost : left
  return costOf({ usage, cost: paid, unpaid: unpaid + cost - paid })
}

/** The events of a failed try to undo a unit, or to remove what it left. */
export function decideUndoFailure(
  state: RunState,
  target: UndoTarget,
  failure: Failure,
): readonly RunEvent[] {
  const { purpose, ref } = target
  const undoing = undoingOf(state, purpose, ref)
  const plan = planOf(state, target)
  if (undoing === undefined || plan === undefined) return []
  const { attempt, refusals = 0 } = undoing
  const { error } = failure
  const dueAt = retryAt(retryOf(plan, error), { attempt, refusals }, failure)
  if (dueAt === undefined)
    return undoGivenUp(state, target, { data: { error, ...undoCost(state, failure) }, before: 0 })
  return [
    {
      kind: purpose === 'undo' ? 'undo.retrying' : 'clean.retrying',
      data: { ...unitRef(ref), attempt, error, dueAt, ...undoCost(state, failure) },
    },
  ]
}

/** A person is not bothered before what an open circuit kept from being undone was tried at all. */
function retryOf({ retry }: Compensation, { code }: ErrorRecord): RetryPlan {
  return isRefusal(code) ? { ...retry, max: Math.max(1, retry.max), on: undefined } : retry
}

type UndoFailed = Omit<Extract<RunEvent, { kind: 'undo.failed' }>['data'], 'step' | 'index'>

/** A person has to finish it, and is given everything that takes. */
function undoGivenUp(
  state: RunState,
  target: UndoTarget,
  {
    data,
    before,
  }: { readonly data: UndoFailed; /** Incidents opened just before. */ readonly before: number },
): readonly RunEvent[] {
  const { purpose, ref } = target
  const undoing = undoingOf(state, purpose, ref)
  const plan = planOf(state, target)
  const { error } = data
  return [
    {
      kind: purpose === 'undo' ? 'undo.failed' : 'clean.failed',
      data: { ...unitRef(ref), ...data },
    },
    ...incidentEvents(
      state,
      {
        reason: purpose === 'undo' ? 'undo_failed' : 'cleanup_failed',
        failure: classifyFailure(error),
        unit: ref,
        details: {
          error: toJsonObject(error),
          uses: plan?.kind.name ?? null,
          with: plan?.raw ?? {},
          output: undoing?.ref.output ?? null,
          attempts: undoing?.attempt ?? 0,
        },
      },
      before,
    ),
  ]
}

function planOf({ workflow }: RunState, { purpose, ref }: UndoTarget): Compensation | undefined {
  const step = workflow.steps.get(ref.step)
  return purpose === 'undo' ? step?.compensate : step?.cleanup
}

/** What kills whoever undoes it is left to a person. */
export function lostUndoings(state: RunState): readonly RunEvent[] {
  const lost = (['undo', 'clean'] as const).flatMap((purpose) => {
    const active = purpose === 'undo' ? state.undo?.active : state.cleaning
    return [...(active?.values() ?? [])]
      .filter(({ dueAt, crashes }) => dueAt === undefined && crashes + 1 >= MAX_CRASHES)
      .map(({ ref }) => ({ purpose, ref }))
  })
  return lost.flatMap((target, before) => {
    const error = workerLost(target.ref)
    return undoGivenUp(state, target, { data: { error }, before })
  })
}

/** What a unit fails with that is taken to be what kills workers. */
export function workerLost(ref: UnitRef): ErrorRecord {
  return {
    code: 'workflow.worker-lost',
    message: `${MAX_CRASHES} workers were lost while they worked on step "${unitKey(ref)}"`,
    hint: 'the step may exhaust memory or end the process; run it alone, then resume the run',
  }
}
