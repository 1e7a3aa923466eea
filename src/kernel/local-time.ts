import type { EpochMs } from './clock.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440

/** Whether `zone` names a time zone that this machine knows, such as `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    partsFormat(zone)
    return true
  } catch (fault) {
    if (fault instanceof RangeError) return false
    throw fault
  }
}

/**
 * The first instant, not before `from`, at which clocks in `zone` show a time of day.
 *
 * @remarks A time that a change of the clocks leaves out is taken to be as much later as the clocks
 * jump; of one that comes twice the first is meant.
 * @param minutes - of the day, 0 to 1439.
 * @throws {RangeError} there is no such zone.
 */
export function nextLocalTime(from: EpochMs, minutes: number, zone: string): EpochMs {
  const format = partsFormat(zone)
  const start = Math.ceil(from / MINUTE_MS) * MINUTE_MS
  const ahead = (minutes - minutesAt(format, start) + DAY_MINUTES) % DAY_MINUTES
  const guess = start + ahead * MINUTE_MS
  const off = signedDistance(minutes, minutesAt(format, guess))
  if (off === 0) return guess
  const corrected = guess + off * MINUTE_MS
  if (corrected < from) return corrected + DAY_MINUTES * MINUTE_MS
  // On a day that leaves the time out, neither is it; the later one is as far behind the jump.
  return minutesAt(format, corrected) === minutes ? corrected : Math.max(guess, corrected)
}

/** How far the clock has to go from `actual` to `wanted`, minutes, by the shorter way. */
function signedDistance(wanted: number, actual: number): number {
  const ahead = (wanted - actual + DAY_MINUTES) % DAY_MINUTES
  return ahead > DAY_MINUTES / 2 ? ahead - DAY_MINUTES : ahead
}

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

function minutesAt(format: Intl.DateTimeFormat, at: EpochMs): number {
  const parts = format.formatToParts(at)
  const numberOf = (type: string): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0)
  return numberOf('hour') * 60 + numberOf('minute')
}
