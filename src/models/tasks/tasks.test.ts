import { describe, expect, test } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import { loadSchemaChecker } from '../calls/json-schema.ts'
import { isStrictSchema } from '../calls/strict-schema.ts'

import { checkTask } from './check-task.ts'
import { expandTask } from './expand-task.ts'
import { TASK_NAMES, type TaskCall, type TaskName } from './schema.ts'
import { parseTaskInput } from './tasks.ts'
import { RIVER_REPORT, testClaim } from './testing.ts'

const checker = await loadSchemaChecker()
const text = RIVER_REPORT
const FLOW = 'The Aare carried 310 cubic metres per second in May.'
const TROUT = 'Trout numbers fell by 12 percent.'
const plain = (claim: object): Record<string, Json> => JSON.parse(JSON.stringify(claim))
const claims = [plain(testClaim('a', TROUT)), plain(testClaim('b', FLOW))]
const examples = [{ text: 'fish', label: 'nature' }]
const fieldSchema = { type: 'object', properties: { flow: { type: 'number' } }, required: ['flow'] }
const relations = { agreements: [], contradictions: [], unsupported: [] }

const INPUTS: Readonly<Record<TaskName, TaskCall['input']>> = {
  summarise: { text, maxSentences: 2, query: 'water', maxTokens: 100 },
  answer: { text, question: 'How much water did the Aare carry?' },
  key_terms: { text, limit: 2 },
  classify: { text, examples },
  extract: { text, schema: fieldSchema },
  claims: { text, title: 'Aare' },
  relate: { claims },
  write: { claims, title: 'Rivers', relations },
}
const check = (name: TaskName, answer: Json, input = INPUTS[name]): ReturnType<typeof checkTask> =>
  checkTask(answer, { task: { name, input }, prompt: [], checker })

describe('every task', () => {
  test.each(TASK_NAMES)('%s is a prompt with rules, material, request and schema', (name) => {
    const { instructions, messages, output } = expandTask({
      messages: [],
      task: { name, input: INPUTS[name] },
      instructions: 'In English.',
    })
    expect(instructions).toMatch(/character for character[^]*say so[^]*In English\./)
    expect(JSON.stringify(messages)).toMatch(/<material>.*(?:Aare|Trout)/)
    expect(messages).toHaveLength(2)
    expect(output?.schema['type']).toBe('object')
    // A free schema of the caller cannot be strict; all others are.
    expect(isStrictSchema(output?.schema ?? {})).toBe(name !== 'extract')
  })

  test.each(TASK_NAMES)('%s never takes a degenerate answer for a success', (name) => {
    for (const answer of ['x', '', null, [], {}, { text: 'x' }, { quote: 'x' }] as Json[]) {
      const { output, problems } = check(name, answer)
      expect([output, problems.length > 0]).toEqual([undefined, true])
    }
  })

  test.each(TASK_NAMES)('%s names what is wrong with its input', (name) => {
    expect(() => parseTaskInput(name, { nonsense: true })).toThrow(
      expect.objectContaining({ code: 'models.invalid-task-input' }),
    )
    expect(() => parseTaskInput(name, { ...INPUTS[name], extra: 1 })).toThrow(/extra/)
  })

  test.each(['summarise', 'answer', 'key_terms', 'classify', 'extract', 'claims'] as const)(
    '%s wants a text that is not empty, or a file',
    (name) => {
      const { text: _text, ...rest } = INPUTS[name]
      expect(() => parseTaskInput(name, rest)).toThrow(/give "text", or "path"/)
      expect(() => parseTaskInput(name, { ...rest, text: ' \n' })).toThrow(/"text" is empty/)
      const { messages } = expandTask({
        messages: [],
        task: { name, input: { ...rest, path: 'a.md' } },
      })
      expect(JSON.stringify(messages)).toMatch(/the file .*a\.md/)
    },
  )
})
