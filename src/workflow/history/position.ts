import type { TimedEvent } from '../host/run-store.ts'
import { type RunEvent, type UnitRef, unitKey } from '../machine/events.ts'

/** The unit of work that an event is about; `undefined` for events of the run as a whole. */
export function unitOf({ data }: RunEvent): UnitRef | undefined {
  if (!('step' in data) || typeof data.step !== 'string') return undefined
  const index = 'index' in data ? data.index : undefined
  return { step: data.step, ...(typeof index === 'number' && { index }) }
}

/**
 * The version that a place names: a number, or a step or item, whose latest event it is.
 *
 * @returns `undefined` when the history has no such place.
 */
export function findPosition(events: readonly TimedEvent[], place: string): number | undefined {
  if (/^\d+$/.test(place)) {
    const version = Number(place)
    return version >= 1 && version <= events.length ? version : undefined
  }
  const at = events.findLastIndex(({ event }) => {
    const unit = event.kind.startsWith('step.') ? unitOf(event) : undefined
    return unit !== undefined && (unitKey(unit) === place || unit.step === place)
  })
  return at < 0 ? undefined : at + 1
}
