import { describe, expect, test } from 'vitest'

import { PrivateAddressError } from './errors.ts'
import { toHttpFault } from './network-fault.ts'

const failed = (cause: unknown): Error => new TypeError('fetch failed', { cause })
const withCode = (code: string): Error => Object.assign(new Error('x'), { code })

describe('a failed request', () => {
  test.each([
    ['ECONNREFUSED', true],
    ['ENOTFOUND', true],
    ['EAI_AGAIN', true],
    ['UND_ERR_SOCKET', true],
    ['UND_ERR_CONNECT_TIMEOUT', true],
    ['CERT_HAS_EXPIRED', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false],
  ])('by %s may pass by itself: %s', (code, isTransient) => {
    expect(toHttpFault(failed(withCode(code)), 'http://a.test/')).toMatchObject({
      code: 'http.network',
      isTransient,
      message: `http://a.test/ could not be reached: ${code}`,
    })
  })

  test('of several addresses is told by its first', () => {
    const cause = new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')])
    expect(toHttpFault(failed(cause), 'u')).toMatchObject({ details: { reason: 'ECONNREFUSED' } })
  })

  test('by a fault of ours comes out as that', () => {
    const own = new PrivateAddressError('x', '10.0.0.1')
    expect(toHttpFault(failed(own), 'u')).toBe(own)
  })

  test('by a body that cannot be decompressed is garbage', () => {
    expect(toHttpFault(failed(withCode('Z_DATA_ERROR')), 'u')).toMatchObject({
      code: 'http.garbage',
    })
  })

  test('to a port that browsers do not call stays so', () => {
    expect(toHttpFault(failed(new Error('bad port')), 'u')).toMatchObject({ isTransient: false })
  })

  test('by something odd still has a reason', () => {
    expect(toHttpFault('odd', 'u')).toMatchObject({ details: { reason: 'unknown reason' } })
  })
})
