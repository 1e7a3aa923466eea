import { describe, expect, test } from 'vitest'

import { toErrorRecord } from '../kernel/errors.ts'

import type { InvalidOutputError } from './errors.ts'
import type { GenerateRequest } from './schema.ts'
import {
  createScriptedModel,
  createTestModels,
  faultOf,
  finish,
  textPart,
  user,
} from './testing.ts'

const ask: GenerateRequest = { model: 'test:m', messages: [user('hello')] }
const contract = {
  ...ask,
  output: {
    name: 'n',
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  },
}

describe('an output contract', () => {
  test('gives the value', async () => {
    const { output, usage } = await createTestModels(['{"n":1}']).generate(contract)
    expect([output, usage.inputTokens]).toEqual([{ n: 1 }, 10])
  })

  test.each(['', 'x', '{"n":"one"}', '{}', 'null'])('is repaired once after %j', async (broken) => {
    const model = createScriptedModel(broken, '{"n":1}')
    const answer = await createTestModels(model).generate(contract)
    expect(answer).toMatchObject({
      output: { n: 1 },
      attempts: 2,
      usage: { inputTokens: 20, outputTokens: 10 },
      warnings: ['the output was repaired'],
    })
    expect(JSON.stringify(model.calls[1]?.prompt.at(-1))).toMatch(/cannot be used/)
    const keys = model.calls.map(({ headers }) => headers?.['idempotency-key'])
    expect(keys[1]).toBe(`${keys[0]}-repair`)
  })

  test('broken twice is a fault that carries the text, but not into logs', async () => {
    const secret = '{"n":"private words"}'
    const fault = await faultOf(createTestModels(['x', secret]).generate(contract))
    expect(fault).toMatchObject({
      code: 'models.invalid-output',
      text: secret,
      problems: ['/n must be integer'],
    } satisfies Partial<InvalidOutputError>)
    expect(JSON.stringify(toErrorRecord(fault))).not.toMatch(/private/)
  })

  test('cut off by the token limit is not repaired: it would be cut off again', async () => {
    const cut = { content: [textPart('{"n":')], finishReason: finish('length') }
    const fault = await faultOf(createTestModels([cut]).generate(contract))
    expect(fault).toMatchObject({ code: 'models.invalid-output', hint: /raise maxOutputTokens/ })
  })

  test('waits while the model calls tools', async () => {
    const call = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' } as const
    const { output, finishReason } = await createTestModels([{ content: [call] }]).generate(
      contract,
    )
    expect([output, finishReason]).toEqual([undefined, 'tool-calls'])
  })

  test('that is no schema is refused before any call', async () => {
    const model = createScriptedModel()
    const broken = { ...ask, output: { name: 'bad', schema: { type: 'nonsense' } } }
    expect(await faultOf(createTestModels(model).generate(broken))).toMatchObject({
      code: 'models.invalid-schema',
      message: expect.stringMatching(/^"bad" is not/),
    })
    expect(model.calls).toHaveLength(0)
  })

  test('is not repaired by the builtin model, which would answer the same', async () => {
    const models = createTestModels()
    const fields = { ...contract, model: 'builtin', messages: [user('n: 7'), user('Extract.')] }
    expect(await models.generate(fields)).toMatchObject({ output: { n: 7 }, attempts: 1 })
    const empty = { ...fields, messages: [user('m: 7'), user('Extract.')] }
    expect(await faultOf(models.generate(empty))).toMatchObject({ code: 'models.invalid-output' })
  })
})
