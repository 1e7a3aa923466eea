import type { EpochMs } from '../../kernel/clock.ts'
import { toJsonObject } from '../../kernel/json.ts'
import type { RollbackAction, RollbackResult, RollbackStrategy } from '../rollback/schema.ts'
import { dependentsOf, selectSteps } from '../rollback/selection.ts'

import { type RunEvent, type UnitRef, unitKey } from './events.ts'
import { judgeFailure } from './failing.ts'
import { incidentEvents, openIncidents } from './incidents.ts'
import { leftToPay } from './pay.ts'
import { hasEnded } from './reset.ts'
import type { CleanupAction, RunFailure, RunState, Undoing, UndoState } from './state.ts'
import { unitsToUndo } from './undo-plan.ts'

/** A unit to be undone, or one whose leavings are to be removed; `dueAt` may lie in the future. */
export interface UndoUnit {
  readonly purpose: 'undo' | 'clean'
  readonly ref: Undoing['ref']
  readonly attempt: number
  readonly dueAt: EpochMs
}

/** The way down: undo what the strategy says, or end. Nothing runs any more. */
export function wind(state: RunState): readonly RunEvent[] {
  if (state.hasGivenUp) return end(state)
  const failed = state.isCancelled ? undefined : state.failure
  const judged = judgeFailure(state, undefined, { error: failed?.error ?? CANCELLED })
  const wanted = failed?.strategy ?? judged.strategy
  if (wanted === 'manual_intervention' && failed !== undefined) return standStill(state, failed)
  const strategy = GOES_BACK.has(wanted) ? wanted : 'full_rollback'
  const units = unitsToUndo(state, { strategy, to: undefined }).length
  if (units === 0 && !isStated(state)) return end(state)
  return [{ kind: 'run.compensating', data: { units, strategy, failure: judged.failure } }]
}

const CANCELLED = { code: 'workflow.aborted', message: 'somebody cancelled the run' } as const
const GOES_BACK: ReadonlySet<RollbackStrategy> = new Set([
  'full_rollback',
  'partial_rollback',
  'compensate_only',
])

/** Whether the definition speaks of rollbacks at all: then they are reported, however little they do. */
function isStated({ workflow, failure }: RunState): boolean {
  const step = failure?.step === undefined ? undefined : workflow.steps.get(failure.step)
  return workflow.rollback !== undefined || step?.rollback !== undefined
}

/** Somebody has to decide: the run waits for that, and keeps what it has. */
function standStill(state: RunState, { step, error, kind }: RunFailure): readonly RunEvent[] {
  return [
    ...incidentEvents(state, {
      reason: 'manual_intervention',
      failure: kind,
      unit: step === undefined ? undefined : { step },
      details: { error: toJsonObject(error) },
    }),
    acted('log_incident', 'success', { count: 1 }),
    acted('send_notification', 'success', { topic: 'run.needs_decision' }),
    { kind: 'run.paused', data: { reason: 'incident' } },
  ]
}

/** The event that ends a run which did not succeed. */
export function end({ failure, spent, isCancelled }: RunState): readonly RunEvent[] {
  const cost = spent.toString()
  if (failure === undefined || isCancelled) return [{ kind: 'run.cancelled', data: { cost } }]
  const { step, error, kind } = failure
  return [
    {
      kind: 'run.failed',
      data: { error, cost, ...(step !== undefined && { step }), failure: kind },
    },
  ]
}

/** Units to be undone now, or later when their next try is due. */
export function undoUnits({ workflow }: RunState, { active, ready }: UndoState): UndoUnit[] {
  const units = retries(active, 'undo')
  const running = active.size - units.length
  for (let place = ready.length - 1; place >= 0; place--) {
    const ref = ready[place]
    if (ref === undefined || units.length + running >= workflow.concurrency) break
    units.push({ purpose: 'undo', ref, attempt: 1, dueAt: 0 })
  }
  return units
}

/** What steps have left and is to be removed: all of it, or what is due by itself. */
export function cleanUnits(
  { leavings, cleaning, workflow, undo }: RunState,
  now?: EpochMs,
): UndoUnit[] {
  const units = retries(cleaning, 'clean')
  const reach = undo?.to === undefined ? undefined : dependentsOf(workflow, [undo.to])
  for (const leaving of leavings.values()) {
    const { step, dueAt } = leaving
    const isWanted =
      now === undefined ? reach === undefined || (reach.has(step) && step !== undo?.to) : false
    const isDue = now !== undefined && dueAt !== undefined && dueAt <= now
    if (isWanted || isDue) units.push({ purpose: 'clean', ref: leaving, attempt: 1, dueAt: 0 })
  }
  return units
}

function retries(active: ReadonlyMap<string, Undoing>, purpose: UndoUnit['purpose']): UndoUnit[] {
  return [...active.values()].flatMap(({ ref, attempt, dueAt }) =>
    dueAt === undefined ? [] : { purpose, ref, attempt: attempt + 1, dueAt },
  )
}

/** What ends a rollback when everything is undone and removed: its actions, its result, the run. */
export function finishRollback(state: RunState, undo: UndoState): readonly RunEvent[] {
  const isPartWay = undo.to !== undefined
  const last: readonly RunEvent[] = isPartWay
    ? [{ kind: 'run.paused', data: { reason: 'rollback' } }]
    : end(state)
  if (!undo.isReported) return last
  return [
    compensated(undo),
    ...(['cleanup_artifacts', 'deallocate_resources'] as const).map((action) =>
      cleaned(state, action),
    ),
    ...(undo.strategy === 'compensate_only' ? [] : restored(state, undo)),
    refunded(state, isPartWay),
    reported(state),
    acted('send_notification', 'success', { topic: 'run.rolled_back' }),
    { kind: 'rollback.ended', data: { strategy: undo.strategy, result: resultOf(state, undo) } },
    ...last,
  ]
}

function compensated({ completed, failed }: UndoState): RunEvent {
  return acted('compensate_effects', shareOf(completed, failed), { count: completed })
}

function cleaned({ cleaned: counts }: RunState, action: CleanupAction): RunEvent {
  const { completed, failed } = counts[action]
  return acted(action, shareOf(completed, failed), { count: completed })
}

function shareOf(completed: number, failed: number): RollbackResult {
  if (failed === 0) return completed === 0 ? 'skipped' : 'success'
  return completed === 0 ? 'failed' : 'partial_success'
}

/** Undone steps, and those that built on them, are as if they had never begun. */
function restored(state: RunState, undo: UndoState): readonly RunEvent[] {
  const { workflow, steps, undone } = state
  const base = undo.to === undefined ? new Set(undone.keys()) : selectSteps(state, undo)
  const hasBegun = (name: string): boolean => {
    const step = steps.get(name)
    return step !== undefined && (hasEnded(step) || step.status === 'active')
  }
  const own = [...base].filter(hasBegun)
  const dependent = [...dependentsOf(workflow, own)].filter(
    (name) => !base.has(name) && hasBegun(name),
  )
  return [
    acted('restore_state', own.length === 0 ? 'skipped' : 'success', { steps: own }),
    acted('reset_dependencies', dependent.length === 0 ? 'skipped' : 'success', {
      steps: dependent,
    }),
  ]
}

/** What was set aside and not spent is free again when the run ends, in the same commit. */
function refunded(state: RunState, isPartWay: boolean): RunEvent {
  const amount = state.parent === undefined && !isPartWay ? leftToPay(state) : 0n
  if (amount === 0n) return acted('refund_credits', 'skipped', {})
  return acted('refund_credits', 'success', { amount: amount.toString() })
}

function reported(state: RunState): RunEvent {
  const count = openIncidents(state).length
  return acted('log_incident', count === 0 ? 'skipped' : 'success', { count })
}

function resultOf(
  state: RunState,
  { completed, failed, kept, strategy, to }: UndoState,
): RollbackResult {
  if (failed > 0 && completed === 0) return 'failed'
  if (openIncidents(state).length > 0) return 'manual_required'
  if (completed === 0) return 'skipped'
  const isMeantWhole = strategy !== 'partial_rollback' && to === undefined
  return isMeantWhole && kept > 0 ? 'partial_success' : 'success'
}

type Acted = Extract<RunEvent, { readonly kind: 'rollback.acted' }>

function acted(
  action: RollbackAction,
  result: RollbackResult,
  more: Omit<Acted['data'], 'action' | 'result'>,
): Acted {
  return { kind: 'rollback.acted', data: { action, result, ...more } }
}

/** Where a unit stands that is being undone, or whose leavings are being removed. */
export function undoingOf(
  { undo, cleaning }: RunState,
  purpose: UndoUnit['purpose'],
  ref: UnitRef,
): Undoing | undefined {
  return (purpose === 'undo' ? undo?.active : cleaning)?.get(unitKey(ref))
}
