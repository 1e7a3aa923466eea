import { describe, expect, test } from 'vitest'

import { RIVER_REPORT, testClaim } from './tasks/testing.ts'
import { createTestModels, faultOf } from './testing.ts'

const TROUT = 'Trout numbers fell by 12 percent.'

describe('run', () => {
  test('verifies what any model answers', async () => {
    const sentences = [
      { text: 'Fewer trout.', quote: TROUT },
      { text: 'Nonsense.', quote: 'Salmon rose by a third.' },
    ]
    const models = createTestModels([JSON.stringify({ sentences })])
    const result = await models.run('summarise', { text: RIVER_REPORT }, { model: 'test:m' })
    const start = RIVER_REPORT.indexOf(TROUT)
    expect(result).toMatchObject({
      output: { summary: 'Fewer trout.', sentences: [{ quote: TROUT, start }] },
      dropped: 1,
      model: 'test:m',
    })
  })

  test('falls back to an honest not-found after a repair that did not help', async () => {
    const made = JSON.stringify({ found: true, answer: '99', quote: 'It was 99.', reason: '' })
    const models = createTestModels([made, made])
    const { output, dropped, attempts } = await models.run('answer', {
      text: RIVER_REPORT,
      question: 'Q?',
    })
    expect(output).toMatchObject({ found: false })
    expect([dropped, attempts]).toEqual([1, 2])
  })

  test.each(['', 'x', '{"sentences":[]}'])('never takes %j for a result', async (answer) => {
    const work = createTestModels([answer, answer]).run('summarise', { text: RIVER_REPORT })
    expect(await faultOf(work)).toMatchObject({ code: 'models.invalid-output' })
  })

  test('does every task offline', async () => {
    const models = createTestModels()
    const offline = { model: 'builtin' }
    const text = RIVER_REPORT
    const claims = [testClaim('a', TROUT), testClaim('b', TROUT, { direction: 'up' })]
    const { output: found } = await models.run('claims', { text }, offline)
    expect(found.claims).toHaveLength(3)
    const { output: relations } = await models.run('relate', { claims }, offline)
    expect(relations.contradictions).toMatchObject([{ claims: ['a', 'b'] }])
    const { output: digest } = await models.run('write', { claims, relations }, offline)
    expect(digest.markdown).toMatch(/1 contradiction/)
    const { output: terms } = await models.run('key_terms', { text, limit: 1 }, offline)
    expect(terms.terms).toEqual([{ term: expect.any(String), count: 1, score: 1 }])
    const examples = [{ text: 'trout and shade', label: 'nature' }]
    const { output: label } = await models.run('classify', { text, examples }, offline)
    expect(label.label).toBe('nature')
    const schema = { type: 'object', properties: { n: { type: 'integer' } } }
    const { output: fields } = await models.run('extract', { text: 'n: 4', schema }, offline)
    expect([fields.value, fields.missing]).toEqual([{ n: 4 }, []])
    const question = 'Which trout numbers fell?'
    const { output: answer, usage } = await models.run('answer', { text, question }, offline)
    expect(answer).toMatchObject({ found: true, quote: TROUT })
    expect(usage.isEstimated).toBe(true)
    const { output: summary } = await models.run('summarise', { text, maxSentences: 1 }, offline)
    expect(summary.sentences).toHaveLength(1)
  })

  test('on a file needs a tool that reads it', async () => {
    const models = createTestModels()
    expect(await faultOf(models.run('summarise', { path: 'a.md' }))).toMatchObject({
      code: 'models.no-material',
    })
    const tool = { name: 'files_read', description: 'Reads', inputSchema: { type: 'object' } }
    const task = { name: 'summarise' as const, input: { path: 'a.md' } }
    const first = await models.generate({ model: 'builtin', messages: [], task, tools: [tool] })
    const [call] = first.toolCalls
    expect(call).toMatchObject({ name: 'files_read', input: { path: 'a.md' } })
    const result = {
      kind: 'tool-result' as const,
      id: call?.id ?? '',
      name: 'files_read',
      output: RIVER_REPORT,
    }
    const second = await models.generate({
      model: 'builtin',
      messages: [first.message, { role: 'tool', content: [result] }],
      task,
      tools: [tool],
    })
    expect(second).toMatchObject({ dropped: 0, output: { sentences: [{ start: 0 }, {}, {}] } })
  })
})
