import { describe, expect, test } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import { loadSchemaChecker } from '../calls/json-schema.ts'

import { checkTask } from './check-task.ts'
import { type TaskCall, type TaskName } from './schema.ts'
import { parseTaskOutput } from './tasks.ts'
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

describe('summarise', () => {
  test('keeps sentences whose quote stands in the text and counts the others', () => {
    const answer = {
      sentences: [
        { text: 'High water in May.', quote: FLOW },
        { text: 'Made up.', quote: 'Salmon rose by 50 percent.' },
        { text: 'Too short.', quote: 'in May' },
        { text: '', quote: TROUT },
      ],
    }
    const { output, dropped } = check('summarise', answer)
    expect([parseTaskOutput('summarise', output).summary, dropped]).toEqual([
      `High water in May. ${TROUT}`,
      2,
    ])
  })

  test('without one verified sentence is worth nothing', () => {
    const answer = { sentences: [{ text: 'x', quote: 'x' }] }
    expect(check('summarise', answer)).toMatchObject({
      dropped: 1,
      problems: [/backed by a quote/],
    })
  })
})

describe('answer', () => {
  test('needs the passage it rests on', () => {
    const { output } = check('answer', { found: true, answer: '310 m³/s', quote: FLOW, reason: '' })
    expect(output).toEqual({
      found: true,
      answer: '310 m³/s',
      quote: FLOW,
      start: 0,
      end: FLOW.length,
    })
  })

  test('without that passage falls back to not found', () => {
    const made = check('answer', { found: true, answer: '99', quote: 'It carried 99.' })
    expect(made).toMatchObject({ dropped: 1, fallback: { found: false } })
    expect(made.output).toBeUndefined()
    expect(check('answer', { found: true, answer: ' ', quote: FLOW }).output).toBeUndefined()
  })

  test('not found needs a reason', () => {
    expect(check('answer', { found: false, reason: 'no year given' }).output).toEqual({
      found: false,
      reason: 'no year given',
    })
    expect(check('answer', { found: false, answer: '', reason: ' ' }).output).toBeUndefined()
  })
})

describe('key_terms', () => {
  test('must stand in the text, are counted there, and are no more than asked for', () => {
    const { output, dropped } = check('key_terms', {
      terms: ['aare', 'salmon', 'Trout numbers', 'the'],
    })
    expect(output).toEqual({
      terms: [
        { term: 'aare', count: 1 },
        { term: 'Trout numbers', count: 1 },
      ],
    })
    expect(dropped).toBe(1)
    expect(check('key_terms', { terms: ['salmon'] }).output).toBeUndefined()
  })
})

describe('classify', () => {
  test('gives one of the labels, or none', () => {
    expect(check('classify', { label: 'nature', reason: 'fish' }).output).toMatchObject({
      label: 'nature',
    })
    expect(check('classify', { label: '(none)', reason: 'money' }).output).toMatchObject({
      label: null,
    })
    expect(check('classify', { label: 'sport', reason: 'ball' }).problems).toEqual([
      '"sport" is none of the labels',
    ])
    expect(check('classify', { label: 'nature', reason: '' }).output).toBeUndefined()
  })
})

describe('extract', () => {
  test('keeps fields with evidence, and names the missing', () => {
    const answer = { value: { flow: 310 }, evidence: [{ field: 'flow', quote: FLOW }], missing: [] }
    expect(check('extract', answer).output).toMatchObject({ value: { flow: 310 }, missing: [] })
    const nested = { ...answer, evidence: [{ field: '$.flow', quote: FLOW }] }
    expect(check('extract', nested).output).toMatchObject({ value: { flow: 310 } })
  })

  test('drops a field that nothing in the text backs', () => {
    const answer = {
      value: { flow: 99 },
      evidence: [{ field: 'flow', quote: 'flow 99' }],
      missing: [],
    }
    expect(check('extract', answer)).toMatchObject({
      dropped: 1,
      fallback: { value: {}, missing: ['/flow'] },
    })
  })

  test('takes an honest nothing, and no wrong type', () => {
    const nothing = { value: { flow: null }, evidence: [], missing: ['flow'] }
    expect(check('extract', nothing).output).toMatchObject({
      value: {},
      missing: ['/flow'],
    })
    const wrong = {
      value: { flow: 'much' },
      evidence: [{ field: 'flow', quote: FLOW }],
      missing: [],
    }
    expect(check('extract', wrong).problems).toEqual(['/flow must be number'])
  })
})
