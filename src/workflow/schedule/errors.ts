import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when there is no schedule of this name or id in the tenant. */
export class UnknownScheduleError extends PlatformError {
  readonly code = 'schedule.unknown'

  constructor(schedule: string) {
    super(`there is no schedule "${schedule}"`, {
      hint: 'prsm schedule ls shows the schedules there are',
      details: { schedule },
    })
  }
}

/** Thrown when a schedule of this name is there already. */
export class ScheduleExistsError extends PlatformError {
  readonly code = 'schedule.exists'

  constructor(name: string) {
    super(`there is a schedule "${name}" already`, {
      hint: 'prsm schedule update changes it; another name makes another one',
      details: { name },
    })
  }
}

/** Thrown when another process has changed a schedule since it was read: nothing was written. */
export class StaleScheduleError extends PlatformError {
  readonly code = 'schedule.stale'

  constructor(schedule: string, cause?: unknown) {
    super(`schedule ${schedule} was changed at the same time`, {
      hint: 'send the request again',
      details: { schedule },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when a time zone is not in the IANA database of this runtime. */
export class UnknownZoneError extends PlatformError {
  readonly code = 'schedule.unknown-zone'

  constructor(zone: string) {
    super(`there is no time zone "${zone}"`, {
      hint: 'write a name of the IANA database, such as Europe/Berlin, or UTC',
      details: { zone },
    })
  }
}

/** Thrown when a cron expression cannot be read. */
export class InvalidCronError extends PlatformError {
  readonly code = 'schedule.invalid-cron'

  constructor(expression: string, problem: string, cause?: unknown) {
    super(`"${expression}" is not a cron expression: ${problem}`, {
      hint: 'write minute, hour, day, month and weekday, such as "0 2 * * 1-5"; docs/schedules.md#triggers',
      details: { expression, problem },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when a text is not a time. */
export class InvalidTimeError extends PlatformError {
  readonly code = 'schedule.invalid-time'

  constructor(text: string) {
    super(`"${text}" is not a time`, {
      hint: 'write 2026-03-01T02:00 by the clocks of the zone, or 2026-03-01T02:00:00Z',
      details: { text },
    })
  }
}

/** Thrown when a schedule, as it is written, can never fire. */
export class NeverFiresError extends PlatformError {
  readonly code = 'schedule.never-fires'

  constructor(reason: string) {
    super(`the schedule would never fire: ${reason}`, { details: { reason } })
  }
}

/** Thrown when a schedule is in a state in which a request makes no sense. */
export class ScheduleStateError extends PlatformError {
  readonly code = 'schedule.not-possible'

  constructor(name: string, problem: string, hint: string) {
    super(`schedule "${name}" ${problem}`, { hint, details: { schedule: name } })
  }
}

/** Thrown when a range of times cannot be filled. */
export class InvalidBackfillError extends PlatformError {
  readonly code = 'schedule.invalid-backfill'

  constructor(problem: string, hint: string) {
    super(`this range cannot be filled: ${problem}`, { hint })
  }
}

/** Thrown when a delivery to a webhook cannot show that it may fire the schedule. */
export class UnverifiedDeliveryError extends PlatformError {
  readonly code = 'schedule.unverified'

  constructor(problem: string) {
    super(`the delivery is not accepted: ${problem}`, {
      hint: 'docs/schedules.md#webhooks says what a delivery carries',
    })
  }
}

/** Thrown when a delivery of this id was accepted before. */
export class ReplayedDeliveryError extends PlatformError {
  readonly code = 'schedule.replayed'

  constructor(run: string) {
    super('a delivery of this id was accepted before', {
      hint: 'each delivery has an id of its own; one that was accepted need not be sent again',
      details: { run },
    })
  }
}

/** What a fire is parked with when the definition it is pinned to is gone. */
export class DefinitionGoneError extends PlatformError {
  readonly code = 'schedule.definition-gone'

  constructor(hash: string) {
    super(`the definition ${hash} is no longer kept`, {
      hint: 'prsm schedule update NAME FILE gives the schedule another one; prsm schedule trigger NAME --parked tries its parked fires again',
      details: { definition: hash },
    })
  }
}
