import type { EpochMs } from '../../kernel/clock.ts'
import { parseDurationMs } from '../../kernel/duration.ts'

import { createCronTimes, type Times } from './cron.ts'
import { parseTime } from './parse-time.ts'
import type { ScheduleSpec } from './schema.ts'
import { createZone, type Zone } from './zone.ts'

/** What the times of a schedule depend on. */
export type TimesSpec = Pick<ScheduleSpec, 'trigger' | 'zone' | 'start' | 'end'>

/**
 * The times of a schedule; none for triggers that wait for something else.
 *
 * @param setAt - when this version of the schedule was set: what delays and intervals count from.
 * @throws {@link UnknownZoneError} {@link InvalidCronError} {@link InvalidTimeError}
 */
export function createTimes(spec: TimesSpec, setAt: EpochMs): Times {
  const { start, end } = boundsOf(spec)
  const times = unbounded(spec, start ?? setAt)
  return {
    next(after) {
      const at = times.next(start === undefined ? after : Math.max(after, start - 1))
      return at === undefined || at >= (end ?? Number.POSITIVE_INFINITY) ? undefined : at
    },
  }
}

/** From when and until when a schedule fires; `end` itself is outside. */
export function boundsOf(spec: Omit<TimesSpec, 'trigger'>): {
  readonly start: EpochMs | undefined
  readonly end: EpochMs | undefined
} {
  const zone = zoneOf(spec)
  return {
    start: spec.start === undefined ? undefined : parseTime(spec.start, zone),
    end: spec.end === undefined ? undefined : parseTime(spec.end, zone),
  }
}

/** The zone of a schedule. @throws {@link UnknownZoneError} */
export function zoneOf({ zone = 'UTC' }: Pick<ScheduleSpec, 'zone'>): Zone {
  return createZone(zone)
}

function unbounded(spec: TimesSpec, anchor: EpochMs): Times {
  const { trigger } = spec
  switch (trigger.kind) {
    case 'now':
      return once(anchor)
    case 'at':
      return once(parseTime(trigger.at, zoneOf(spec)))
    case 'delay':
      return once(anchor + parseDurationMs(trigger.delay))
    case 'interval':
      return evenly(anchor, parseDurationMs(trigger.every))
    case 'cron':
      return createCronTimes(trigger.cron, zoneOf(spec))
    default:
      return { next: () => undefined }
  }
}

function once(at: EpochMs): Times {
  return { next: (after) => (at > after ? at : undefined) }
}

/** `anchor` and every time that is a whole number of steps from it, before as well as after. */
function evenly(anchor: EpochMs, stepMs: number): Times {
  return { next: (after) => anchor + (Math.floor((after - anchor) / stepMs) + 1) * stepMs }
}
