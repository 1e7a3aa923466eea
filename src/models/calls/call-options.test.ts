import { describe, expect, test } from 'vitest'

import type { GenerateRequest } from '../schema.ts'
import { user } from '../testing.ts'

import { type CallTarget, toCallOptions } from './call-options.ts'
import { isStrictSchema } from './strict-schema.ts'

const target: CallTarget = { kind: 'openai', hasSchemaOutput: true, maxOutputTokens: 100 }
const object = (properties: Record<string, never>, rest = {}): Record<string, never> =>
  ({ type: 'object', properties, ...rest }) as unknown as Record<string, never>
const strict = object(
  { a: { type: 'string' } as never },
  { required: ['a'], additionalProperties: false },
)
const request: GenerateRequest = { messages: [user('hi')], output: { name: 'out', schema: strict } }

describe('options of a call', () => {
  test('hold the conversation, tool results as text', () => {
    const { prompt } = toCallOptions(
      {
        instructions: 'be brief',
        messages: [
          user('read'),
          {
            role: 'assistant',
            content: [
              { kind: 'text', text: 'ok' },
              { kind: 'reasoning', text: 'r', providerData: { openai: { itemId: 'i' } } },
              { kind: 'tool-call', id: 'c', name: 'read_file', input: { path: 'p' } },
            ],
          },
          {
            role: 'tool',
            content: [
              { kind: 'tool-result', id: 'c', name: 'read_file', output: { text: 't' } },
              { kind: 'tool-result', id: 'd', name: 'read_file', output: 'gone', isError: true },
            ],
          },
        ],
      },
      target,
      'key',
    )
    expect(prompt).toMatchObject([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'read' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text' },
          { type: 'reasoning', providerOptions: { openai: { itemId: 'i' } } },
          { type: 'tool-call', toolCallId: 'c', input: { path: 'p' } },
        ],
      },
      {
        role: 'tool',
        content: [
          { output: { type: 'text', value: '{"text":"t"}' } },
          { output: { type: 'error-text', value: 'gone' } },
        ],
      },
    ])
  })

  test('carry settings, the key and a bound on the answer', () => {
    const options = toCallOptions(
      { ...request, seed: 1, temperature: 0, stop: ['END'], toolChoice: { name: 'x' } },
      target,
      'key-1',
    )
    expect(options).toMatchObject({
      maxOutputTokens: 100,
      seed: 1,
      temperature: 0,
      stopSequences: ['END'],
      toolChoice: { type: 'tool', toolName: 'x' },
      headers: { 'idempotency-key': 'key-1' },
    })
    expect(toCallOptions({ messages: [user('hi')] }, target, 'k')).not.toHaveProperty('seed')
    const chosen = toCallOptions({ ...request, toolChoice: 'required' }, target, 'k')
    expect(chosen.toolChoice).toEqual({ type: 'required' })
  })

  test('ask for the schema natively, else in the instructions', () => {
    const native = toCallOptions(request, target, 'k')
    expect(native.responseFormat).toMatchObject({ type: 'json', name: 'out', schema: strict })
    const spoken = toCallOptions(request, { ...target, hasSchemaOutput: false }, 'k')
    expect(spoken.responseFormat).toBeUndefined()
    expect(JSON.stringify(spoken.prompt[0])).toMatch(/one JSON value and nothing else/)
  })

  test('let no provider store anything, and each see only its own options', () => {
    const optionsOf = (kind: CallTarget['kind']): unknown =>
      toCallOptions(request, { ...target, kind }, 'k').providerOptions
    expect(optionsOf('openai')).toEqual({ openai: { store: false, strictJsonSchema: true } })
    expect(optionsOf('openai-compatible')).toEqual({ openaiCompatible: { strictJsonSchema: true } })
    expect(optionsOf('anthropic')).toEqual({})
    expect(optionsOf('google')).toEqual({})
    expect(optionsOf('builtin')).toEqual({})
  })
})

describe('a strict schema', () => {
  test('closes every object and requires every property', () => {
    expect(isStrictSchema(strict)).toBe(true)
    const list = { type: 'array', items: strict } as never
    expect(
      isStrictSchema(object({ list }, { required: ['list'], additionalProperties: false })),
    ).toBe(true)
  })

  test.each([
    ['open', object({}, { required: [] })],
    ['with an optional property', object({ a: {} as never }, { additionalProperties: false })],
    [
      'open further down',
      object({ a: object({}) as never }, { required: ['a'], additionalProperties: false }),
    ],
    ['with a keyword that strict mode lacks', { ...strict, not: {} }],
    ['no object', { type: 'string' }],
  ])('is not one that is %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(false)
  })
})
