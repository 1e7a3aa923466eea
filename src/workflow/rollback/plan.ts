import { toMicroFtns } from '../../kernel/money.ts'
import type { Usage } from '../../kernel/usage.ts'
import { rollbackObstacle } from '../machine/decide-decision.ts'
import { leftToPay } from '../machine/pay.ts'
import { isFinal, type RunState, type Undoable } from '../machine/state.ts'
import { closeUnit, openUndo } from '../machine/undo-plan.ts'

import type { PlannedUnit, RollbackPlan } from './schema.ts'
import { dependentsOf, type Extent, protectedSteps, selectSteps } from './selection.ts'

/** What a plan is asked for. */
export interface PlanRequest {
  readonly run: string
  readonly to: string | undefined
  /** What usage costs, µFTNS. */
  readonly costOf: (usage: readonly Usage[]) => bigint
}

/** What a rollback would do to a run as it is; nothing is done. */
export function planRollback(
  state: RunState,
  { run, to, costOf }: PlanRequest,
): Omit<RollbackPlan, 'status'> {
  const extent: Extent = {
    strategy: to === undefined ? 'full_rollback' : 'partial_rollback',
    to,
  }
  const obstacle = rollbackObstacle(state, to)
  const undo = inStages(state, extent).map((unit) => planned(state, unit, costOf))
  const undone = new Set(undo.map(({ step }) => step))
  const isHeld = !isFinal(state.status) && state.parent === undefined
  return {
    run,
    strategy: extent.strategy,
    ...(to !== undefined && { to }),
    isPossible: obstacle === undefined,
    ...(obstacle !== undefined && { obstacle }),
    undo,
    keep: kept(state, extent, undone),
    reset: resetOf(state, extent, undone),
    cleanup: [...state.leavings.values()].map(({ step, index }) => {
      const uses = state.workflow.steps.get(step)?.cleanup?.kind.name
      return { step, ...(index !== undefined && { index }), ...(uses !== undefined && { uses }) }
    }),
    cost: toMicroFtns(undo.reduce((sum, { cost = toMicroFtns(0n) }) => sum + cost, 0n)),
    refund: toMicroFtns(isHeld ? leftToPay(state) : 0n),
  }
}

interface Staged {
  readonly unit: Undoable
  readonly stage: number
}

/** The units in the order in which they may be undone; those of one stage do not rely on each other. */
function inStages(state: RunState, extent: Extent): readonly Staged[] {
  const undo = openUndo(state, { ...extent, isReported: true })
  const staged: Staged[] = []
  for (let stage = 1; undo.ready.length > 0; stage++) {
    const units = undo.ready.splice(0).toReversed()
    for (const unit of units) staged.push({ unit, stage })
    for (const { step } of units) closeUnit(state, undo, step)
  }
  return staged
}

function planned(
  { workflow }: RunState,
  { unit, stage }: Staged,
  costOf: PlanRequest['costOf'],
): PlannedUnit {
  const { step, index } = unit
  const plan = workflow.steps.get(step)?.compensate
  const cost = plan === undefined ? 0n : costOf(plan.kind.expect(plan.raw))
  return {
    step,
    ...(index !== undefined && { index }),
    ...(plan !== undefined && { uses: plan.kind.name }),
    stage,
    ...(cost > 0n && { cost: toMicroFtns(cost) }),
  }
}

/** Steps that were done and are not undone, with the reason. */
function kept(state: RunState, extent: Extent, undone: ReadonlySet<string>): PlannedUnit[] {
  const { workflow, steps } = state
  const stays = protectedSteps(state)
  const selected = selectSteps(state, extent)
  const done = workflow.order.filter(
    (name) => steps.get(name)?.status === 'completed' && !undone.has(name),
  )
  return done.map((step): PlannedUnit => {
    if (stays.has(step)) return { step, reason: 'pivot' }
    return { step, reason: selected.has(step) ? 'no_compensation' : 'not_selected' }
  })
}

function resetOf(state: RunState, { strategy, to }: Extent, undone: ReadonlySet<string>): string[] {
  const { workflow, steps } = state
  const base = to === undefined ? undone : selectSteps(state, { strategy, to })
  const affected = dependentsOf(workflow, base)
  return workflow.order.filter(
    (name) => affected.has(name) && !['pending', 'ready'].includes(steps.get(name)?.status ?? ''),
  )
}
