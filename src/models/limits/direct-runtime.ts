import type { LanguageModelV3 } from '@ai-sdk/provider'

import { abortReason, raceAbort } from '../calls/deadline.ts'

import type { ProviderRuntime } from './provider-runtime.ts'

/** The runtime of the model inside this process: no limits, no retries, its faults are its own. */
export function createDirectRuntime(load: () => Promise<LanguageModelV3>): ProviderRuntime {
  return {
    async call({ signal, attempt }) {
      if (signal.aborted) throw abortReason(signal)
      const race = <Value>(work: Promise<Value>): Promise<Value> => raceAbort(work, signal)
      const model = await race(load())
      return { value: await race(attempt({ ...IDLE, model, signal, race })), attempts: 1 }
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
