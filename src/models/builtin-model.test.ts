import type { LanguageModelV3CallOptions, LanguageModelV3Prompt } from '@ai-sdk/provider'
import { describe, expect, test } from 'vitest'

import { createBuiltinModel } from './builtin-model.ts'
import { OFFLINE_NOTICE, splitPrompt } from './builtin-prompt.ts'
import { RIVER_REPORT } from './tasks/testing.ts'
import { collect, createTestAlgorithms } from './testing.ts'

const model = createBuiltinModel(createTestAlgorithms())
const said = (
  text: string,
  role: 'user' | 'assistant' = 'user',
): LanguageModelV3Prompt[number] => ({
  role,
  content: [{ type: 'text', text }],
})
const ask = async (
  prompt: LanguageModelV3Prompt,
  options: Partial<LanguageModelV3CallOptions> = {},
): Promise<string> => {
  const { content } = await model.doGenerate({ prompt, ...options })
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
const task = (name: string, input: object): Partial<LanguageModelV3CallOptions> => ({
  providerOptions: { prsm: { task: { name, input: input as never } } },
})
const reader = { type: 'function', name: 'read_file', inputSchema: {} } as const

describe('the builtin model, asked plainly,', () => {
  test('answers by quoting the material before the question', async () => {
    const prompt = [said(RIVER_REPORT), said('How many cubic metres did the Aare carry?')]
    expect(await ask(prompt)).toBe('The Aare carried 310 cubic metres per second in May.')
  })

  test('finds question and material in one message, whichever comes first', async () => {
    const long = `${RIVER_REPORT} ${'More words follow here. '.repeat(30)}`
    const last = splitPrompt([said(`${long}\n\nWhat fell?`)])
    const first = splitPrompt([said(`What fell?\n\n${long}`)])
    const whole = { question: 'What fell?', material: long }
    expect([last, first]).toEqual([whole, whole])
    const alone = splitPrompt([said(long)])
    expect(alone).toEqual({ question: '', material: long })
  })

  test('summarises when asked to, or when there is only material', async () => {
    const [first] = RIVER_REPORT.split(/(?<=\.) /)
    expect(await ask([said(RIVER_REPORT), said('Summarise this, please.')])).toContain(first)
    expect(await ask([said(RIVER_REPORT.repeat(5))])).toContain(first)
  })

  test('says that it writes no prose when it has nothing to quote', async () => {
    expect(await ask([said('Write me a poem.')])).toBe(OFFLINE_NOTICE)
    expect(
      await ask([{ role: 'system', content: 'You know everything about trout.' }, said('Trout?')]),
    ).toBe(OFFLINE_NOTICE)
    expect(await ask([])).toBe(OFFLINE_NOTICE)
  })

  test('says so when the material does not answer, and never quotes itself', async () => {
    const prompt = [
      said(RIVER_REPORT),
      said('Aare is long', 'assistant'),
      said('Who won the cup final?'),
    ]
    expect(await ask(prompt)).toMatch(/^The material does not answer this \(.+\)/)
    expect(splitPrompt(prompt).material).toBe(RIVER_REPORT)
  })

  test('quotes what a tool returned', async () => {
    const output = { type: 'text', value: RIVER_REPORT } as const
    const read: LanguageModelV3Prompt[number] = {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'x', output }],
    }
    expect(await ask([read, said('Which trout numbers fell?')])).toBe(
      'Trout numbers fell by 12 percent.',
    )
  })

  test('extracts the fields of a response schema', async () => {
    const schema = { properties: { city: {}, people: {} } }
    const prompt = [said('city: Bern\npeople: 134794'), said('Extract the fields.')]
    expect(JSON.parse(await ask(prompt, { responseFormat: { type: 'json', schema } }))).toEqual({
      city: 'Bern',
      people: 134_794,
    })
  })
})

describe('the builtin model, given a task,', () => {
  test('does it on the text', async () => {
    const text = await ask(
      [],
      task('answer', { text: RIVER_REPORT, question: 'Which trout numbers fell?' }),
    )
    expect(JSON.parse(text)).toMatchObject({
      found: true,
      answer: 'Trout numbers fell by 12 percent.',
    })
  })

  test('asks for its file once, with the tool offered, then does it', async () => {
    const options = { ...task('summarise', { path: 'a.md', maxSentences: 1 }), tools: [reader] }
    const first = await model.doGenerate({ prompt: [], ...options })
    expect(first.finishReason.unified).toBe('tool-calls')
    const [call] = first.content
    expect(call).toMatchObject({
      type: 'tool-call',
      toolName: 'read_file',
      input: '{"path":"a.md"}',
    })
    if (call?.type !== 'tool-call') return
    const prompt: LanguageModelV3Prompt = [
      { role: 'assistant', content: [{ ...call, input: { path: 'a.md' } }] },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: call.toolCallId,
            toolName: call.toolName,
            output: { type: 'text', value: RIVER_REPORT },
          },
        ],
      },
    ]
    const { sentences } = JSON.parse(await ask(prompt, options))
    expect(sentences).toMatchObject([
      { quote: 'The Aare carried 310 cubic metres per second in May.' },
    ])
    const failed = JSON.parse(
      JSON.stringify(prompt).replace('"text","value"', '"error-text","value"'),
    )
    await expect(ask(failed, options)).rejects.toThrow(/could not be read/)
    const empty = JSON.parse(JSON.stringify(prompt).replace(RIVER_REPORT, ' '))
    await expect(ask(empty, options)).rejects.toThrow(/is empty/)
  })

  test('says what is missing when nothing can read its file', async () => {
    const onFile = task('summarise', { path: 'a.md' })
    await expect(ask([], onFile)).rejects.toMatchObject({ code: 'models.no-material' })
    const none = { ...onFile, tools: [reader], toolChoice: { type: 'none' } as const }
    await expect(ask([], none)).rejects.toMatchObject({ code: 'models.no-material' })
  })

  test('refuses what is no task', async () => {
    await expect(ask([], task('dance', {}))).rejects.toMatchObject({
      code: 'models.invalid-task-input',
    })
  })
})

test('it streams what it says, in parts that never split a character', async () => {
  const text = '😀é'.repeat(200)
  const algorithms = {
    ...createTestAlgorithms(),
    answer: () => ({ found: false as const, reason: text }),
  }
  const { stream } = await createBuiltinModel(algorithms).doStream({
    prompt: [said('a'), said('b?')],
  })
  const parts = await collect(stream)
  const deltas = parts.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : []))
  expect(deltas.join('')).toContain(text)
  expect(deltas.every((delta) => !/^[\uDC00-\uDFFF]/.test(delta))).toBe(true)
  expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: { raw: { isEstimated: true } } })
})

test('it warns of settings that it has no use for, and obeys an abort', async () => {
  const settings = {
    temperature: 1,
    stopSequences: ['x'],
    toolChoice: { type: 'required' } as const,
  }
  const { warnings } = await model.doGenerate({ prompt: [], ...settings })
  expect(warnings).toMatchObject([
    { feature: 'temperature' },
    { feature: 'stop' },
    { feature: 'toolChoice' },
  ])
  const abortSignal = AbortSignal.abort(new Error('stop'))
  await expect(model.doGenerate({ prompt: [], abortSignal })).rejects.toThrow('stop')
})
