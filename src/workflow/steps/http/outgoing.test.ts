import { describe, expect, test } from 'vitest'

import type { Json } from '../../../kernel/json.ts'

import { toOutgoing } from './outgoing.ts'
import { httpParameters } from './schema.ts'

const outgoing = (parameters: Readonly<Record<string, Json>>): ReturnType<typeof toOutgoing> =>
  toOutgoing(httpParameters.parse({ url: 'https://a.test/x?y=1', ...parameters }), 'run/step')

describe('the request of a step', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s carries its idempotency key', (method) => {
    expect(outgoing({ method }).headers).toEqual({ 'idempotency-key': 'run/step' })
  })

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s does not', (method) => {
    expect(outgoing({ method }).headers).toEqual({})
  })

  test('keeps the author’s own key and type, in whatever case they are written', () => {
    const headers = { 'Idempotency-KEY': 'mine', 'Content-Type': 'text/csv' }
    expect(outgoing({ method: 'POST', headers, body: 'a,b' })).toMatchObject({
      headers: { 'idempotency-key': 'mine', 'content-type': 'text/csv' },
      body: 'a,b',
    })
  })

  test('has a body of text as it is, and of everything else as JSON', () => {
    expect(outgoing({ method: 'POST', body: '{"a"' })).toMatchObject({
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: '{"a"',
    })
    expect(outgoing({ method: 'POST', body: { a: null } })).toMatchObject({
      headers: { 'content-type': 'application/json' },
      body: '{"a":null}',
    })
  })

  test('adds its query to what the URL has, encoded', () => {
    const { url } = outgoing({ query: { q: 'a&b=ü', n: 3, on: true, tag: ['x', 'y'] } })
    expect(url).toBe('https://a.test/x?y=1&q=a%26b%3D%C3%BC&n=3&on=true&tag=x&tag=y')
  })
})

describe('parameters', () => {
  const isGood = (parameters: Readonly<Record<string, Json>>): boolean =>
    httpParameters.safeParse({ url: 'https://a.test/', ...parameters }).success

  test.each([
    ['a line break in a value', { 'x-a': 'b\r\nx-c: d' }],
    ['a lone line feed', { 'x-a': 'b\nc' }],
    ['a NUL', { 'x-a': 'b\0c' }],
    ['a character beyond Latin-1', { 'x-a': '€' }],
    ['a line break in a name', { 'x-a\r\nx-b': 'c' }],
    ['a space in a name', { 'x a': 'b' }],
    ['an empty name', { '': 'b' }],
    ['a host', { Host: 'other.test' }],
    ['a length', { 'content-length': '5' }],
    ['a transfer encoding', { 'Transfer-Encoding': 'chunked' }],
    ['a proxy’s credentials', { 'Proxy-Authorization': 'x' }],
  ])('cannot have %s in a header', (_name, headers) => expect(isGood({ headers })).toBe(false))

  test('cannot send a body where there is none, nor follow more than five redirects', () => {
    expect(isGood({ body: 'x' })).toBe(false)
    expect(isGood({ method: 'POST', body: 'x' })).toBe(true)
    expect(isGood({ followRedirects: 6 })).toBe(false)
    expect(isGood({ method: 'TRACE' })).toBe(false)
  })
})
