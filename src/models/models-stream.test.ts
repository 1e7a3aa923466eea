import { describe, expect, test } from 'vitest'

import { createManualClock } from '../kernel/testing.ts'

import { type GenerateRequest, streamPart } from './schema.ts'
import {
  advanceUntilSettled,
  collect,
  createScriptedModel,
  createTestModels,
  faultOf,
  streamOf,
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

describe('stream', () => {
  test('yields every kind of part, numbered, and ends with what generate gives', async () => {
    const script = [
      {
        content: [
          { type: 'reasoning' as const, text: 'hm' },
          textPart('{"n":'),
          { type: 'source' as const, sourceType: 'url' as const, id: 's', url: 'https://x.test' },
          textPart('"x"}'),
        ],
      },
      '{"n":1}',
    ]
    const parts = await collect(createTestModels(script).stream(contract))
    expect(parts.map(({ kind }) => kind)).toEqual([
      'reasoning',
      'text',
      'text',
      'restart',
      'text',
      'usage',
      'finish',
    ])
    expect(parts.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const part of parts) expect(streamPart.parse(part)).toEqual(part)
    const last = parts.at(-1)
    const whole = await createTestModels(script).generate(contract)
    expect(last?.kind === 'finish' && last.generation).toEqual(whole)
  })

  test('tries again until the first part is there, then no more', async () => {
    const busy = Object.assign(new TypeError('terminated'))
    const parts = await collect(createTestModels([busy, 'hi']).stream(ask))
    const last = parts.at(-1)
    expect(last?.kind === 'finish' && [last.generation.text, last.generation.attempts]).toEqual([
      'hi',
      2,
    ])
  })

  test('that breaks after its first part is a fault, and not tried again', async () => {
    let opened = 0
    const model = {
      ...createScriptedModel(),
      doStream: async () => {
        opened += 1
        const parts = [{ type: 'text-delta' as const, id: '0', delta: 'half' }]
        return {
          stream: streamOf([...parts, { type: 'error', error: { type: 'overloaded_error' } }]),
        }
      },
    }
    const work = collect(createTestModels(model).stream(ask))
    expect(await faultOf(work)).toMatchObject({ code: 'models.provider-failed', status: 503 })
    expect(opened).toBe(1)
  })

  test('stops the provider when its reader leaves, and frees its place', async () => {
    let isCancelled = false
    const model = {
      ...createScriptedModel(),
      doStream: async () => ({
        stream: new ReadableStream({
          pull: (controller) =>
            controller.enqueue({ type: 'text-delta', id: '0', delta: 'on and ' }),
          cancel: () => void (isCancelled = true),
        }),
      }),
    }
    const clock = createManualClock()
    for await (const part of createTestModels(model, { clock }).stream(ask)) {
      if (part.offset === 3) break
    }
    expect([isCancelled, clock.pending]).toEqual([true, 0])
  })

  test('that falls silent is a timeout', async () => {
    const clock = createManualClock()
    const first = { type: 'text-delta', id: '0', delta: 'and' }
    const model = {
      ...createScriptedModel(),
      doStream: async () => ({
        stream: new ReadableStream({ start: (controller) => controller.enqueue(first) }),
      }),
    }
    const work = collect(createTestModels(model, { clock }).stream(ask))
    expect(await advanceUntilSettled(clock, work)).toBe(120_000)
    expect(await faultOf(work)).toMatchObject({ code: 'models.timeout' })
  })
})
