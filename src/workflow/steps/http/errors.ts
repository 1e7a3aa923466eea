import type { OpenCircuit } from '../../../kernel/breakers.ts'
import { PlatformError } from '../../../kernel/errors.ts'

/** A response that was not expected. */
export interface UnexpectedResponse {
  readonly method: string
  /** Without its query. */
  readonly url: string
  readonly status: number
  /** Begin of its body, as text. */
  readonly excerpt: string
  readonly retryAfterMs: number
}

/** Statuses below 500 whose cause may pass: timeout, too early, too many requests. */
const TRANSIENT = new Set([408, 425, 429])

/** Thrown when a response has a status that is not expected. */
export class HttpStatusError extends PlatformError {
  readonly code = 'http.status'
  readonly isTransient: boolean
  readonly retryAfterMs: number
  readonly status: number

  constructor({ method, url, status, excerpt, retryAfterMs }: UnexpectedResponse) {
    super(`${method} ${url} answered ${status}${excerpt === '' ? '' : `: ${excerpt}`}`, {
      hint: 'if this is a good answer, name it in "expectStatus"',
      details: { method, url, status, ...(retryAfterMs > 0 && { retryAfterMs }) },
    })
    this.isTransient = status >= 500 || TRANSIENT.has(status)
    this.retryAfterMs = retryAfterMs
    this.status = status
  }
}

/** Thrown in place of a request to a host of whose last requests too many have failed. */
export class HttpCircuitOpenError extends PlatformError {
  readonly code = 'http.circuit-open'
  readonly isTransient = true
  readonly retryAfterMs: number

  constructor(host: string, { lastFault, ...open }: OpenCircuit) {
    const { retryAfterMs } = open
    super(`${host} is not called at present: too many of its last requests have failed`, {
      hint: 'it is tried again by itself; prsm breakers shows when, and what failed',
      details: { ...open, ...(lastFault !== undefined && { lastFault }) },
    })
    this.retryAfterMs = retryAfterMs
  }
}
