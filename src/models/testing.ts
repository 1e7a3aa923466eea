import type { LanguageModelV3 } from '@ai-sdk/provider'

import { silentLog } from '../kernel/log.ts'
import { createSeededRandom } from '../kernel/random.ts'
import { noTelemetry } from '../kernel/telemetry.ts'
import { createManualClock, type ManualClock } from '../kernel/testing.ts'

import { createBuiltinModel } from './builtin-model.ts'
import { createScriptedModel, type ScriptedAnswer } from './calls/testing.ts'
import type { CreateGuards } from './limits/guards.ts'
import { createModels, type Models, type ModelsDeps } from './models.ts'
import type { Message } from './schema.ts'
import { createTestAlgorithms } from './tasks/testing.ts'

export {
  createScriptedModel,
  finish,
  reported,
  scriptedResult,
  streamOf,
  textPart,
} from './calls/testing.ts'
export { createTestAlgorithms } from './tasks/testing.ts'

/** A user turn. */
export function user(text: string): Message {
  return { role: 'user', content: [{ kind: 'text', text }] }
}

/** Guards that try again at once, for tests that must not wait. */
export const immediateGuards: CreateGuards = ({ retries, isRetryable }) => ({
  breaker: (call) => call(),
  retry(call) {
    const again = (left: number): ReturnType<typeof call> =>
      call().catch((fault: unknown) => {
        if (left === 0 || !isRetryable(fault)) throw fault
        return again(left - 1)
      })
    return again(retries.maxRetries ?? 3)
  },
})

/** A models service without network: `test:m` is the scripted model, `builtin` the small one. */
export function createTestModels(
  script: LanguageModelV3 | readonly ScriptedAnswer[] = [],
  deps: Partial<ModelsDeps> = {},
): Models {
  const model = 'doGenerate' in script ? script : createScriptedModel(...script)
  return createModels({
    providers: [
      {
        kind: 'openai-compatible',
        name: 'test',
        baseUrl: 'http://model.test/v1',
        defaultModel: 'm',
      },
    ],
    secrets: () => undefined,
    loadBuiltin: async () => createBuiltinModel(createTestAlgorithms()),
    clock: createManualClock(),
    random: createSeededRandom(1),
    log: silentLog,
    telemetry: noTelemetry,
    fetch: () => Promise.reject(new TypeError('no network in tests')),
    loadProvider: async () => () => model,
    createGuards: immediateGuards,
    ...deps,
  })
}

/** Everything that an iterable yields. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What `work` is rejected with; a success is returned as an error too, so that tests fail on it. */
export function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => new Error(`succeeded with ${JSON.stringify(value)}`),
    (fault: unknown) => fault,
  )
}

/** Moves the clock in steps of 100 ms until `work` settles; says how far it moved. */
export async function advanceUntilSettled(
  clock: ManualClock,
  work: Promise<unknown>,
): Promise<number> {
  const startMs = clock.now()
  const settled = work.then(
    () => true,
    () => true,
  )
  const step = async (): Promise<number> => {
    const turn = new Promise<false>((resolve) => setImmediate(resolve, false))
    if (await Promise.race([settled, turn])) return clock.now() - startMs
    if (clock.now() - startMs > 1_000_000) throw new Error('the work never settles')
    if (clock.pending > 0) clock.advance(100)
    return step()
  }
  return step()
}
