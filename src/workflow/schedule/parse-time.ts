import type { EpochMs } from '../../kernel/clock.ts'

import { InvalidTimeError } from './errors.ts'
import type { Zone } from './zone.ts'

const LOCAL = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?$/
const ABSOLUTE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/i

/**
 * A time as people write it: `2026-03-29T02:30:00+01:00`, or without an offset by the clocks of
 * `zone`; without a time of day it is midnight.
 *
 * @throws {@link InvalidTimeError} it is neither, or there is no such day.
 */
export function parseTime(text: string, zone: Zone): EpochMs {
  const compact = text.trim().replace(' ', 'T')
  if (ABSOLUTE.test(compact)) return toMs(compact.toUpperCase(), text)
  if (!LOCAL.test(compact)) throw new InvalidTimeError(text)
  return zone.toInstant(toMs(`${compact.includes('T') ? compact : `${compact}T00:00`}Z`, text))
}

function toMs(iso: string, given: string): EpochMs {
  // oxlint-disable-next-line no-restricted-globals -- parsing, not asking for the time
  const at = Date.parse(iso)
  const day = Number(iso.slice(8, 10))
  // oxlint-disable-next-line no-restricted-globals -- a 31st of a short month rolls over silently
  const isRolled = new Date(Date.parse(`${iso.slice(0, 10)}T00:00Z`)).getUTCDate() !== day
  if (Number.isNaN(at) || isRolled) throw new InvalidTimeError(given)
  return at
}

/** RFC 3339 in UTC. */
export function formatTime(at: EpochMs): string {
  // oxlint-disable-next-line no-restricted-globals -- formatting, not asking for the time
  return new Date(at).toISOString()
}
