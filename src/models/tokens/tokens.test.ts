import { readFileSync } from 'node:fs'

import { fc, test } from '@fast-check/vitest'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { beforeAll, describe, expect } from 'vitest'

import { user } from '../testing.ts'

import { estimateRequest } from './estimate.ts'
import { estimateTokens, loadTokenCounter, maxTokens, type TokenCounter } from './tokens.ts'

let count: TokenCounter
beforeAll(async () => void (count = await loadTokenCounter()))

describe('the tokenizer', () => {
  test('counts a long text as a whole would', () => {
    const text = readFileSync(new URL('../models.ts', import.meta.url), 'utf8')
    const whole = countTokens(text, { disallowedSpecial: new Set() })
    expect(Math.abs(count(text) - whole) / whole).toBeLessThan(0.005)
  })

  test.prop([fc.string({ maxLength: 200 })])('is exact below its piece', (text) => {
    expect(count(text)).toBe(countTokens(text, { disallowedSpecial: new Set() }))
  })

  test.prop([fc.string({ maxLength: 2_000, unit: 'binary' })])(
    'never counts more than the bytes of a text',
    (text) => {
      expect(count(text)).toBeLessThanOrEqual(maxTokens(text))
    },
  )

  test('takes special tokens as text, and any text in linear time', () => {
    expect(count('<|endoftext|>')).toBeGreaterThan(1)
    // Whole, this takes the tokenizer most of a minute.
    expect(count('中文字'.repeat(33_000))).toBeGreaterThan(33_000)
  })
})

test('the estimate by length is a quarter of the bytes', () => {
  expect([estimateTokens(''), estimateTokens('abcde'), estimateTokens('中文')]).toEqual([0, 2, 2])
})

describe('an estimate of a request', () => {
  const request = { messages: [user('word '.repeat(100))], instructions: 'be brief' }
  const options = { count: estimateTokens, maxOutputTokens: 50, hasRepair: false }

  test('bounds another vendor’s tokenizer by a margin, and by the bytes', () => {
    const own = estimateRequest(request, { ...options, isOwnTokenizer: true })
    const foreign = estimateRequest(request, { ...options, isOwnTokenizer: false })
    expect(foreign.inputTokens).toBe(Math.ceil(own.inputTokens * 1.5))
    const tight = { ...options, count: maxTokens, isOwnTokenizer: false }
    expect(estimateRequest(request, tight).inputTokens).toBeLessThanOrEqual(600)
  })

  test('covers the repair turn of an output contract', () => {
    const one = estimateRequest(request, { ...options, isOwnTokenizer: true })
    const two = estimateRequest(request, { ...options, isOwnTokenizer: true, hasRepair: true })
    expect([one.turns, two.turns, two.maxOutputTokens]).toEqual([1, 2, 100])
    expect(two.inputTokens).toBeGreaterThan(2 * one.inputTokens + 50)
  })

  test('counts tools, tool calls and their results', () => {
    const tools = [{ name: 't', description: 'd'.repeat(400), inputSchema: {} }]
    const call = { kind: 'tool-call' as const, id: 'c', name: 't', input: { x: 'y'.repeat(400) } }
    const result = { kind: 'tool-result' as const, id: 'c', name: 't', output: 'z'.repeat(400) }
    const full = estimateRequest(
      {
        ...request,
        tools,
        messages: [
          ...request.messages,
          { role: 'assistant', content: [call] },
          { role: 'tool', content: [result] },
        ],
      },
      { ...options, isOwnTokenizer: true },
    )
    const plain = estimateRequest(request, { ...options, isOwnTokenizer: true })
    expect(full.inputTokens - plain.inputTokens).toBeGreaterThan(300)
  })
})
