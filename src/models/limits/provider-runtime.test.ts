import { describe, expect, test } from 'vitest'

import type { Log } from '../../kernel/log.ts'
import { silentLog } from '../../kernel/log.ts'
import { noTelemetry } from '../../kernel/telemetry.ts'
import { createManualClock } from '../../kernel/testing.ts'
import { ProviderFailedError, RateLimitedError } from '../errors.ts'
import type { ProviderConfig } from '../providers/schema.ts'
import { createScriptedModel, faultOf, immediateGuards } from '../testing.ts'

import { createProviderRuntime, type ProviderRuntimeDeps, type Try } from './provider-runtime.ts'

const facts = { provider: 'p', model: 'm' }
const outage = new ProviderFailedError('failed', { ...facts, status: 503, isTransient: true })
const refusal = new ProviderFailedError('failed', { ...facts, status: 400 })
const signal = new AbortController().signal

function runtimeOf(
  config: Partial<ProviderConfig> = {},
  deps: Partial<ProviderRuntimeDeps> = {},
): ReturnType<typeof createProviderRuntime> {
  return createProviderRuntime({
    config: { kind: 'openai', name: 'p', ...config } as ProviderConfig,
    key: undefined,
    keyNames: [],
    knownModels: [],
    loadModel: async () => createScriptedModel(),
    createGuards: immediateGuards,
    clock: createManualClock(),
    log: silentLog,
    telemetry: noTelemetry,
    ...deps,
  })
}

/** An attempt that throws the faults in turn and then succeeds. */
function failing(...faults: readonly Error[]): {
  attempt: (t: Try) => Promise<string>
  calls: number
} {
  const state = {
    calls: 0,
    attempt: async (attempt: Try) => {
      const fault = faults[state.calls++]
      if (fault !== undefined) throw fault
      attempt.end()
      return 'done'
    },
  }
  return state
}

describe('a call', () => {
  test('is tried again after a fault that may pass, and says how often', async () => {
    const { attempt } = failing(outage, outage)
    const call = { model: 'm', tokens: 1, signal, attempt }
    expect(await runtimeOf().call(call)).toEqual({ value: 'done', attempts: 3, queuedMs: 0 })
  })

  test('is not tried again after a fault that stays', async () => {
    const work = failing(refusal)
    await expect(
      runtimeOf().call({ model: 'm', tokens: 1, signal, attempt: work.attempt }),
    ).rejects.toBe(refusal)
    expect(work.calls).toBe(1)
  })

  test('gives up after its retries with the last fault', async () => {
    const work = failing(outage, outage, outage)
    const runtime = runtimeOf({ retries: { maxRetries: 1 } })
    await expect(
      runtime.call({ model: 'm', tokens: 1, signal, attempt: work.attempt }),
    ).rejects.toBe(outage)
    expect(work.calls).toBe(2)
  })

  test('is not tried again when the provider wants a longer pause than allowed', async () => {
    const pause = { ...facts, status: 429, isTransient: true, retryAfterMs: 3_600_000 }
    const work = failing(new RateLimitedError('busy', pause))
    const call = { model: 'm', tokens: 1, signal, attempt: work.attempt }
    await expect(runtimeOf().call(call)).rejects.toMatchObject({ retryAfterMs: 3_600_000 })
    expect(work.calls).toBe(1)
  })

  test('frees its place when it fails', async () => {
    const runtime = runtimeOf({ limits: { maxConcurrent: 1 } })
    const call = { model: 'm', tokens: 1, signal }
    await expect(runtime.call({ ...call, attempt: failing(refusal).attempt })).rejects.toBe(refusal)
    expect((await runtime.call({ ...call, attempt: failing().attempt })).value).toBe('done')
  })

  test('is refused when too many wait', async () => {
    const runtime = runtimeOf({ limits: { maxConcurrent: 1, maxQueue: 0 } })
    const call = { model: 'm', tokens: 1, signal }
    void runtime.call({ ...call, attempt: () => new Promise<string>(() => undefined) })
    await expect(runtime.call({ ...call, attempt: failing().attempt })).rejects.toMatchObject({
      code: 'models.rate-limited',
      isTransient: true,
    })
  })

  test('is cut off by the try’s time, also when the provider ignores the signal', async () => {
    const clock = createManualClock()
    const runtime = runtimeOf({ tryTimeoutMs: 50, retries: { maxRetries: 0 } }, { clock })
    const work = runtime.call({
      model: 'm',
      tokens: 1,
      signal,
      attempt: () => new Promise<string>(() => undefined),
    })
    const fault = faultOf(work)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(50)
    expect(await fault).toMatchObject({ code: 'models.timeout', isTransient: true })
    expect(clock.pending).toBe(0)
  })
})

test('failed tries are logged by name and code alone', async () => {
  const lines: unknown[] = []
  const log: Log = { ...silentLog, warn: (...line) => lines.push(line) }
  await runtimeOf({}, { log }).call({
    model: 'm',
    tokens: 1,
    signal,
    attempt: failing(outage).attempt,
  })
  const fields = {
    provider: 'p',
    model: 'm',
    code: 'models.provider-failed',
    status: 503,
    attempt: 1,
  }
  expect(lines).toEqual([['models.try-failed', fields]])
})
