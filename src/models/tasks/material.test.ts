import type { LanguageModelV3Prompt, LanguageModelV3ToolResultPart } from '@ai-sdk/provider'
import { expect, test } from 'vitest'

import { readingOf } from './material.ts'

const call = (
  toolCallId: string,
  path: string,
  toolName = 'read_file',
): LanguageModelV3Prompt[number] => ({
  role: 'assistant',
  content: [{ type: 'tool-call', toolCallId, toolName, input: { path } }],
})
const result = (
  toolCallId: string,
  output: LanguageModelV3ToolResultPart['output'],
): LanguageModelV3Prompt[number] => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId, toolName: 'read_file', output }],
})

test.each([
  [
    { type: 'text', value: 'plain' },
    { kind: 'text', text: 'plain' },
  ],
  [
    { type: 'text', value: '{"text":"wrapped"}' },
    { kind: 'text', text: 'wrapped' },
  ],
  [
    { type: 'text', value: '{ not json' },
    { kind: 'text', text: '{ not json' },
  ],
  [
    { type: 'json', value: { content: 'inner' } },
    { kind: 'text', text: 'inner' },
  ],
  [
    { type: 'content', value: [{ type: 'text', text: 'part' }] },
    { kind: 'text', text: 'part' },
  ],
  [
    { type: 'error-text', value: 'no such file' },
    { kind: 'failed', reason: 'no such file' },
  ],
  [
    { type: 'error-json', value: { code: 1 } },
    { kind: 'failed', reason: '{"code":1}' },
  ],
  [{ type: 'execution-denied' }, { kind: 'failed', reason: 'the tool call was denied' }],
] as const)('%j reads as %j', (output, reading) => {
  const prompt = [call('1', 'a.md'), result('1', output as LanguageModelV3ToolResultPart['output'])]
  expect(readingOf(prompt, 'a.md')).toEqual(reading)
})

test('only the file asked for counts, and its last reading', () => {
  const prompt = [
    call('1', 'a.md'),
    result('1', { type: 'text', value: 'old' }),
    call('2', 'b.md'),
    result('2', { type: 'text', value: 'other' }),
    call('3', 'a.md', 'files_read'),
    result('3', { type: 'text', value: 'new' }),
    call('4', 'a.md', 'delete_file'),
    result('4', { type: 'text', value: 'deleted' }),
  ]
  expect(readingOf(prompt, 'a.md')).toEqual({ kind: 'text', text: 'new' })
  expect(readingOf(prompt, 'c.md')).toBeUndefined()
})
