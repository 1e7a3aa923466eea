import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

import type { ApiEnv } from '../deps.ts'
import { MalformedJsonError, TooDeepError, UnsupportedMediaTypeError } from '../errors.ts'

import { isDeeperThan, MAX_DEPTH } from './json-depth.ts'
import { readBody } from './read-body.ts'

const HAS_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** Reads the body once, within bounds: it is JSON, not too large and not too deep. */
export function jsonBody(limitBytes: number): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { req } = context
    const bytes = HAS_BODY.has(req.method) ? await readBody(req.raw, limitBytes) : undefined
    const text = bytes === undefined || bytes.length === 0 ? '' : toText(bytes)
    if (text !== '') check(text, req.header('content-type'))
    context.set('bodyText', text)
    if (bytes !== undefined) req.raw = withBody(req.raw, text)
    await next()
  })
}

/** The same request with its body to be read once more. */
function withBody({ url, method, headers, signal }: Request, text: string): Request {
  return new Request(url, { method, headers, signal, ...(text !== '' && { body: text }) })
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (fault) {
    if (fault instanceof TypeError) throw new MalformedJsonError('it is not UTF-8')
    throw fault
  }
}

function check(text: string, contentType: string | undefined): void {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) {
    throw new UnsupportedMediaTypeError(contentType?.slice(0, 100))
  }
  if (isDeeperThan(text, MAX_DEPTH)) throw new TooDeepError(MAX_DEPTH)
  try {
    JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) throw new MalformedJsonError(fault.message.slice(0, 200))
    throw fault
  }
}
