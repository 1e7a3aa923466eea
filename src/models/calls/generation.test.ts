import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import { describe, expect, test } from 'vitest'

import { finish, reported, scriptedResult, textPart } from '../testing.ts'

import { addUsage, readTurn } from './generation.ts'
import { createStreamCollector } from './stream-collector.ts'

const origin = { provider: 'p', model: 'm' }
const turnOf = (part: Parameters<typeof scriptedResult>[0]): ReturnType<typeof readTurn> =>
  readTurn(scriptedResult(part), origin, 40)
const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'read_file' } as const

describe('every finish reason', () => {
  test.each(['stop', 'length', 'other'] as const)('%s is passed on', (reason) => {
    expect(turnOf({ finishReason: finish(reason) }).finishReason).toBe(reason)
  })

  test('tool-calls follows the calls made, not the word', () => {
    const called = { ...call, input: '{}' }
    expect(turnOf({ content: [called], finishReason: finish('stop') }).finishReason).toBe(
      'tool-calls',
    )
    expect(turnOf({ finishReason: finish('tool-calls') }).finishReason).toBe('other')
  })

  test.each([
    ['content-filter', 'models.refused'],
    ['error', 'models.provider-failed'],
  ] as const)('%s is a fault', (reason, code) => {
    expect(() => turnOf({ finishReason: finish(reason) })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('a full window is an overflow', () => {
    const finishReason = { unified: 'length', raw: 'model_context_window_exceeded' } as const
    expect(() => turnOf({ finishReason })).toThrow(
      expect.objectContaining({ code: 'models.context-overflow' }),
    )
  })
})

describe('tool calls', () => {
  test('have parsed input, and {} when nothing was written', () => {
    const { toolCalls } = turnOf({
      content: [
        { ...call, input: '{"path":"a"}' },
        { ...call, input: '' },
      ],
    })
    expect(toolCalls.map(({ input }) => input)).toEqual([{ path: 'a' }, {}])
  })

  test('keep what is not JSON apart, for the loop to answer', () => {
    const [broken] = turnOf({ content: [{ ...call, input: '{"path":' }] }).toolCalls
    expect(broken).toMatchObject({ input: {}, invalidInput: '{"path":' })
  })

  test('that the provider ran itself are not ours', () => {
    expect(
      turnOf({ content: [{ ...call, input: '{}', providerExecuted: true }] }).toolCalls,
    ).toEqual([])
  })

  test('and reasoning carry the provider’s data back in the message', () => {
    const providerMetadata = { google: { thoughtSignature: 'abc' } }
    const { message, reasoning } = turnOf({
      content: [
        { type: 'reasoning', text: 'think', providerMetadata },
        textPart('hi'),
        { ...call, input: '{}', providerMetadata },
        { type: 'reasoning', text: '' },
      ],
    })
    expect(reasoning).toBe('think')
    expect(message.content).toMatchObject([
      { kind: 'reasoning', text: 'think', providerData: providerMetadata },
      { kind: 'text', text: 'hi' },
      { kind: 'tool-call', providerData: providerMetadata },
    ])
  })
})

describe('usage', () => {
  test('is the provider’s, or an estimate that says so', () => {
    expect(turnOf({ usage: reported(10, 5) }).usage).toMatchObject({ isEstimated: false })
    expect(
      turnOf({ content: [textPart('eight ch')], usage: reported(undefined, undefined) }).usage,
    ).toEqual({
      inputTokens: 40,
      outputTokens: 2,
      cachedInputTokens: 0,
      reasoningTokens: 0,
      isEstimated: true,
    })
  })

  test('of several turns adds up', () => {
    const one = turnOf({ usage: reported(10, 5) }).usage
    expect(addUsage(one, { ...one, isEstimated: true })).toMatchObject({
      inputTokens: 20,
      outputTokens: 10,
      isEstimated: true,
    })
  })
})

test('warnings are sentences', () => {
  const { warnings } = turnOf({
    warnings: [
      { type: 'unsupported', feature: 'seed' },
      { type: 'compatibility', feature: 'json', details: 'as a tool' },
      { type: 'other', message: 'look out' },
    ],
  })
  expect(warnings).toEqual(['unsupported: seed', 'compatibility: json, as a tool', 'look out'])
})

describe('a stream', () => {
  const done: LanguageModelV3StreamPart = {
    type: 'finish',
    usage: reported(1, 1),
    finishReason: finish('stop'),
  }
  const read = (parts: readonly LanguageModelV3StreamPart[]): ReturnType<typeof readTurn> => {
    const collector = createStreamCollector()
    for (const part of parts) collector.accept(part)
    return readTurn(collector.finish(), origin, 0)
  }

  test('adds up to the same turn, whatever parts it consists of', () => {
    const providerMetadata = { anthropic: { signature: 's' } }
    const turn = read([
      { type: 'stream-start', warnings: [{ type: 'other', message: 'w' }] },
      { type: 'response-metadata', modelId: 'm-2' },
      { type: 'raw', rawValue: {} },
      { type: 'reasoning-start', id: '1' },
      { type: 'reasoning-delta', id: '1', delta: 'why' },
      { type: 'reasoning-delta', id: '1', delta: '', providerMetadata },
      { type: 'reasoning-end', id: '1' },
      { type: 'text-start', id: '2' },
      { type: 'text-delta', id: '2', delta: 'be' },
      { type: 'text-delta', id: '2', delta: '' },
      { type: 'text-delta', id: '2', delta: 'cause' },
      { type: 'text-end', id: '2' },
      { type: 'tool-input-start', id: 'c1', toolName: 'read_file' },
      { type: 'tool-input-delta', id: 'c1', delta: '{}' },
      { type: 'tool-input-end', id: 'c1' },
      { ...call, input: '{}' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://x.test' },
      done,
    ])
    expect(turn).toMatchObject({
      text: 'because',
      reasoning: 'why',
      servedModel: 'm-2',
      warnings: ['w'],
    })
    expect(turn.message.content[0]).toMatchObject({ providerData: providerMetadata })
    expect(turn.toolCalls).toHaveLength(1)
  })

  test('that ends without a finish, or without a reason, was cut off', () => {
    expect(() => read([{ type: 'text-delta', id: '1', delta: 'x' }])).toThrow(/cut off/)
    expect(() => read([{ ...done, finishReason: { unified: 'other', raw: undefined } }])).toThrow(
      /cut off/,
    )
  })

  test('throws the error it reports', () => {
    const fault = new Error('overloaded')
    expect(() => read([{ type: 'error', error: fault }])).toThrow(fault)
  })
})
