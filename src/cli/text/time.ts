import type { EpochMs } from '../../kernel/clock.ts'

const UNITS: readonly (readonly [limitMs: number, unitMs: number, unit: string])[] = [
  [60_000, 1_000, 's'],
  [3_600_000, 60_000, 'min'],
  [86_400_000, 3_600_000, 'h'],
  [Number.POSITIVE_INFINITY, 86_400_000, 'd'],
]

/** How long ago something was, or how soon it will be: `12 s ago`, `in 3 min`. */
export function relativeTime(at: EpochMs, now: EpochMs): string {
  const distance = Math.abs(now - at)
  if (distance < 1_000) return 'now'
  const [, unitMs = 1, unit = ''] = UNITS.find(([limitMs]) => distance < limitMs) ?? []
  const amount = `${Math.floor(distance / unitMs)} ${unit}`
  return at > now ? `in ${amount}` : `${amount} ago`
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayFormat = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })

/** The time of day: `14:03:59`. */
export function clockTime(at: EpochMs): string {
  return clockFormat.format(at)
}

/** Day and time: `2026-01-31 14:03:59`. */
export function dayTime(at: EpochMs): string {
  return dayFormat.format(at)
}
