import type { EpochMs } from '../../kernel/clock.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 86_400_000

/**
 * How long a response asks to wait, milliseconds, or `undefined` when it does not say.
 *
 * @remarks
 * Source: RFC 9110 section 10.2.3 (`Retry-After`: seconds or an IMF-fixdate) and the header
 * `retry-after-ms` of OpenAI and Azure, which is finer and so comes first.
 *
 * @param headers - names in lower case
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: EpochMs,
): number | undefined {
  const fine = wholeNumber(headers['retry-after-ms'])
  if (fine !== undefined) return Math.ceil(fine)
  const text = headers['retry-after']?.trim()
  if (text === undefined || text === '') return undefined
  const seconds = wholeNumber(text)
  if (seconds !== undefined) return Math.ceil(seconds * 1_000)
  const atMs = parseHttpDate(text)
  return atMs === undefined ? undefined : Math.max(0, atMs - nowMs)
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined
}

/** RFC 9110 section 5.6.7, the one form that servers must send: `Sun, 06 Nov 1994 08:49:37 GMT`. */
function parseHttpDate(text: string): EpochMs | undefined {
  const match = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text)
  if (match === null) return undefined
  const [day = 0, year = 0, hour = 0, minute = 0, second = 0] = [1, 3, 4, 5, 6].map((group) =>
    Number(match[group]),
  )
  const month = MONTHS.indexOf(match[2]?.toLowerCase() ?? '')
  if (month < 0) return undefined
  const days = daysSinceEpoch(year, month + 1, day)
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000
}

/** Days from 1970-01-01 in the Gregorian calendar (docs/sources.md#days-from-civil). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
