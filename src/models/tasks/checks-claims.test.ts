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

describe('claims', () => {
  const { id: _id, doc: _doc, start: _start, end: _end, ...claim } = plain(testClaim('x', TROUT))

  test('are placed by us, and their amounts must stand in them', () => {
    const amounts = [
      { quote: '12 percent', value: 12, unit: '%' },
      { quote: '13 percent', value: 13, unit: '%' },
    ]
    const { output, dropped } = check('claims', {
      claims: [
        { ...claim, quantities: amounts },
        { ...claim, quote: 'Salmon rose by 9 percent.' },
      ],
    })
    const start = text.indexOf(TROUT)
    expect(parseTaskOutput('claims', output).claims).toMatchObject([
      { quote: TROUT, start, end: start + TROUT.length, quantities: [amounts[0]] },
    ])
    expect(dropped).toBe(1)
  })

  test('may be none, but not all invented', () => {
    expect(check('claims', { claims: [] }).output).toEqual({ claims: [] })
    expect(check('claims', { claims: [{ ...claim, quote: 'x' }] }).output).toBeUndefined()
  })
})

describe('relate', () => {
  const why = { topic: 't', reason: 'r' }

  test('keeps only ids of the claims given', () => {
    const { output, dropped } = check('relate', {
      agreements: [
        { claims: ['a', 'b'], ...why },
        { claims: ['a', 'a'], ...why },
      ],
      contradictions: [{ claims: ['a', 'ghost'], kind: 'numeric', ...why }],
      unsupported: [{ claim: 'b', reason: 'r' }],
    })
    expect(output).toEqual({
      agreements: [{ claims: ['a', 'b'], ...why }],
      contradictions: [],
      unsupported: [{ claim: 'b', reason: 'r' }],
    })
    expect(dropped).toBe(2)
  })

  test('may find nothing, but not only ghosts', () => {
    expect(check('relate', relations).output).toEqual(relations)
    const ghosts = { ...relations, unsupported: [{ claim: 'ghost', reason: 'r' }] }
    expect(check('relate', ghosts).output).toBeUndefined()
  })
})

describe('write', () => {
  const section = (...statements: Json[]): Json => ({ sections: [{ heading: 'Fish', statements }] })

  test('numbers its citations and lists their passages', () => {
    const answer = section(
      { text: 'Trout fell by 12 percent.', cites: ['a'] },
      { text: 'So did flow.', cites: ['b', 'a'] },
    )
    const { output } = check('write', answer)
    const { markdown, citations } = parseTaskOutput('write', output)
    expect(markdown).toBe(
      `# Rivers\n\n## Fish\n\nTrout fell by 12 percent. [1] So did flow. [2][1]\n\n## Sources\n\n- [1] a.md: “${TROUT}”\n- [2] b.md: “${FLOW}”\n`,
    )
    expect(citations.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test.each([
    ['no known claim', { text: 'Trout fell.', cites: ['ghost'] }],
    ['nothing', { text: 'Trout fell.', cites: [] }],
    ['a claim without its number', { text: 'Trout fell by 13 percent.', cites: ['a'] }],
    ['a claim without its quotation', { text: 'Trout “fell a lot”.', cites: ['a'] }],
    ['a claim, but says nothing', { text: '12', cites: ['a'] }],
  ])('drops a statement that cites %s', (_, statement) => {
    expect(check('write', section(statement))).toMatchObject({ dropped: 1 })
    expect(check('write', section(statement)).output).toBeUndefined()
    const mixed = section(statement, { text: 'Trout “fell by 12 percent”.', cites: ['a'] })
    expect(check('write', mixed)).toMatchObject({
      dropped: 1,
      output: { citations: [{ id: 'a' }] },
    })
  })
})
