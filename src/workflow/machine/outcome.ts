import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Usage } from '../../kernel/usage.ts'
import type { RetryPlan } from '../definition/compiled.ts'

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

/** When a failed try is repeated; `undefined`: it is not. */
export function retryAt(plan: RetryPlan, attempt: number, failure: Failure): EpochMs | undefined {
  const { error, isTransient } = failure
  const isMeant =
    plan.on === undefined ? isTransient : plan.on.some((code) => matchesCode(error.code, code))
  return attempt > plan.max || !isMeant ? undefined : backoff(plan, attempt, failure)
}

/** When the try after the `attempt`th failed one is due. */
export function backoff(plan: RetryPlan, attempt: number, failure: Failure): EpochMs {
  const { chance, now, retryAfterMs } = failure
  // Full jitter: anywhere up to the exponential limit, so that many who failed together spread out.
  const limit = Math.min(plan.maxDelayMs, plan.initialMs * plan.factor ** (attempt - 1))
  return now + Math.max(retryAfterMs, Math.floor(chance * limit))
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
