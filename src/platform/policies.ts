import {
  circuitBreaker,
  ConsecutiveBreaker,
  decorrelatedJitterGenerator,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel'

/** When and how often a call to something outside is tried again. */
export interface RetryPolicy {
  /** Tries after the first one. @defaultValue 3 */
  readonly maxRetries?: number
  /** Longest wait before the first retry, milliseconds. @defaultValue 200 */
  readonly initialDelayMs?: number
  /** Longest wait before any retry, milliseconds. @defaultValue 10_000 */
  readonly maxDelayMs?: number
  /** Which faults are worth another try. */
  readonly isRetryable: (fault: Error) => boolean
}

/** When calls to a broken dependency stop for a while. */
export interface BreakerPolicy {
  /** Faults in a row that open the circuit. @defaultValue 5 */
  readonly failures?: number
  /** How long it stays open before one probe is let through, milliseconds. @defaultValue 10_000 */
  readonly openMs?: number
}

/** Runs a call under a policy. */
export interface Guard {
  /** @throws the last fault, or cockatiel's `BrokenCircuitError` while the circuit is open. */
  run<Value>(call: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value>
}

/** Retries with exponential backoff and decorrelated jitter. */
export function createRetry(policy: RetryPolicy): Guard {
  const guard = retryPolicy(policy)
  return { run: (call, signal) => guard.execute((context) => call(context.signal), signal) }
}

/** Retries behind a circuit breaker that counts each try. */
export function createBreaker(
  policy: RetryPolicy,
  { failures = 5, openMs = 10_000 }: BreakerPolicy,
): Guard {
  const breaker = circuitBreaker(handleWhen(policy.isRetryable), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failures),
  })
  const guard = wrap(retryPolicy(policy), breaker)
  return { run: (call, signal) => guard.execute((context) => call(context.signal), signal) }
}

function retryPolicy(policy: RetryPolicy): ReturnType<typeof retry> {
  return retry(handleWhen(policy.isRetryable), {
    maxAttempts: policy.maxRetries ?? 3,
    backoff: new ExponentialBackoff({
      generator: decorrelatedJitterGenerator,
      initialDelay: policy.initialDelayMs ?? 200,
      maxDelay: policy.maxDelayMs ?? 10_000,
    }),
  })
}
