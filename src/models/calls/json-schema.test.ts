import { beforeAll, describe, expect, test } from 'vitest'

import { loadSchemaChecker, type SchemaChecker } from './json-schema.ts'
import { parseAnswer, parseJson } from './parse-json.ts'

let checker: SchemaChecker
beforeAll(async () => void (checker = await loadSchemaChecker()))

describe('a schema', () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer' }, when: { type: 'string', format: 'date' } },
    required: ['n'],
    additionalProperties: false,
  }

  test('says what is wrong and where', () => {
    expect(checker.problems(schema, { n: 1, when: 'whenever' })).toEqual([])
    expect(checker.problems(schema, { n: 'x', extra: 1 })).toEqual([
      'the answer must NOT have additional properties "extra"',
      '/n must be integer',
    ])
  })

  test('may be of draft 7 or 2020-12, with local references', () => {
    const tuple = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      items: [{ type: 'string' }],
    }
    expect(checker.problems(tuple, [1])).toEqual(['/0 must be string'])
    const modern = { prefixItems: [{ $ref: '#/$defs/s' }], $defs: { s: { type: 'string' } } }
    expect(checker.problems(modern, [1])).toEqual(['/0 must be string'])
  })

  test.each([
    ['unknown type', { type: 'strnig' }],
    ['remote reference', { $ref: 'https://elsewhere.test/schema.json' }],
    ['look-around', { type: 'string', pattern: '(?=a)b' }],
  ])('with an %s is refused', (_, broken) => {
    expect(() => checker.assertUsable('out', broken)).toThrow(
      expect.objectContaining({ code: 'models.invalid-schema' }),
    )
  })

  test('with a pattern that would run for ever does not', () => {
    const evil = { type: 'string', pattern: '^(a+)+$' }
    expect(checker.problems(evil, `${'a'.repeat(50_000)}!`)).toHaveLength(1)
    expect(checker.problems(evil, 'aaa')).toEqual([])
  })

  test('keeps several patterns apart', () => {
    const two = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } }
    expect(checker.problems(two, { a: 'a', b: 'b' })).toEqual([])
    expect(checker.problems(two, { a: 'b', b: 'a' })).toHaveLength(2)
  })

  test('is told apart from another also when hundreds were used', () => {
    const consts = Array.from({ length: 300 }, (_, index) => ({ const: index }))
    for (const each of consts) expect(checker.problems(each, each.const)).toEqual([])
    expect(checker.problems({ const: 0 }, 1)).toHaveLength(1)
  })

  test('lists at most twenty problems', () => {
    const many = Array.from({ length: 100 }, () => 'x')
    expect(checker.problems({ items: { type: 'number' } }, many)).toHaveLength(20)
  })
})

describe('an answer', () => {
  test('may stand in one code fence', () => {
    expect(parseAnswer('```json\n{"a":1}\n```')).toEqual({ a: 1 })
    expect(parseAnswer('  {"a":1} ')).toEqual({ a: 1 })
  })

  test.each(['', 'x', '{"a":', 'Here it is: {"a":1}', '```\n{"a":1}\n``` done'])(
    'is not %j',
    (text) => {
      expect(parseAnswer(text)).toBeUndefined()
    },
  )

  test('keeps null apart from nothing', () => expect(parseJson('null')).toBeNull())
})
