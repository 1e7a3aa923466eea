import { HTTPException } from 'hono/http-exception'

import { type ErrorCode, PlatformError } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'

import { FrameworkRefusalError, MalformedJsonError, UnsupportedMediaTypeError } from './errors.ts'
import { HIDDEN_STATUS_BY_CODE, STATUS_BY_CODE } from './problem-status.ts'
import type { ProblemDocument } from './schema.ts'

const RETRY_AFTER_MS = 1_000

/**
 * The RFC 9457 problem document of any thrown value.
 *
 * @remarks A fault that is not known by its code tells the client nothing but `requestId`, under
 * which its stack stands in the log.
 */
export function toProblem(thrown: unknown, requestId: string): ProblemDocument {
  const instance = `urn:prsm:request:${requestId}`
  const fault = thrown instanceof HTTPException ? ofFramework(thrown) : thrown
  if (!(fault instanceof PlatformError)) return { ...OPAQUE, instance }
  const { code, message, hint, details } = fault
  const status = STATUS_BY_CODE[code]
  if (status === undefined) {
    const hidden = HIDDEN_STATUS_BY_CODE[code]
    return hidden === undefined ? { ...OPAQUE, instance } : { ...hide(code, hidden), instance }
  }
  return {
    ...head(code, status),
    detail: message,
    ...(hint !== undefined && { hint }),
    ...(Object.keys(details).length > 0 && { details }),
    instance,
  }
}

/** What the client is told of a fault of ours. */
function hide(code: ErrorCode, status: number): Omit<ProblemDocument, 'instance'> {
  const isPassing = status === 503
  return {
    ...head(code, status),
    detail: 'the fault is ours; the log has it under the id of this request',
    hint: isPassing ? 'try again in a moment' : 'tell whoever runs this server the id',
  }
}

const OPAQUE = hide('internal.fault', 500)

type Head = Pick<ProblemDocument, 'type' | 'title' | 'status' | 'code'>

function head(code: ErrorCode, status: number): Head {
  const words = code.slice(code.indexOf('.') + 1).replaceAll('-', ' ')
  const title = words.charAt(0).toUpperCase() + words.slice(1)
  return { type: `urn:prsm:error:${code}`, title, status, code }
}

/** The framework's own refusals: a body of another type, a body that is not JSON. */
function ofFramework({ status, message }: HTTPException): PlatformError | undefined {
  if (status === 415) return new UnsupportedMediaTypeError(undefined)
  if (status === 400 && /json/i.test(message)) return new MalformedJsonError(message)
  return status < 500 ? new FrameworkRefusalError(message, { status }) : undefined
}

/** Renders a problem as an `application/problem+json` response. */
export function problemResponse(problem: ProblemDocument): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headersOf(problem) },
  })
}

function headersOf({ code, status, details = {} }: ProblemDocument): Record<string, string> {
  if (code === 'access.unauthenticated') return { 'www-authenticate': 'Bearer realm="prsm"' }
  if (code === 'access.missing-scope') {
    const { needed } = details
    const scope = typeof needed === 'string' ? needed : ''
    return {
      'www-authenticate': `Bearer realm="prsm", error="insufficient_scope", scope="${scope}"`,
    }
  }
  const { allowed } = details
  if (code === 'api.method-not-allowed' && Array.isArray(allowed)) {
    return { allow: allowed.join(', ') }
  }
  const retryAfterMs = retryAfterOf(status, details)
  if (retryAfterMs === undefined) return {}
  return { 'retry-after': Math.ceil(retryAfterMs / 1_000).toString() }
}

function retryAfterOf(status: number, { retryAfterMs }: JsonObject): number | undefined {
  if (typeof retryAfterMs === 'number') return retryAfterMs
  return status === 503 || status === 429 ? RETRY_AFTER_MS : undefined
}
