import { APICallError } from '@ai-sdk/provider'
import { describe, expect, test } from 'vitest'

import type { GenerateRequest } from './schema.ts'
import {
  createScriptedModel,
  createTestModels,
  faultOf,
  scriptedResult,
  streamOf,
  textPart,
  user,
} from './testing.ts'

const ask: GenerateRequest = { model: 'test:m', messages: [user('hello')] }
const contract: GenerateRequest = {
  ...ask,
  output: {
    name: 'n',
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  },
}

/** Everything that was told, a `|` where it began anew. */
function createListener(): { text: string; tell(text: string): void; startOver(): void } {
  return {
    text: '',
    tell(text) {
      this.text += text
    },
    startOver() {
      this.text += '|'
    },
  }
}

const REFUSAL = { message: 'no streams here', url: 'http://model.test', requestBodyValues: {} }
const half = { type: 'text-delta', id: '0', delta: 'half' }

describe('an answer that somebody hears', () => {
  test('is told part by part, and is the same as without', async () => {
    const script = [{ content: [textPart('one '), textPart('two')] }]
    const listener = createListener()
    const told = await createTestModels(script).generate(ask, { listener })
    const plain = await createTestModels(script).generate(ask)
    expect(listener.text).toBe('one two')
    // A stream does not say where one part ends and the next one begins.
    const message = { role: 'assistant', content: [{ kind: 'text', text: 'one two' }] }
    expect(told).toEqual({ ...plain, message })
  })

  test('begins anew when it broke its contract', async () => {
    const listener = createListener()
    const { output } = await createTestModels(['{"n":"x"}', '{"n":1}']).generate(contract, {
      listener,
    })
    expect([listener.text, output]).toEqual(['{"n":"x"}|{"n":1}', { n: 1 }])
  })

  test('is asked for again, without a stream, when the stream broke half-way', async () => {
    const model = {
      ...createScriptedModel('whole'),
      doStream: async () => ({
        stream: streamOf([half, { type: 'error', error: { type: 'overloaded_error' } }] as never),
      }),
    }
    const listener = createListener()
    const { text } = await createTestModels(model).generate(ask, { listener })
    expect([listener.text, text]).toEqual(['half|whole', 'whole'])
  })

  const json = { headers: { 'content-type': 'application/json' } }
  const refuses = (): never => {
    throw new APICallError({ ...REFUSAL, statusCode: 422 })
  }

  test.each([
    ['streams nothing', () => ({ stream: streamOf([]), response: json })],
    ['refuses to', refuses],
  ])(
    'comes in one piece from a server that %s, which is asked plainly from then on',
    async (_case, open) => {
      let opened = 0
      const model = {
        ...createScriptedModel('one', 'two'),
        doStream: async () => {
          opened += 1
          return open()
        },
      }
      const models = createTestModels(model)
      const listener = createListener()
      await models.generate(ask, { listener })
      await models.generate(ask, { listener })
      expect([listener.text, opened]).toEqual(['onetwo', 1])
    },
  )

  test('that is refused stays refused', async () => {
    const refusal = scriptedResult({
      content: [textPart('no')],
      finishReason: { unified: 'content-filter', raw: 'content_filter' },
    })
    const work = createTestModels([refusal, 'yes']).generate(ask, { listener: createListener() })
    expect(await faultOf(work)).toMatchObject({ code: 'models.refused' })
  })

  test('of somebody else is told at once to whoever asks the same', async () => {
    const models = createTestModels(['once'])
    const [first, second] = [createListener(), createListener()]
    const options = { idempotencyKey: 'k' }
    await models.generate(ask, { ...options, listener: first })
    await models.generate(ask, { ...options, listener: second })
    expect([first.text, second.text]).toEqual(['once', 'once'])
  })

  test('of the offline model is told as well', async () => {
    const listener = createListener()
    const { text } = await createTestModels().generate(
      { model: 'builtin', messages: [user('hello')] },
      { listener },
    )
    expect(text).not.toBe('')
    expect(listener.text).toBe(text)
  })
})
