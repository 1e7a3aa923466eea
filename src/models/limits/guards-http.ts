import type { Breakers } from '../../kernel/breakers.ts'
import { type RetryDeps, retried, type RetryPolicy } from '../../platform/retry.ts'

import type { CreateGuards } from './guards.ts'

const DEFAULT_INITIAL_DELAY_MS = 500

/** What the guards of all providers share. */
export interface PolicyGuardsDeps extends RetryDeps {
  /** Those of the process: the circuit of a model is one, whoever asks. */
  readonly breakers: Breakers
}

/** Guards made of the platform's retry and of circuit breakers, one for each model. */
export function createPolicyGuards({ breakers, clock, random }: PolicyGuardsDeps): CreateGuards {
  return ({ provider, retries, isRetryable, judge }) => {
    const policy: RetryPolicy = {
      maxRetries: retries.maxRetries ?? 3,
      initialMs: retries.initialDelayMs ?? DEFAULT_INITIAL_DELAY_MS,
      factor: 2,
      maxDelayMs: retries.maxDelayMs ?? 10_000,
      isRetryable,
    }
    return {
      retry: (call, signal) => retried(call, { policy, signal }, { clock, random }),
      breaker: (run, { model, signal, whenOpen }) =>
        breakers.call({
          dependency: { name: `model:${provider}:${model}`, settings: retries.breaker },
          run,
          judge,
          whenOpen,
          signal,
        }),
    }
  }
}
