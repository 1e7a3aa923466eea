import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { HTTPException } from 'hono/http-exception'
import { describe, expect, test } from 'vitest'

import { type ErrorCode, PlatformError } from '../kernel/errors.ts'

import { MethodNotAllowedError, TooManyRequestsError } from './errors.ts'
import { HIDDEN_STATUS_BY_CODE, STATUS_BY_CODE } from './problem-status.ts'
import { problemResponse, toProblem } from './problem.ts'
import { problemDocument } from './schema.ts'

class AnyError extends PlatformError {
  readonly code: ErrorCode

  constructor(code: string) {
    super(`secret of ${code}`, { hint: 'a remedy', details: { host: 'db.internal' } })
    this.code = code as ErrorCode
  }
}

/**
 * Rooms whose services an operation calls. What steps fail with (`code.`, `http.`) stands in the
 * record of a run; a fault of the database that is not listed is an opaque 500, as it should be.
 */
const ROOMS = ['access', 'api', 'artifacts', 'ledger', 'models', 'pricing', 'workflow']

const ROOT = resolve(import.meta.dirname, '..')
const codesIn = (room: string): string[] =>
  readdirSync(resolve(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing/.test(name))
    .flatMap((name) => [
      ...readFileSync(resolve(ROOT, room, name), 'utf8').matchAll(
        /\bcode(?: =|:) '([a-z]+\.[a-z-]+)'/g,
      ),
    ])
    .map(([, code]) => code ?? '')

describe('problems', () => {
  test('every code of an error that can reach a client has a status', () => {
    const codes = new Set(ROOMS.flatMap(codesIn))
    const unknown = [...codes].filter(
      (code) =>
        ROOMS.includes(code.slice(0, code.indexOf('.'))) &&
        !(code in STATUS_BY_CODE) &&
        !(code in HIDDEN_STATUS_BY_CODE),
    )
    expect(codes.size).toBeGreaterThan(60)
    expect(unknown).toEqual([])
  })

  test.each(Object.entries(STATUS_BY_CODE))('%s is %i, told as it is', async (code, status) => {
    const problem = toProblem(new AnyError(code), 'req_1')
    expect(problemDocument.parse(problem)).toEqual(problem)
    expect(problem).toMatchObject({
      type: `urn:prsm:error:${code}`,
      status,
      code,
      detail: `secret of ${code}`,
      hint: 'a remedy',
      details: { host: 'db.internal' },
      instance: 'urn:prsm:request:req_1',
    })
    const response = problemResponse(problem)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json',
    ])
    expect(await response.json()).toEqual(problem)
  })

  test.each(Object.entries(HIDDEN_STATUS_BY_CODE))(
    '%s is %i, and tells no secrets',
    (code, status) => {
      const problem = toProblem(new AnyError(code), 'req_1')
      expect(problem).toMatchObject({ status, code, instance: 'urn:prsm:request:req_1' })
      expect(JSON.stringify(problem)).not.toMatch(/secret|db\.internal/)
      expect(problemResponse(problem).headers.has('retry-after')).toBe(status === 503)
    },
  )

  test('anything else is an opaque 500', () => {
    for (const fault of [
      new AnyError('other.room'),
      new TypeError('secret'),
      'secret',
      undefined,
    ]) {
      const problem = toProblem(fault, 'req_1')
      expect(problem).toMatchObject({ status: 500, code: 'internal.fault', title: 'Fault' })
      expect(JSON.stringify(problem)).not.toContain('secret')
    }
  })

  test('the framework’s refusals have codes of ours', () => {
    const codeOf = (status: 400 | 404 | 415 | 500, message: string): string =>
      toProblem(new HTTPException(status, { message }), 'req_1').code
    expect(codeOf(400, 'Malformed JSON in request body')).toBe('api.malformed-json')
    expect(codeOf(415, 'Unsupported Media Type')).toBe('api.unsupported-media-type')
    expect(codeOf(404, 'no')).toBe('api.refused')
    expect(codeOf(500, 'no')).toBe('internal.fault')
  })

  test('headers say what a client can do', () => {
    const headersOf = (fault: PlatformError): Headers =>
      problemResponse(toProblem(fault, 'r')).headers
    expect(headersOf(new TooManyRequestsError(1_200)).get('retry-after')).toBe('2')
    expect(headersOf(new MethodNotAllowedError('PUT', ['GET', 'HEAD'])).get('allow')).toBe(
      'GET, HEAD',
    )
  })
})
