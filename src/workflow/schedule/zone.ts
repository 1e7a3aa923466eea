import type { EpochMs } from '../../kernel/clock.ts'

import { UnknownZoneError } from './errors.ts'

/** What a clock on the wall shows: the milliseconds since 1970 that UTC would count at this reading. */
export type WallMs = number

/** A time zone of the IANA database, as this runtime knows it. */
export interface Zone {
  readonly name: string
  toWall(at: EpochMs): WallMs
  /**
   * When the wall clock shows `wall`: the first time when it does so twice, and the end of the gap
   * when it never does.
   */
  toInstant(wall: WallMs): EpochMs
  /** The first change of the clocks in (`after`, `until`], as the instant from which the new offset holds. */
  changeIn(after: EpochMs, until: EpochMs): EpochMs | undefined
}

const DAY_MS = 86_400_000
/** Zones differ from UTC by 12 hours behind to 14 ahead; one that moves over the date line by both. */
const FARTHEST_MS = 1.5 * DAY_MS

/** @throws {@link UnknownZoneError} */
export function createZone(name: string): Zone {
  const offsetAt = createOffsets(name)
  const changeIn: Zone['changeIn'] = (after, until) => {
    const before = offsetAt(after)
    if (offsetAt(until) === before) return undefined
    let [low, high] = [after, until]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }
  return {
    name,
    toWall: (at) => at + offsetAt(at),
    toInstant(wall) {
      const [from, to] = [wall - FARTHEST_MS, wall + FARTHEST_MS]
      const offsets = [offsetAt(from), offsetAt(to)]
      const shown = offsets
        .map((offset) => wall - offset)
        .filter((at) => at + offsetAt(at) === wall)
      return shown.length > 0 ? Math.min(...shown) : (changeIn(from, to) ?? wall)
    },
    changeIn,
  }
}

/** How far the zone's clocks are ahead of UTC, milliseconds. */
function createOffsets(name: string): (at: EpochMs) => number {
  if (name === 'UTC') return () => 0
  const format = createFormat(name)
  return (at) => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    // oxlint-disable-next-line no-restricted-globals -- arithmetic of calendars, not asking for the time
    const wall = Date.UTC(year, month - 1, day, hour, minute, second)
    return wall - Math.floor(at / 1_000) * 1_000
  }
}

function createFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (fault) {
    if (fault instanceof RangeError) throw new UnknownZoneError(name)
    throw fault
  }
}
