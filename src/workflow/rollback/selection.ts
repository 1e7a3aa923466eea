import type { CompiledWorkflow } from '../definition/compiled.ts'
import type { RunState, StepStatus } from '../machine/state.ts'

import type { RollbackStrategy } from './schema.ts'

/** How far a rollback goes. */
export interface Extent {
  readonly strategy: RollbackStrategy
  /** The step that stays, with everything it needs; `undefined`: as far as the strategy goes. */
  readonly to: string | undefined
}

type Graph = Pick<CompiledWorkflow, 'steps' | 'order'>

/**
 * The steps whose units are undone.
 *
 * @remarks
 * `partial_rollback` undoes the failed branch: the failed steps, and each step they need that nothing
 * outside of the branch has begun to rely on. A branch that leads past a completed pivot ends there.
 * With `to`, what depends on that step. Every other strategy undoes everything. What a completed pivot
 * needs, and the pivot itself, is never undone.
 *
 * Invariant: closed under what has begun, so that nothing is undone that something else relies on.
 */
export function selectSteps(state: RunState, { strategy, to }: Extent): ReadonlySet<string> {
  const { workflow } = state
  const stays = protectedSteps(state)
  if (to !== undefined) {
    const after = dependentsOf(workflow, [to])
    after.delete(to)
    return without(after, stays)
  }
  const failed = [...state.steps].flatMap(([name, { status }]) => (status === 'failed' ? name : []))
  if (strategy !== 'partial_rollback' || failed.length === 0) {
    return without(new Set(workflow.order), stays)
  }
  return branchOf(state, { failed: new Set(failed), stays })
}

/** Completed pivots and everything they need. */
export function protectedSteps({ workflow, steps }: RunState): ReadonlySet<string> {
  const pivots = workflow.order.filter(
    (name) => workflow.steps.get(name)?.isPivot === true && steps.get(name)?.status === 'completed',
  )
  return closure(pivots, (name) => workflow.steps.get(name)?.needs ?? [])
}

/** These steps and everything that depends on them. */
export function dependentsOf({ steps }: Graph, names: Iterable<string>): Set<string> {
  return closure(names, (name) => steps.get(name)?.dependents ?? [])
}

interface Branch {
  readonly failed: ReadonlySet<string>
  readonly stays: ReadonlySet<string>
}

function branchOf({ workflow, steps }: RunState, { failed, stays }: Branch): ReadonlySet<string> {
  const branch = new Set<string>()
  // Steps outside of the branch that have begun, and those that lead to one.
  const relying = new Set<string>()
  for (const name of workflow.order.toReversed()) {
    const { dependents = [] } = workflow.steps.get(name) ?? {}
    const isRelied = dependents.some((dependent) => relying.has(dependent))
    const isNeeded = dependents.some((dependent) => branch.has(dependent))
    if (failed.has(name) || (isNeeded && !isRelied && !stays.has(name))) branch.add(name)
    else if (isRelied || BEGUN.has(steps.get(name)?.status ?? 'pending')) relying.add(name)
  }
  return branch
}

const BEGUN: ReadonlySet<StepStatus> = new Set(['completed', 'failed', 'active'])

function closure(names: Iterable<string>, next: (name: string) => readonly string[]): Set<string> {
  const found = new Set(names)
  // A set that grows while it is walked hands out what was added as well.
  for (const name of found) for (const each of next(name)) found.add(each)
  return found
}

function without(names: Set<string>, stays: ReadonlySet<string>): ReadonlySet<string> {
  for (const name of stays) names.delete(name)
  return names
}
