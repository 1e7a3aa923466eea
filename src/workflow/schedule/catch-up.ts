import type { EpochMs } from '../../kernel/clock.ts'
import { parseDurationMs } from '../../kernel/duration.ts'
import { sha256 } from '../../kernel/hash.ts'
import { createSeededRandom, uniform } from '../../kernel/random.ts'

import type { Times } from './cron.ts'
import type { ScheduleSpec } from './schema.ts'

/** Times that are looked at in one turn; after a long absence it takes several. */
const LOOK_AHEAD = 1_000

/** Times at which nothing fired because nobody was there. */
export interface Missed {
  readonly count: number
  readonly from: EpochMs
  readonly to: EpochMs
}

/** What is due of a schedule's times. */
export interface Due {
  /** Times that fire, in order. */
  readonly fires: readonly EpochMs[]
  readonly missed: Missed | undefined
  /** Every time up to here is decided. */
  readonly cursor: EpochMs
  /** When there is something to decide next. */
  readonly nextAt: EpochMs | undefined
}

/** What {@link decideDue} looks at. */
export interface DueQuestion {
  readonly spec: Pick<ScheduleSpec, 'catchUp' | 'jitter'>
  readonly times: Times
  /** Makes the delays of one schedule differ from those of others. */
  readonly seed: string
  readonly cursor: EpochMs
  readonly now: EpochMs
}

/**
 * Which of the times since `cursor` fire now.
 *
 * @remarks A time is missed when the next one has come too before anybody looked, or when it is the
 * latest and more than the tolerance ago. Whatever the policy, times fire in their order.
 */
export function decideDue(question: DueQuestion): Due {
  const { spec, cursor, now } = question
  const { policy, max, toleranceMs } = catchUpOf(spec)
  const keep = policy === 'all' ? max : 1
  const { due, next } = collect(question, LOOK_AHEAD + keep)
  if (due.length === LOOK_AHEAD + keep) {
    const left = due.slice(0, LOOK_AHEAD)
    return { fires: [], missed: missedOf(left), cursor: left.at(-1) ?? cursor, nextAt: now }
  }
  const last = due.at(-1)
  if (last === undefined) return { fires: [], missed: undefined, cursor, nextAt: next }
  const isLate = now - (last + jitterOf(question, last)) > toleranceMs
  const count = policy === 'skip' && isLate ? 0 : Math.min(keep, due.length)
  const split = due.length - count
  return {
    fires: due.slice(split),
    missed: missedOf(due.slice(0, split)),
    cursor: last,
    nextAt: next,
  }
}

/** The times that are due, as many as `limit`, and when the one after them is. */
function collect(
  question: DueQuestion,
  limit: number,
): { readonly due: readonly EpochMs[]; readonly next: EpochMs | undefined } {
  const due: EpochMs[] = []
  let at = question.times.next(question.cursor)
  while (at !== undefined && due.length < limit) {
    const dueAt = at + jitterOf(question, at)
    if (dueAt > question.now) return { due, next: dueAt }
    due.push(at)
    at = question.times.next(at)
  }
  return { due, next: undefined }
}

function missedOf(times: readonly EpochMs[]): Missed | undefined {
  const [from, to] = [times[0], times.at(-1)]
  return from === undefined || to === undefined ? undefined : { count: times.length, from, to }
}

/** By how much the fire of a time is delayed: always the same for one time of one schedule. */
function jitterOf({ spec, seed }: Pick<DueQuestion, 'spec' | 'seed'>, at: EpochMs): number {
  if (spec.jitter === undefined) return 0
  const digits = sha256(`${seed} ${at}`).slice('sha256:'.length, 'sha256:'.length + 8)
  const random = createSeededRandom(Number.parseInt(digits, 16))
  return Math.floor(uniform(random) * parseDurationMs(spec.jitter))
}

function catchUpOf({ catchUp }: Pick<ScheduleSpec, 'catchUp'>): {
  readonly policy: 'skip' | 'last' | 'all'
  readonly max: number
  readonly toleranceMs: number
} {
  const { policy = 'last', max = 100, tolerance = '1m' } = catchUp ?? {}
  return { policy, max, toleranceMs: parseDurationMs(tolerance) }
}
