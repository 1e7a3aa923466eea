import { describe, expect, test } from 'vitest'

import { excerptOf, parseBody } from './incoming-http.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a body', () => {
  test.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '[]', []],
    ['TEXT/JSON', '"x"', 'x'],
    ['text/html; charset=utf-8', '<p>ü</p>', '<p>ü</p>'],
    ['application/atom+xml', '<a/>', '<a/>'],
    ['application/yaml', 'a: 1', 'a: 1'],
    ['application/pdf', 'abc', 'YWJj'],
    ['', 'abc', 'YWJj'],
    ['application/json', '', null],
  ])('of type %j and content %j is %j by itself', (type, content, body) => {
    expect(parseBody(bytes(content), type, 'auto')).toEqual({ kind: 'body', body })
  })

  test.each([
    ['json', '{"a":1}', { a: 1 }],
    ['text', '{"a":1}', '{"a":1}'],
    ['base64', 'abc', 'YWJj'],
    ['text', '', ''],
  ] as const)('asked for as %s is that, whatever its type', (parse, content, body) => {
    expect(parseBody(bytes(content), 'image/png', parse)).toEqual({ kind: 'body', body })
  })

  test('that claims to be JSON and is not is garbage', () => {
    expect(parseBody(bytes('<html>'), 'application/json', 'auto')).toMatchObject({
      kind: 'garbage',
      reason: 'is not the JSON it claims to be',
    })
    expect(parseBody(bytes(''), 'text/plain', 'json')).toMatchObject({
      reason: 'is empty instead of JSON',
    })
  })

  test('is read in the encoding its type names, and in UTF-8 when that is unknown', () => {
    const latin = Uint8Array.of(0x93, 0xfc)
    const parsed = (type: string): unknown => parseBody(latin, type, 'text')
    expect(parsed('text/plain; charset="iso-8859-1"')).toEqual({ kind: 'body', body: '“ü' })
    expect(parsed('text/plain; charset=klingon')).toEqual({ kind: 'body', body: '\uFFFD\uFFFD' })
  })

  test('is shown in an error as one short line, and not at all when it is not text', () => {
    expect(excerptOf(bytes('  no\n\n such   thing '), 'text/plain')).toBe('no such thing')
    expect(excerptOf(bytes('x'.repeat(9_999)), 'text/plain')).toHaveLength(301)
    expect(excerptOf(bytes('abc'), 'image/png')).toBe('')
  })
})
