import type { EpochMs } from '../../kernel/clock.ts'

import type { RunWindow } from './schema.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** No zone's clocks jump by more. */
const LARGEST_JUMP_MINUTES = 180
const WEEK_DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** A local time of day. */
interface LocalMinute {
  /** Minutes since midnight, 0 to 1439. */
  readonly minute: number
  readonly day: (typeof WEEK_DAYS)[number]
}

/**
 * When a window is open next: `now`, if it is open.
 *
 * @remarks A window that ends before it begins goes over midnight, and belongs to the day on which it
 * begins. Times are those of the clocks on the wall: when these jump, the window is that much longer
 * or shorter, and one that would begin within the hour that is left out begins at its end.
 * @returns `undefined` when it is open on no day at all.
 */
export function nextOpening(window: RunWindow, now: EpochMs): EpochMs | undefined {
  const read = localReader(window.zone)
  if (isOpen(window, read(now))) return now
  const from = minuteOf(window.from)
  const untilFrom = (from - read(now).minute + DAY_MINUTES) % DAY_MINUTES
  const first = Math.floor(now / MINUTE_MS) + untilFrom
  for (let day = 0; day <= WEEK_DAYS.length; day++) {
    const nominal = first + day * DAY_MINUTES
    for (
      let each = nominal - LARGEST_JUMP_MINUTES;
      each <= nominal + LARGEST_JUMP_MINUTES;
      each++
    ) {
      const at = each * MINUTE_MS
      if (at > now && isOpen(window, read(at))) return at
    }
  }
  return undefined
}

function isOpen({ from, to, days }: RunWindow, { minute, day }: LocalMinute): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  const isOn = (name: LocalMinute['day']): boolean => days?.includes(name) ?? true
  if (begin < end) return minute >= begin && minute < end && isOn(day)
  if (minute >= begin) return isOn(day)
  return minute < end && isOn(dayBefore(day))
}

function dayBefore(day: LocalMinute['day']): LocalMinute['day'] {
  return WEEK_DAYS[(WEEK_DAYS.indexOf(day) + 6) % 7] ?? 'sun'
}

/** `22:30` in minutes since midnight. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function localReader(zone: string): (at: EpochMs) => LocalMinute {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const name = parts.get('weekday')?.toLowerCase() ?? ''
    return {
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
      day: WEEK_DAYS.find((day) => day === name) ?? 'sun',
    }
  }
}
