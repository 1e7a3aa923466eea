import type { JsonObject } from '../../kernel/json.ts'
import type { FailureKind, Incident } from '../rollback/schema.ts'

import { type RunEvent, type RunEventOf, type UnitRef, unitRef } from './events.ts'
import type { IncidentState, RunState } from './state.ts'

/** The events that are about incidents. */
export type IncidentEvent = RunEventOf<'incident.opened' | 'incident.resolved'>

/** What is left to a person. */
export interface Left {
  readonly reason: Incident['reason']
  readonly failure: FailureKind
  /** `undefined`: the run as a whole. */
  readonly unit: UnitRef | undefined
  readonly details: JsonObject
}

/** The event that opens an incident; `before` counts those opened in the same breath. */
export function incidentEvents(
  { incidents }: RunState,
  { unit, ...rest }: Left,
  before = 0,
): readonly RunEvent[] {
  const place = unit === undefined ? {} : unitRef(unit)
  return [
    {
      kind: 'incident.opened',
      data: { incident: incidents.length + 1 + before, ...place, ...rest },
    },
  ]
}

/** Incidents that nobody has dealt with yet. */
export function openIncidents({ incidents }: RunState): readonly IncidentState[] {
  return incidents.filter(({ isOpen }) => isOpen)
}

/** Folds an event of an incident. */
export function applyIncidentEvent(state: RunState, event: IncidentEvent): void {
  if (event.kind === 'incident.opened') {
    const { incident, reason, step, index } = event.data
    state.incidents.push({ incident, reason, step, index, isOpen: true })
    return
  }
  const { incident, resolution } = event.data
  const found = state.incidents.find((each) => each.incident === incident)
  if (found === undefined) return
  found.isOpen = false
  if (resolution === 'give_up') state.hasGivenUp = true
  // Finished by hand: nothing stands in the way of doing the step anew.
  const place = state.undoFailures.findIndex(
    ({ step, index }) => step === found.step && index === found.index,
  )
  if (found.reason === 'undo_failed' && place >= 0) state.undoFailures.splice(place, 1)
}
