import { describe, expect, test } from 'vitest'

import { followRedirect, type Hop, parseHttpUrl, showUrl } from './redirects.ts'

const hop = (method: string, body?: string): Hop => ({
  url: new URL('https://a.test/x/y?key=1'),
  method,
  headers: {
    accept: '*/*',
    authorization: 'Bearer t',
    cookie: 'c=1',
    'x-api-key': 'k',
    'content-type': 'text/plain',
    'idempotency-key': 'i',
  },
  body,
})

describe('a redirect', () => {
  test('to the same origin keeps all headers, to another only harmless ones', () => {
    expect(followRedirect(hop('GET'), 302, '../z')).toEqual({
      ...hop('GET'),
      url: new URL('https://a.test/z'),
    })
    for (const other of [
      'https://b.test/',
      'http://a.test/',
      'https://a.test:444/',
      '//b.test/q',
    ]) {
      expect(Object.keys(followRedirect(hop('GET'), 307, other).headers)).toEqual([
        'accept',
        'content-type',
        'idempotency-key',
      ])
    }
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ])('of status %i makes of %s a %s', (status, method, next) => {
    const followed = followRedirect(hop(method, 'body'), status, '/z')
    expect(followed.method).toBe(next)
    expect(followed.body).toBe(next === 'GET' ? undefined : 'body')
    expect('content-type' in followed.headers).toBe(next !== 'GET')
  })

  test.each([
    ['ftp://b.test/', 'http.scheme'],
    ['file:///etc/passwd', 'http.scheme'],
    ['data:text/plain,x', 'http.scheme'],
    ['https://u:p@b.test/', 'http.invalid-url'],
    ['http://', 'http.invalid-url'],
  ])('to %s is refused as %s', (location, code) => {
    expect(() => followRedirect(hop('GET'), 302, location)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

describe('a URL', () => {
  test.each([
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
  ])('such as %s is written in full before it is looked at', (text) =>
    expect(parseHttpUrl(text).hostname).toBe('127.0.0.1'),
  )

  test('is shown without its query, and never with credentials', () => {
    expect(showUrl(new URL('https://u:p@a.test:8443/x?token=t#f'))).toBe('https://a.test:8443/x')
    expect(() => parseHttpUrl('https://user:geheim@a.test/')).toThrow(
      expect.objectContaining({
        code: 'http.invalid-url',
        message: expect.not.stringContaining('geheim'),
      }),
    )
  })

  test.each(['', '/relative', 'no url', 'http://[::1', 'http://a b/'])('is not %j', (text) => {
    expect(() => parseHttpUrl(text)).toThrow(expect.objectContaining({ code: 'http.invalid-url' }))
  })
})
