import type { LanguageModelV3 } from '@ai-sdk/provider'

import type { Clock } from '../../kernel/clock.ts'
import { abortReason, raceAbort } from '../calls/deadline.ts'

import type { ProviderRuntime } from './provider-runtime.ts'
import { createRateLimiter } from './rate-limiter.ts'

/** What the runtime of the model inside this process needs. */
export interface DirectRuntimeDeps {
  readonly load: () => Promise<LanguageModelV3>
  readonly clock: Clock
  /** Calls that compute side by side; the others wait, in the order they came. */
  readonly maxConcurrent: number
}

/** The runtime of the model inside this process: no retries, its faults are its own. */
export function createDirectRuntime({
  load,
  clock,
  maxConcurrent,
}: DirectRuntimeDeps): ProviderRuntime {
  const turns = createRateLimiter(clock, { maxConcurrent, maxQueue: Number.POSITIVE_INFINITY })
  return {
    async call({ signal, attempt }) {
      if (signal.aborted) throw abortReason(signal)
      const race = <Value>(work: Promise<Value>): Promise<Value> => raceAbort(work, signal)
      const model = await race(load())
      const since = clock.now()
      const turn = await turns.acquire(0, signal)
      const queuedMs = clock.now() - since
      try {
        return {
          value: await race(attempt({ ...IDLE, model, signal, race })),
          attempts: 1,
          queuedMs,
        }
      } finally {
        turn?.release()
      }
    },
  }
}

const IDLE = {
  restart: () => undefined,
  pause: () => undefined,
  end: () => undefined,
  explain: (fault: unknown) =>
    fault instanceof Error ? fault : new Error('the builtin model failed', { cause: fault }),
}
