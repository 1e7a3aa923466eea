import { type Backoff, fullJitterMs } from '../kernel/backoff.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import { type Random, uniform } from '../kernel/random.ts'

/** When and how often a call to something outside is tried again. */
export interface RetryPolicy extends Backoff {
  /** Tries after the first one. */
  readonly maxRetries: number
  /** Which faults are worth another try. */
  readonly isRetryable: (fault: unknown) => boolean
}

/** What retrying takes from outside. */
export interface RetryDeps {
  readonly clock: Clock
  readonly random: Random
}

/**
 * Makes a call until it succeeds or its policy gives up, with full jitter between the tries.
 *
 * @throws the last fault, or the signal's reason when it aborts between two tries.
 */
export async function retried<Value>(
  call: () => Promise<Value>,
  { policy, signal }: { readonly policy: RetryPolicy; readonly signal?: AbortSignal | undefined },
  { clock, random }: RetryDeps,
): Promise<Value> {
  for (let retries = 0; ; retries++) {
    try {
      return await call()
    } catch (fault) {
      if (retries >= policy.maxRetries || !policy.isRetryable(fault)) throw fault
    }
    await sleep(clock, fullJitterMs(policy, retries + 1, uniform(random)), signal)
  }
}
