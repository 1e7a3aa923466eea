import { type ErrorCode, PlatformError } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'

/** Thrown when the server refuses a request or fails at it; `code` is the server's. */
export class ApiError extends PlatformError {
  readonly code: ErrorCode
  /** HTTP status. */
  readonly status: number
  /** How long the server asks to wait before the next try, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor({ code, status, message, hint, details, retryAfterMs }: ApiErrorFacts) {
    super(message, {
      ...(hint !== undefined && { hint }),
      ...(details !== undefined && { details }),
    })
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** What an {@link ApiError} is made of. */
export interface ApiErrorFacts {
  readonly code: ErrorCode
  readonly status: number
  readonly message: string
  readonly hint?: string | undefined
  readonly details?: JsonObject | undefined
  readonly retryAfterMs?: number | undefined
}

/** Thrown when no answer comes: the server is not there, or too slow, or the network is not. */
export class UnreachableError extends PlatformError {
  readonly code = 'client.unreachable'

  constructor(baseUrl: string, cause: unknown) {
    super(`PRSM is not reachable at ${baseUrl}: ${reasonOf(cause)}`, {
      hint: 'check the address, and that "prsm serve" runs there',
      details: { baseUrl },
      cause,
    })
  }
}

/** Thrown when an answer is not one of PRSM: a proxy's page, a cut body, another version. */
export class UnexpectedResponseError extends PlatformError {
  readonly code = 'client.unexpected-response'
  readonly status: number

  constructor(status: number, problem: string) {
    super(`the answer (status ${status}) is not what PRSM sends: ${problem}`, {
      hint: 'check that the address is that of PRSM, and that client and server have one version',
      details: { status, problem },
    })
    this.status = status
  }
}

/** Thrown when what is to be sent does not have the form it must have. */
export class InvalidArgumentError extends PlatformError {
  readonly code = 'client.invalid-argument'

  constructor(problem: string) {
    super(`the request is not valid: ${problem}`, { details: { problem } })
  }
}

/** The innermost reason: `fetch` says only that it failed, its cause says why. */
function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  const { cause } = fault
  if (cause instanceof Error && cause.message !== '') return cause.message
  return fault.message
}
