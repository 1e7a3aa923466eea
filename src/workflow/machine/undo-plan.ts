import { type Extent, selectSteps } from '../rollback/selection.ts'

import { unitKey } from './events.ts'
import type { RunState, Undoable, UndoState } from './state.ts'

/** Units that a rollback of this extent undoes, in the order of their completion. */
export function unitsToUndo(state: RunState, extent: Extent): readonly Undoable[] {
  const { undoable } = state
  if (undoable.size === 0) return []
  const steps = selectSteps(state, extent)
  return [...undoable.values()].filter(({ step }) => steps.has(step))
}

/** The state at the beginning of a rollback. */
export function openUndo(
  state: RunState,
  extent: Extent & Pick<UndoState, 'isReported'>,
): UndoState {
  const { workflow } = state
  const left = new Map<string, Undoable[]>()
  const open = new Map<string, number>()
  const units = unitsToUndo(state, extent)
  for (const unit of units) {
    const others = left.get(unit.step)
    if (others === undefined) left.set(unit.step, [unit])
    else others.push(unit)
    open.set(unit.step, (open.get(unit.step) ?? 0) + 1)
  }
  const undo: UndoState = {
    ...extent,
    left,
    open,
    blockers: new Map([...workflow.steps].map(([name, step]) => [name, step.dependents.length])),
    ready: [],
    active: new Map(),
    completed: 0,
    failed: 0,
    kept: state.undoable.size - units.length,
  }
  const ends = workflow.order.filter((name) => undo.blockers.get(name) === 0)
  clear(state, undo, ends)
  return undo
}

/** The unit goes from those that may begin to those in progress. */
export function takeReady(undo: UndoState, key: string): Undoable | undefined {
  const place = undo.ready.findIndex((unit) => unitKey(unit) === key)
  return place < 0 ? undefined : undo.ready.splice(place, 1)[0]
}

/** A unit is dealt with; what its step needs may be undone once nothing else relies on it. */
export function closeUnit(state: RunState, undo: UndoState, step: string): void {
  const open = (undo.open.get(step) ?? 0) - 1
  undo.open.set(step, open)
  if (open === 0) clear(state, undo, unblocked(state, undo, step))
}

/** Steps on which nothing relies any more: their units may be undone, or those of what they need. */
function clear(state: RunState, undo: UndoState, steps: readonly string[]): void {
  const queue = [...steps]
  let isMore = false
  for (const step of queue) {
    const units = undo.left.get(step)
    if (units === undefined) {
      for (const need of unblocked(state, undo, step)) queue.push(need)
      continue
    }
    undo.left.delete(step)
    for (const unit of units) undo.ready.push(unit)
    isMore = true
  }
  if (isMore) undo.ready.sort((a, b) => a.place - b.place)
}

/** What a step needs and nothing else relies on, now that the step does not. */
function unblocked({ workflow }: RunState, { blockers }: UndoState, step: string): string[] {
  return (workflow.steps.get(step)?.needs ?? []).filter((need) => {
    const left = (blockers.get(need) ?? 0) - 1
    blockers.set(need, left)
    return left === 0
  })
}
