import { fullJitterMs } from '../../kernel/backoff.ts'
import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Usage } from '../../kernel/usage.ts'
import type { RetryPlan } from '../definition/compiled.ts'
import { isRefusal } from '../retry.ts'

import type { Cost } from './events.ts'

/** What a try used up and what that costs. */
export interface Charge {
  readonly usage: readonly Usage[]
  /** µFTNS. */
  readonly cost: bigint
  /** What it used up beyond what it was allowed to cost, µFTNS. @defaultValue 0n */
  readonly unpaid?: bigint | undefined
}

/** A try that gave a result. */
export interface Success extends Charge {
  readonly output: Json
  /** Whether `repeat … until` holds; true for a step without it. */
  readonly isDone: boolean
  /** How long it worked, the wait for its turn left out. */
  readonly ms: number
  readonly now: EpochMs
}

/** A try that failed. */
export interface Failure extends Charge {
  readonly error: ErrorRecord
  /** Whether the cause may pass by itself. */
  readonly isTransient: boolean
  /** Least wait the other side asked for, milliseconds. */
  readonly retryAfterMs: number
  /** Uniform in [0, 1): places the retry within its window. */
  readonly chance: number
  readonly now: EpochMs
  /** The output the definition goes on with when this was the last try. */
  readonly fallback: { readonly output: Json } | undefined
}

/** Tries that have begun, the one that failed included. */
export interface Tries {
  readonly attempt: number
  /** How many before it an open circuit refused. */
  readonly refusals: number
}

/**
 * When a failed try is repeated; `undefined`: it is not.
 *
 * @remarks One that an open circuit refused was none: it waits until the circuit lets calls through,
 * and there may be as many of these as of real ones.
 */
export function retryAt(
  plan: RetryPlan,
  { attempt, refusals }: Tries,
  failure: Failure,
): EpochMs | undefined {
  const { error, isTransient } = failure
  const isMeant =
    plan.on === undefined ? isTransient : plan.on.some((code) => matchesCode(error.code, code))
  if (!isMeant) return undefined
  const nth = isRefusal(error.code) ? refusals + 1 : attempt - refusals
  return nth > plan.max ? undefined : backoff(plan, nth, failure)
}

/** When the `nth` retry is due. */
export function backoff(plan: RetryPlan, nth: number, failure: Failure): EpochMs {
  const { chance, now, retryAfterMs } = failure
  return now + Math.max(retryAfterMs, fullJitterMs(plan, nth, chance))
}

/** Whether a code is meant by a pattern: `models.timeout` matches `models.timeout`, `models` and `*`. */
export function matchesCode(code: string, pattern: string): boolean {
  return pattern === '*' || code === pattern || code.startsWith(`${pattern}.`)
}

/** The charge as it stands in an event; nothing when it is free. */
export function costOf({ usage, cost, unpaid = 0n }: Charge): Cost {
  return {
    usage: usage.length > 0 ? usage : undefined,
    cost: cost > 0n ? cost.toString() : undefined,
    unpaid: unpaid > 0n ? unpaid.toString() : undefined,
  }
}
