import type { Schedule } from '../../client/index.ts'
import { relativeTime } from '../text/time.ts'

/** A time by the clocks of a zone: `2026-03-29 03:00:00`. */
export function zoneTime(at: number, zone: string): string {
  const format = { dateStyle: 'short', timeStyle: 'medium', timeZone: zone } as const
  return new Intl.DateTimeFormat('sv-SE', format).format(at)
}

/** When a schedule fires, as it stands. */
export function whenText({ status, nextAt, spec }: Schedule, now: number): string {
  if (status !== 'active') return `is ${status}`
  if (nextAt === undefined) return `waits for its trigger, ${spec.trigger.kind}`
  const { zone = 'UTC' } = spec
  return `fires ${relativeTime(nextAt, now)}, at ${zoneTime(nextAt, zone)} ${zone}`
}
