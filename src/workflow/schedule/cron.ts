import { Cron } from 'croner'

import type { EpochMs } from '../../kernel/clock.ts'

import { InvalidCronError } from './errors.ts'
import type { WallMs, Zone } from './zone.ts'

/** The times at which a schedule is to fire. */
export interface Times {
  /** The first one after `after`; `undefined` when there is none. */
  next(after: EpochMs): EpochMs | undefined
}

/** Far enough apart for the clocks of a zone to change at most once in between. */
const STRETCH_MS = 86_400_000

/**
 * The times of a cron expression: five fields, or six with seconds in front.
 *
 * @remarks
 * The expression is read against the clock on the wall. An expression with `*` for the hour goes by
 * elapsed time: it goes on through a repeated hour, and what a gap leaves out is left out. Any other
 * fires once for each reading of the wall clock: at its first showing when it is shown twice, and at
 * the end of the gap when it is not shown; readings of one gap fire together, once.
 * @throws {@link InvalidCronError}
 */
export function createCronTimes(expression: string, zone: Zone): Times {
  const nextWall = createPattern(expression)
  return { next: isHourly(expression) ? everyHour(nextWall, zone) : byTheWall(nextWall, zone) }
}

type NextWall = (after: WallMs) => WallMs | undefined

function byTheWall(nextWall: NextWall, zone: Zone): Times['next'] {
  return (after) => {
    let wall: WallMs | undefined = zone.toWall(after)
    for (;;) {
      wall = nextWall(wall)
      if (wall === undefined) return undefined
      const at = zone.toInstant(wall)
      // In the second showing of an hour, what was due in it has fired at the first.
      if (at > after) return at
    }
  }
}

function everyHour(nextWall: NextWall, zone: Zone): Times['next'] {
  return (after) => {
    let from = after
    for (;;) {
      const offset = zone.toWall(from) - from
      const wall = nextWall(from + offset)
      if (wall === undefined) return undefined
      const at: EpochMs = wall - offset
      const until = Math.min(at, from + STRETCH_MS)
      const change = zone.changeIn(from, until)
      if (change !== undefined) {
        // At the change itself the wall clock shows its new reading, which may fit.
        const shown = zone.toWall(change)
        if (nextWall(shown - 1) === shown) return change
        from = change
      } else if (until === at) return at
      else from = until
    }
  }
}

function isHourly(expression: string): boolean {
  const fields = expression.trim().split(/\s+/)
  if (fields.length === 1) return fields[0] === '@hourly'
  return fields[fields.length === 5 ? 1 : 2] === '*'
}

function createPattern(expression: string): NextWall {
  const cron = parse(expression)
  return (after) => {
    // oxlint-disable-next-line no-restricted-globals -- the library's way to name a time
    const next = cron.nextRun(new Date(after))
    return next === null ? undefined : next.getTime()
  }
}

function parse(expression: string): Cron {
  // The library takes a date for a pattern too; that is the trigger "at".
  if (/^\d{4}-/.test(expression.trim())) throw new InvalidCronError(expression, 'it is a date')
  try {
    return new Cron(expression, { timezone: 'UTC', paused: true })
  } catch (fault) {
    if (!(fault instanceof Error)) throw fault
    throw new InvalidCronError(expression, fault.message.replace(/^CronPattern: /, ''), fault)
  }
}
