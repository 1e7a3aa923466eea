import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json, JsonObject } from '../../kernel/json.ts'

import { checkName, coerceInputs, inputsSchemaOf } from './coerce-input.ts'

/** What `--input x=TEXT …` gives where the definition says `schema` of it. */
const read = (schema: JsonObject, ...texts: readonly string[]): Json | undefined =>
  coerceInputs(
    { type: 'object', properties: { x: schema } },
    texts.map((text) => ({ name: 'x', text })),
  )['x']

describe('an input', () => {
  test.prop([fc.string()])(
    'that is a text stays as it was written, whatever it looks like',
    (text) => {
      expect(read({ type: 'string' }, text)).toBe(text)
    },
  )

  test.prop([fc.jsonValue({ noUnicodeString: false })])(
    'of no known type is JSON, or else a text',
    (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value))
      expect(read({}, JSON.stringify(value))).toEqual(json)
    },
  )

  test.prop([
    fc.array(
      fc.string().filter((text) => !/^\s*\[/.test(text)),
      { minLength: 1 },
    ),
  ])('given several times is a list of what was given', (texts) => {
    expect(read({ type: 'array', items: { type: 'string' } }, ...texts)).toEqual(texts)
  })

  test.each<[JsonObject, string, Json]>([
    [{ type: 'number' }, '-2.5e3', -2500],
    [{ type: 'integer' }, '3', 3],
    [{ type: 'boolean' }, 'false', false],
    [{ type: 'array' }, '["a", 1]', ['a', 1]],
    [{ type: 'array', items: { type: 'integer' } }, '7', [7]],
    [{ type: 'object' }, '{"a": {"b": null}}', { a: { b: null } }],
    [{ type: ['string', 'null'] }, 'null', null],
    [{ type: ['string', 'null'] }, 'nothing', 'nothing'],
    [{ type: ['integer', 'string'] }, '4', 4],
    [{ type: ['string', 'array'] }, '["a"]', ['a']],
    [{ enum: ['fast', 'slow'] }, 'fast', 'fast'],
    [{ enum: [1, 2] }, '2', 2],
    [{ anyOf: [{ type: 'number' }, { type: 'boolean' }] }, 'true', true],
    [{ oneOf: [{ type: 'object' }] }, '{}', {}],
  ])('of %j: %s', (schema, text, value) => {
    expect(read(schema, text)).toEqual(value)
  })

  test.each<[JsonObject, readonly string[], RegExp]>([
    [{ type: 'integer' }, ['2.5'], /"2\.5" is not an integer/],
    [{ type: 'number' }, ['NaN'], /"NaN" is not a number/],
    [{ type: 'boolean' }, ['TRUE'], /"TRUE" is not a boolean/],
    [{ type: 'object' }, ['[]'], /is not an object/],
    [{ type: ['number', 'boolean'] }, ['x'], /is not a number or a boolean/],
    [{ type: 'string' }, ['a', 'b'], /given more than once/],
    [{ type: 'array', items: { type: 'number' } }, ['1', 'x'], /"x" is not a number/],
    [{ type: 'number' }, ['x'.repeat(1_000)], /"x{57}\.\.\." is not a number/],
  ])('of %j is never %j', (schema, texts, message) => {
    expect(() => read(schema, ...texts)).toThrow(message)
  })
})

describe('a name', () => {
  const schema = { type: 'object', properties: { title: {}, docs: {} } }

  test('that the definition does not know names the nearest one', () => {
    expect(() => checkName(schema, 'tilte')).toThrow(
      'there is no input "tilte" (did you mean "title"?)',
    )
    expect(() => checkName({ properties: {} }, 'x')).toThrow(
      expect.objectContaining({ hint: 'this workflow takes no inputs' }),
    )
  })

  test('may be any, where the definition says so or says nothing', () => {
    expect(() => checkName({ ...schema, additionalProperties: true }, 'x')).not.toThrow()
    expect(() =>
      checkName({ ...schema, additionalProperties: { type: 'string' } }, 'x'),
    ).not.toThrow()
    expect(() => checkName(inputsSchemaOf({ steps: {} }), 'x')).not.toThrow()
  })
})
