import { decideUndoFailure } from '../machine/decide-run.ts'
import { decideFailure, decideSuccess } from '../machine/decide-step.ts'
import { type RunEvent, type UnitRef, unitKey, unitRef } from '../machine/events.ts'
import { costOf } from '../machine/outcome.ts'

import { type ActiveRun, type Along, record } from './active-run.ts'
import { type Ending, executeUnit } from './execute-unit.ts'
import type { Execution } from './execution.ts'
import { stepOf } from './prepare-unit.ts'

/** Runs a unit in this process and records how it ended. */
export async function executeHere(run: ActiveRun, execution: Execution): Promise<void> {
  const { ref, purpose } = execution
  const ending = await executeUnit(run, execution)
  run.stops.delete(stopKey(execution))
  if (purpose === 'do') run.hooks.slots.give()
  // A run that is being given up leaves its units to whoever goes on, who begins them again.
  if (!run.isHere || (purpose === 'do' && run.isLeaving)) return
  settle(run, { ref, purpose }, ending)
}

/** Names a try among those that can be stopped. */
export function stopKey({ ref, purpose }: Pick<Execution, 'ref' | 'purpose'>): string {
  return purpose === 'do' ? unitKey(ref) : `undo:${unitKey(ref)}`
}

/** Records how a try ended, and goes on. */
export function settle(
  run: ActiveRun,
  { ref, purpose, along }: Pick<Execution, 'ref' | 'purpose'> & { readonly along?: Along },
  ending: Ending,
): void {
  run.isShort = false
  const events = purpose === 'do' ? eventsOf(run, ref, ending) : undoEventsOf(run, ref, ending)
  record(run, events, along)
  run.hooks.pump(run)
}

function eventsOf(run: ActiveRun, ref: UnitRef, ending: Ending): readonly RunEvent[] {
  return ending.kind === 'succeeded'
    ? decideSuccess(run.state, ref, ending.success)
    : decideFailure(run.state, ref, ending.failure)
}

function undoEventsOf(run: ActiveRun, ref: UnitRef, ending: Ending): readonly RunEvent[] {
  if (ending.kind === 'succeeded') {
    return [{ kind: 'undo.completed', data: { ...unitRef(ref), ...costOf(ending.success) } }]
  }
  const { compensate } = stepOf(run, ref)
  if (compensate === undefined) throw new TypeError(`step "${ref.step}" cannot be undone`)
  return decideUndoFailure(run.state, compensate.retry, ending.failure)
}
