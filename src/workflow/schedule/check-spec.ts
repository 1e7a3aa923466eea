import type { EpochMs } from '../../kernel/clock.ts'
import { parseDurationMs } from '../../kernel/duration.ts'
import { parseFtns } from '../../kernel/money.ts'

import { NeverFiresError } from './errors.ts'
import { formatTime } from './parse-time.ts'
import type { ScheduleSpec } from './schema.ts'
import { boundsOf, createTimes } from './times.ts'
import { isTimed } from './turn.ts'

/** Intervals are this long at least, milliseconds. */
const LEAST_INTERVAL_MS = 1_000

/**
 * Checks what a schedule says, before it is kept.
 *
 * @throws {@link NeverFiresError} {@link UnknownZoneError} {@link InvalidCronError} {@link InvalidTimeError}
 */
export function checkSpec(spec: ScheduleSpec, now: EpochMs): void {
  const { trigger } = spec
  checkAmounts(spec)
  const { start, end } = boundsOf(spec)
  if (end !== undefined && (end <= now || end <= (start ?? now))) {
    throw new NeverFiresError(`its end, ${formatTime(end)}, is not after now and its start`)
  }
  const first = createTimes(spec, now).next(firstCursor(spec, now))
  if (isTimed({ spec }) && first === undefined) {
    throw new NeverFiresError(
      trigger.kind === 'at' ? 'its time has passed' : 'no time fits, or none before its end',
    )
  }
}

/** Times of a new version count from here: what is due at the moment it is set fires only for `now`. */
export function firstCursor({ trigger }: ScheduleSpec, now: EpochMs): EpochMs {
  return trigger.kind === 'now' ? now - 1 : now
}

/** Amounts and lengths of time have a form that can be read. */
function checkAmounts({ trigger, budget, jitter, catchUp }: ScheduleSpec): void {
  if (budget !== undefined) parseFtns(budget)
  if (jitter !== undefined) parseDurationMs(jitter)
  if (catchUp?.tolerance !== undefined) parseDurationMs(catchUp.tolerance)
  if (trigger.kind === 'interval' && parseDurationMs(trigger.every) < LEAST_INTERVAL_MS) {
    throw new NeverFiresError('an interval is 1s at least')
  }
}
