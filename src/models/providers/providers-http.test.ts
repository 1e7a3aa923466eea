import { describe, expect, test } from 'vitest'

import { createManualClock } from '../../kernel/testing.ts'
import { createReplayFetch } from '../recordings/recorded-fetch.ts'
import {
  createMemoryRecordings,
  FIXTURE_MODELS,
  FIXTURE_PROVIDERS,
  fixtureRequest,
  readFixtures,
  type Scenario,
} from '../recordings/testing.ts'
import type { Generation, StreamPart } from '../schema.ts'
import { advanceUntilSettled, collect, createTestModels } from '../testing.ts'

const fixtures = readFixtures()
const KEY = 'sk-test-0123456789abcdef'

function replaying(clock = createManualClock()): ReturnType<typeof createTestModels> {
  return createTestModels([], {
    providers: [{ kind: 'openai-compatible', name: 'local', baseUrl: 'http://local.test/v1' }],
    secrets: () => KEY,
    fetch: createReplayFetch(createMemoryRecordings(fixtures.values())),
    clock,
    ...({ loadProvider: undefined } as object),
  })
}

describe.each(FIXTURE_PROVIDERS)('%s', (provider) => {
  const model = FIXTURE_MODELS[provider]
  const generate = (scenario: Scenario): Promise<Generation> =>
    replaying().generate(fixtureRequest(model, scenario))

  test('answers, with the tokens the provider reports', async () => {
    const generation = await generate('chat')
    expect(generation).toMatchObject({
      text: 'Hello there.',
      finishReason: 'stop',
      model,
      provider,
      attempts: 1,
      usage: { inputTokens: 21, outputTokens: 7, cachedInputTokens: 4, isEstimated: false },
    })
    expect(generation.message.role).toBe('assistant')
  })

  test('calls a tool with parsed input', async () => {
    const { toolCalls, finishReason, text } = await generate('tool')
    expect(toolCalls).toMatchObject([{ id: 'call_1', name: 'weather', input: { city: 'Bern' } }])
    expect([finishReason, text]).toEqual(['tool-calls', ''])
  })

  test('gives structured output through the provider’s own format', async () => {
    const { output } = await generate('structured')
    expect(output).toEqual({ city: 'Bern', people: 134_794 })
    const body = JSON.stringify(fixtures.get(`${provider}-structured`)?.request.body)
    expect(body).toMatch(/json_schema|response(?:Json)?Schema/)
  })

  test('streams numbered parts that add up to the same answer', async () => {
    const parts = await collect(replaying().stream(fixtureRequest(model, 'stream')))
    expect(parts.map(({ offset }) => offset)).toEqual(parts.map((_, index) => index))
    const text = parts.map((part) => (part.kind === 'text' ? part.delta : '')).join('')
    const last = parts.at(-1)
    expect(text).toBe('Hello there.')
    expect(last?.kind === 'finish' && last.generation.text).toBe(text)
    expect(last?.kind === 'finish' && last.generation.usage.inputTokens).toBe(21)
  })

  test('streams a tool call whole', async () => {
    const parts = await collect(replaying().stream(fixtureRequest(model, 'stream-tool')))
    const calls = parts.flatMap((part) => (part.kind === 'tool-call' ? [part.call] : []))
    expect(calls).toMatchObject([{ name: 'weather', input: { city: 'Bern' } }])
    const last = parts.at(-1)
    expect(last?.kind === 'finish' && last.generation.toolCalls).toEqual(calls)
  })

  test('waits as long as a 429 asks, then succeeds', async () => {
    const clock = createManualClock()
    const work = replaying(clock).generate(fixtureRequest(model, 'rate-limited'))
    const waited = await advanceUntilSettled(clock, work)
    const { text, attempts } = await work
    expect([text, attempts]).toEqual(['Hello again.', 2])
    expect(waited).toBeGreaterThanOrEqual(provider === 'openai' ? 900 : 1_000)
  })

  test('reports a failing server after its retries', async () => {
    await expect(generate('failing')).rejects.toMatchObject({
      code: 'models.provider-failed',
      provider,
      status: provider === 'google' ? 503 : 500,
      isTransient: true,
    })
  })

  test('reports a body that is not the protocol', async () => {
    await expect(generate('garbage')).rejects.toMatchObject({ code: 'models.garbage', status: 200 })
  })

  test('reports a stream that was cut off, after the parts that came', async () => {
    const parts: StreamPart[] = []
    const reading = (async () => {
      for await (const part of replaying().stream(fixtureRequest(model, 'truncated')))
        parts.push(part)
    })()
    const code = provider === 'local' ? 'models.provider-failed' : 'models.garbage'
    await expect(reading).rejects.toMatchObject({ code })
    expect(parts).toEqual([{ kind: 'text', delta: 'Hel', offset: 0 }])
  })

  test('reports a content filter', async () => {
    await expect(generate('filtered')).rejects.toMatchObject({ code: 'models.refused' })
  })
})

test('a request that was never recorded is named', async () => {
  const request = { ...fixtureRequest(FIXTURE_MODELS.openai, 'chat'), seed: 7 }
  await expect(
    replaying().generate({ ...request, instructions: 'Something else.' }),
  ).rejects.toMatchObject({ code: 'models.unrecorded-request' })
})
