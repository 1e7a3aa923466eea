import { describe, expect, test } from 'vitest'

import { type Log, silentLog } from '../kernel/log.ts'
import { noTelemetry, type Telemetry } from '../kernel/telemetry.ts'
import { createManualClock } from '../kernel/testing.ts'

import type { GenerateRequest } from './schema.ts'
import { generateRequest, generation } from './schema.ts'
import { RIVER_REPORT } from './tasks/testing.ts'
import {
  advanceUntilSettled,
  collect,
  createScriptedModel,
  createTestModels,
  faultOf,
  reported,
  textPart,
  user,
} from './testing.ts'

const ask: GenerateRequest = { model: 'test:m', messages: [user('hello')] }
const contract = {
  ...ask,
  output: {
    name: 'n',
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  },
}

describe('generate', () => {
  test('gives a generation that fits its schema', async () => {
    const answer = await createTestModels(['hi']).generate(ask)
    expect(generation.parse(answer)).toMatchObject({
      text: 'hi',
      model: 'test:m',
      provider: 'test',
      finishReason: 'stop',
      attempts: 1,
      toolCalls: [],
    })
  })

  test('uses the default model when none is named', async () => {
    expect((await createTestModels(['hi']).generate({ messages: [user('x')] })).model).toBe(
      'test:m',
    )
  })

  test('names a model or provider that does not exist, or a key that is not set', async () => {
    const models = createTestModels(['hi'])
    const naming = (model: string): Promise<unknown> => faultOf(models.generate({ ...ask, model }))
    expect(await naming('tset:m')).toMatchObject({ code: 'models.unknown-provider' })
    expect(await naming('m')).toMatchObject({ code: 'models.invalid-reference' })
    expect(await naming('openai:gpt-5')).toMatchObject({ code: 'models.no-key' })
  })

  test('is done within its time, waits and tries included', async () => {
    const clock = createManualClock()
    const silent = createScriptedModel(() => new Promise(() => undefined))
    const work = createTestModels(silent, { clock }).generate({ ...ask, timeoutMs: 1_500 })
    expect(await advanceUntilSettled(clock, work)).toBe(1_500)
    expect(await faultOf(work)).toMatchObject({ code: 'models.timeout', provider: 'test' })
    expect(clock.pending).toBe(0)
  })

  test('stops when its caller does, with the caller’s reason', async () => {
    const model = createScriptedModel(() => new Promise(() => undefined))
    const controller = new AbortController()
    const work = createTestModels(model).generate(ask, { signal: controller.signal })
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new Error('enough'))
    expect(await faultOf(work)).toEqual(new Error('enough'))
    expect(model.calls[0]?.abortSignal?.aborted).toBe(true)
  })

  test('refuses a prompt that cannot fit, before any call', async () => {
    const model = createScriptedModel('hi')
    const models = createTestModels(model, {
      providers: [
        {
          kind: 'openai-compatible',
          name: 'test',
          baseUrl: 'http://x.test/v1',
          contextTokens: 1_000,
          maxOutputTokens: 500,
        },
      ],
    })
    const long = { ...ask, messages: [user('word '.repeat(600))] }
    expect(await faultOf(models.generate(long))).toMatchObject({ code: 'models.context-overflow' })
    expect(model.calls).toHaveLength(0)
    expect((await models.generate({ ...ask, messages: [user('word '.repeat(300))] })).text).toBe(
      'hi',
    )
  })

  test('makes one call for one idempotency key, and sends the provider a key', async () => {
    const model = createScriptedModel('first', 'second')
    const models = createTestModels(model)
    const both = await Promise.all(
      [1, 2].map(() => models.generate(ask, { idempotencyKey: 'step-1' })),
    )
    expect(both.map(({ text }) => text)).toEqual(['first', 'first'])
    expect(model.calls[0]?.headers).toEqual({ 'idempotency-key': 'step-1' })
    const leaving = { idempotencyKey: 'step-1', signal: AbortSignal.abort(new Error('left')) }
    expect(await faultOf(models.generate(ask, leaving))).toEqual(new Error('left'))
    const other = models.generate({ ...ask, seed: 1 }, { idempotencyKey: 'step-1' })
    expect(await faultOf(other)).toMatchObject({ code: 'models.idempotency-conflict' })
    await models.generate(ask)
    expect(model.calls[1]?.headers?.['idempotency-key']).toMatch(/^prsm-[0-9a-f]{32}$/)
  })
})

describe('counting', () => {
  test('is by length for builtin and by tokenizer for others', async () => {
    const models = createTestModels()
    expect(await models.countTokens('hello world', 'builtin')).toBe(3)
    expect(await models.countTokens('hello world', 'test:m')).toBe(2)
    expect((await models.tokenCounter('test:m'))('hello world')).toBe(2)
  })

  test('an estimate bounds what a call then reports', async () => {
    const models = createTestModels([{ content: [textPart('{"n":1}')], usage: reported(60, 20) }])
    const estimate = await models.estimate({ ...contract, maxOutputTokens: 40 })
    const { usage } = await models.generate({ ...contract, maxOutputTokens: 40 })
    expect(estimate).toMatchObject({ turns: 2, maxOutputTokens: 80 })
    expect(usage.inputTokens).toBeLessThanOrEqual(estimate.inputTokens)
    const task = { name: 'summarise' as const, input: { text: RIVER_REPORT } }
    const offline = await models.estimate({ model: 'builtin', messages: [], task })
    expect(offline.turns).toBe(1)
  })
})

test('requests are checked at the door', () => {
  const problemOf = (request: unknown): string | undefined =>
    generateRequest.safeParse(request).error?.issues[0]?.message
  expect(problemOf(ask)).toBeUndefined()
  expect(problemOf({ messages: [] })).toMatch(/no task/)
  const task = { name: 'relate', input: {} }
  expect(problemOf({ ...contract, task })).toMatch(/a task has its own output/)
})

test('doors can show what there is', () => {
  const models = createTestModels([], { providers: [] })
  expect(models.resolve()).toBe('builtin')
  expect(models.defaultNotice()).toMatch(/^no model key is set/)
  expect(models.listProviders().map(({ name, isReady }) => [name, isReady])).toEqual([
    ['openai', false],
    ['anthropic', false],
    ['google', false],
    ['builtin', true],
  ])
})

test('telemetry and logs have names and numbers, never what is said', async () => {
  const seen: unknown[] = []
  const keep = (...line: unknown[]): void => void seen.push(line)
  const telemetry: Telemetry = {
    ...noTelemetry,
    observe: keep,
    count: keep,
    span: (name, attributes, work) => {
      keep(name, attributes)
      return work()
    },
  }
  const log: Log = { ...silentLog, debug: keep, warn: keep, info: keep }
  const secret = { text: 'private words here.', quote: 'private words here' }
  const answer = JSON.stringify({ sentences: [secret, { text: 'no', quote: 'not in it' }] })
  const models = createTestModels([answer, new TypeError('private'), 'hi'], { telemetry, log })
  await models.run('summarise', { text: 'The private words here.' })
  await collect(models.stream(ask))
  const all = JSON.stringify(seen)
  expect(all).not.toMatch(/private/)
  for (const name of [
    'chat m',
    '"gen_ai.provider.name":"test"',
    '"gen_ai.request.model":"m"',
    '"prsm.task":"summarise"',
    'gen_ai.client.operation.duration',
    '"gen_ai.token.type":"output"',
    'prsm.models.dropped_quotes',
    'prsm.models.failed_tries',
    'models.answered',
  ]) {
    expect(all).toContain(name)
  }
})
