import {
  APICallError,
  EmptyResponseBodyError,
  JSONParseError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider'
import { describe, expect, test } from 'vitest'

import { toErrorRecord } from '../../kernel/errors.ts'
import { CircuitOpenError, ModelTimeoutError, RateLimitedError } from '../errors.ts'
import { NoMaterialError } from '../request-errors.ts'

import { isWorthRetrying, judgeModelFault, toModelFault } from './faults.ts'
import { redact } from './redact.ts'
import { retryAfterMs } from './retry-after.ts'

const KEY = 'sk-proj-verysecretkey'
const NOW_MS = 784_111_700_000
const context = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: KEY,
  keyNames: ['OPENAI_API_KEY'],
  knownModels: ['gpt-5-nano'],
  nowMs: NOW_MS,
}

interface Answer {
  readonly status?: number
  readonly data?: unknown
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly message?: string
}

function callError({ status, data, body, headers, message = 'no' }: Answer): APICallError {
  return new APICallError({
    message,
    url: `https://api.test/v1?key=${KEY}`,
    requestBodyValues: { prompt: 'private words' },
    ...(status === undefined ? { isRetryable: true } : { statusCode: status }),
    ...(data === undefined ? {} : { data }),
    ...(body === undefined ? {} : { responseBody: body }),
    ...(headers === undefined ? {} : { responseHeaders: headers }),
  })
}

const faultOf = (answer: Answer): Error => toModelFault(callError(answer), context)
const error = (code: string): unknown => ({ error: { message: 'm', type: 't', code } })

describe('a provider’s error is typed by its fields', () => {
  test.each([
    [{ status: 400 }, 'models.provider-failed', false],
    [{ status: 408 }, 'models.provider-failed', true],
    [{ status: 409 }, 'models.provider-failed', true],
    [{ status: 500 }, 'models.provider-failed', true],
    [{ status: 529 }, 'models.provider-failed', true],
    [{}, 'models.provider-failed', true],
    [{ status: 500, headers: { 'x-should-retry': 'false' } }, 'models.provider-failed', false],
    [{ status: 429 }, 'models.rate-limited', true],
    [{ status: 429, data: error('insufficient_quota') }, 'models.rate-limited', false],
    [{ status: 401 }, 'models.key-rejected', false],
    [{ status: 403 }, 'models.key-rejected', false],
    [{ status: 413 }, 'models.context-overflow', false],
    [{ status: 400, data: error('context_length_exceeded') }, 'models.context-overflow', false],
    [
      { status: 400, data: { error: { type: 'exceed_context_size_error', message: 'm' } } },
      'models.context-overflow',
      false,
    ],
    [{ status: 400, data: error('content_filter') }, 'models.refused', false],
    [{ status: 200 }, 'models.garbage', false],
  ] as const)('%j is %s', (answer, code, isTransient) => {
    expect(faultOf(answer)).toMatchObject({ code, isTransient, provider: 'openai' })
  })

  test('an unknown model names the nearest known one', () => {
    const fault = faultOf({ status: 404 })
    expect(fault).toMatchObject({ code: 'models.unknown-model' })
    expect(fault.message).toMatch(/did you mean "gpt-5-nano"/)
  })

  test('an error inside a stream has no status, but a name', () => {
    const inStream = (type: string): Error => toModelFault({ type, message: 'busy' }, context)
    expect(inStream('overloaded_error')).toMatchObject({ status: 503, isTransient: true })
    expect(inStream('rate_limit_error')).toMatchObject({ code: 'models.rate-limited' })
    expect(inStream('server_error')).toMatchObject({ status: 500 })
    const nested = { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded' } } }
    expect(toModelFault(nested, context)).toMatchObject({ code: 'models.rate-limited' })
  })

  test('unreadable answers and broken connections are told apart', () => {
    const garbage = [
      new JSONParseError({ text: '<html>', cause: new Error('no') }),
      new EmptyResponseBodyError({}),
      new SyntaxError('too long'),
    ]
    for (const fault of garbage) {
      expect(toModelFault(fault, context)).toMatchObject({ code: 'models.garbage' })
    }
    expect(toModelFault(new TypeError('terminated'), context)).toMatchObject({ isTransient: true })
    const unsupported = new UnsupportedFunctionalityError({ functionality: 'images' })
    expect(toModelFault(unsupported, context)).toMatchObject({ isTransient: false })
    const bug = new RangeError('ours')
    expect(toModelFault(bug, context)).toMatchObject({ cause: bug })
  })

  test('what is typed already, and an abort, pass through', () => {
    const own = new NoMaterialError('answer', 'none')
    const abort = Object.assign(new Error('stop'), { name: 'AbortError' })
    expect([toModelFault(own, context), toModelFault(abort, context)]).toEqual([own, abort])
  })
})

describe('a typed fault', () => {
  test('carries no key, no prompt and no foreign error', () => {
    const message = `key ${KEY} or sk-other-12345678 or Bearer abc.def is wrong ${'x'.repeat(500)}`
    const fault = faultOf({ status: 401, message, body: `{"your_key":"${KEY}"}` })
    const record = JSON.stringify(toErrorRecord(fault))
    expect(record).not.toMatch(/verysecret|sk-other|abc\.def|private words/)
    expect(record).toMatch(/\[key\]/)
    expect(record.length).toBeLessThan(800)
    expect([fault.cause, toErrorRecord(fault).hint]).toEqual([
      undefined,
      'check OPENAI_API_KEY and what it may use',
    ])
    expect(redact('AIzaSyD-partlyhidden****', undefined)).toBe('[key]')
  })

  test('tells how long to wait, from headers or from Google’s body', () => {
    const retryDelay = '{"error":{"code":429,"details":[{"retryDelay":"1.5s"}]}}'
    expect(faultOf({ status: 429, headers: { 'retry-after': '7' } })).toMatchObject({
      retryAfterMs: 7_000,
    })
    expect(faultOf({ status: 429, body: retryDelay })).toMatchObject({ retryAfterMs: 1_500 })
  })

  test('is tried again only when that can help now', () => {
    const facts = { provider: 'p', model: 'm', isTransient: true }
    const limited = (ms: number): Error =>
      new RateLimitedError('busy', { ...facts, status: 429, retryAfterMs: ms })
    expect(isWorthRetrying(limited(1_000), 60_000)).toBe(true)
    expect(isWorthRetrying(limited(61_000), 60_000)).toBe(false)
    expect(isWorthRetrying(new RateLimitedError('queue full', facts), 60_000)).toBe(false)
    const open = {
      dependency: 'x',
      openSince: 0,
      retryAt: 9,
      retryAfterMs: 9,
      lastFault: undefined,
    }
    expect(isWorthRetrying(new CircuitOpenError(open, facts), 60_000)).toBe(false)
    expect(isWorthRetrying(faultOf({ status: 400 }), 60_000)).toBe(false)
    expect(isWorthRetrying(new Error('x'), 60_000)).toBe(false)
  })

  test('says that the model is ill, that it answered, or nothing', () => {
    const timeout = new ModelTimeoutError('slow', { provider: 'p', model: 'm', isTransient: true })
    const ill = [faultOf({ status: 503 }), faultOf({}), timeout]
    const answered = [faultOf({ status: 429 }), faultOf({ status: 400 }), faultOf({ status: 404 })]
    expect(ill.map(judgeModelFault)).toEqual(['ill', 'ill', 'ill'])
    expect(answered.map(judgeModelFault)).toEqual(['answered', 'answered', 'answered'])
    expect([new Error('ours'), 'left'].map(judgeModelFault)).toEqual(['unknown', 'unknown'])
  })
})

describe('Retry-After', () => {
  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '120', 'retry-after': '1' }, 120],
    [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 77_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'Wed, 29 Feb 2040 00:00:00 GMT' }, 2_214_086_400_000 - NOW_MS],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'Sun, 06 Foo 1994 08:49:37 GMT' }, undefined],
    [{}, undefined],
  ])('%j', (headers, expected) => expect(retryAfterMs(headers, NOW_MS)).toBe(expected))
})
