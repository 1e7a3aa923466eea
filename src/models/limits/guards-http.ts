import { BrokenCircuitError } from 'cockatiel'

import { createBreaker, createRetry } from '../../platform/policies.ts'

import type { CreateGuards } from './guards.ts'

const DEFAULT_INITIAL_DELAY_MS = 500

/** Guards made of the platform's retry and circuit-breaker policies. */
export const createPolicyGuards: CreateGuards = ({ retries, isRetryable, isOutage }) => {
  const retry = createRetry({
    maxRetries: retries.maxRetries ?? 3,
    initialDelayMs: retries.initialDelayMs ?? DEFAULT_INITIAL_DELAY_MS,
    maxDelayMs: retries.maxDelayMs ?? 10_000,
    isRetryable,
  })
  const breaker = createBreaker(
    { maxRetries: 0, isRetryable: isOutage },
    { failures: retries.breakerFailures ?? 5, openMs: retries.breakerOpenMs ?? 10_000 },
  )
  return {
    retry: (call) => retry.run(call),
    breaker: async (call, whenOpen) => {
      try {
        return await breaker.run(call)
      } catch (fault) {
        throw fault instanceof BrokenCircuitError ? whenOpen() : fault
      }
    },
  }
}
