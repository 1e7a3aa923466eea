import { decideFailure, decideSuccess } from '../machine/decide-step.ts'
import { decideUndoFailure, decideUndoSuccess, type UndoTarget } from '../machine/decide-undo.ts'
import { type RunEvent, type UnitRef, unitKey } from '../machine/events.ts'

import { type ActiveRun, type Along, record } from './active-run.ts'
import { type Ending, executeUnit } from './execute-unit.ts'
import type { Execution } from './execution.ts'

/** Runs a unit in this process and records how it ended. */
export async function executeHere(run: ActiveRun, execution: Execution): Promise<void> {
  const { ref, purpose } = execution
  const ending = await executeUnit(run, execution)
  run.stops.delete(stopKey(execution))
  if (purpose === 'do') run.hooks.slots.give(run)
  // A run that is being given up leaves its units to whoever goes on, who begins them again.
  if (!run.isHere || (purpose === 'do' && run.isLeaving)) return
  settle(run, { ref, purpose }, ending)
}

/** Names a try among those that can be stopped. */
export function stopKey({ ref, purpose }: Pick<Execution, 'ref' | 'purpose'>): string {
  return purpose === 'do' ? unitKey(ref) : `${purpose}:${unitKey(ref)}`
}

/** Records how a try ended, and goes on. */
export function settle(
  run: ActiveRun,
  { ref, purpose, along }: Pick<Execution, 'ref' | 'purpose'> & { readonly along?: Along },
  ending: Ending,
): void {
  run.isShort = false
  const events =
    purpose === 'do' ? eventsOf(run, ref, ending) : undoEventsOf(run, { ref, purpose }, ending)
  record(run, events, along)
  run.hooks.pump(run)
  run.hooks.suspects.tell()
}

function eventsOf(run: ActiveRun, ref: UnitRef, ending: Ending): readonly RunEvent[] {
  return ending.kind === 'succeeded'
    ? decideSuccess(run.state, ref, ending.success)
    : decideFailure(run.state, ref, ending.failure)
}

function undoEventsOf(run: ActiveRun, target: UndoTarget, ending: Ending): readonly RunEvent[] {
  return ending.kind === 'succeeded'
    ? decideUndoSuccess(run.state, target, ending.success)
    : decideUndoFailure(run.state, target, ending.failure)
}
