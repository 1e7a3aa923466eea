import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { toJsonText } from './json-text.ts'

const ring: { list: unknown[] } = { list: [] }
ring.list.push([ring])
const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

describe('the JSON of a result', () => {
  test.prop([fc.jsonValue()])('is the value, for everything JSON can carry', (value) => {
    const text = toJsonText(value)
    expect(text.kind === 'returned' && JSON.parse(text.json)).toEqual(
      JSON.parse(JSON.stringify(value)),
    )
  })

  test.prop([fc.anything()])('is never a guess: it is text or says what is wrong', (value) => {
    const text = toJsonText(value)
    if (text.kind === 'returned') expect(() => JSON.parse(text.json)).not.toThrow()
    else expect(text.what).not.toBe('')
  })

  test.each([
    [undefined, 'null'],
    [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
    [
      { url: new URL('http://x.test/'), own: { toJSON: () => [1] } },
      '{"url":"http://x.test/","own":[1]}',
    ],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    [-0, '0'],
  ])('of %j is %s', (value, json) => {
    expect(toJsonText(value)).toEqual({ kind: 'returned', json })
  })

  test('may hold the same object twice, which is no cycle', () => {
    const shared = { a: 1 }
    expect(toJsonText([shared, shared])).toMatchObject({ json: '[{"a":1},{"a":1}]' })
  })

  test.each([
    ['', 'NaN', Number.NaN],
    ['a[1]', '-Infinity', { a: [1, -Infinity] }],
    ['a.b', 'a bigint', { a: { b: 1n } }],
    ['a', 'a function', { a: () => 1 }],
    ['', 'a symbol', Symbol('x')],
    ['a', 'a Map', { a: new Map() }],
    ['', 'a Error', new Error('x')],
    ['a', 'a Buffer', { a: Buffer.from('x') }],
    ['', 'a Promise', Promise.resolve(1)],
    ['list[0][0]', 'a cycle', ring],
  ])('is refused at "%s" for %s', (path, what, value) => {
    expect(toJsonText(value)).toEqual({ kind: 'not-json', path, what })
  })

  test('is refused when nested too deep or too long, instead of overflowing', () => {
    expect(toJsonText(deep(500))).toMatchObject({ kind: 'returned' })
    expect(toJsonText(deep(100_000))).toMatchObject({ what: 'nested deeper than 500 levels' })
    expect(toJsonText('x'.repeat(33 * 1024 * 1024))).toMatchObject({ kind: 'not-json' })
  })

  test('lets an error of the author’s own getter through', () => {
    const value = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new RangeError('mine')
      },
    })
    expect(() => toJsonText(value)).toThrow('mine')
  })
})
