import { PlatformError } from '../kernel/errors.ts'
import type { Json } from '../kernel/json.ts'

/** Thrown when a part of a request does not have the form it must have. */
export class InvalidRequestError extends PlatformError {
  readonly code = 'api.invalid-request'

  constructor(
    part: string,
    issues: readonly { readonly path: string; readonly message: string }[],
  ) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    super(`the ${part} of the request is not valid: ${list.join('; ')}`, {
      hint: '/openapi.json and /docs describe every operation',
      details: { part, issues: issues.map((issue) => ({ ...issue })) },
    })
  }
}

/** Thrown when a key asks for what concerns other tenants too. */
export class OperatorOnlyError extends PlatformError {
  readonly code = 'api.operator-only'

  constructor(what: string) {
    super(`only whoever runs the platform may ${what}`, {
      hint: 'run the command beside the database: without --server, and with --database-url or the data directory',
      details: { what },
    })
  }
}

/** Thrown when a body is not JSON text, or not text at all. */
export class MalformedJsonError extends PlatformError {
  readonly code = 'api.malformed-json'

  constructor(problem: string) {
    super(`the body is not JSON: ${problem}`, { details: { problem } })
  }
}

/** Thrown when a body nests lists and objects deeper than anything sensible. */
export class TooDeepError extends PlatformError {
  readonly code = 'api.too-deep'

  constructor(limit: number) {
    super(`the body nests deeper than ${limit} levels`, { details: { limit } })
  }
}

/** Thrown when a body is larger than the server accepts. */
export class TooLargeError extends PlatformError {
  readonly code = 'api.too-large'

  constructor(limitBytes: number) {
    super(`the body is larger than ${limitBytes} bytes`, {
      hint: 'put large material into files that the steps read',
      details: { limitBytes },
    })
  }
}

/** Thrown when a body is sent as something else than JSON. */
export class UnsupportedMediaTypeError extends PlatformError {
  readonly code = 'api.unsupported-media-type'

  constructor(given: string | undefined) {
    super(`a body of type "${given ?? 'none'}" is not understood`, {
      hint: 'send "Content-Type: application/json"',
      details: { given: given ?? null },
    })
  }
}

/** Thrown when a cursor was not given by this list. */
export class InvalidCursorError extends PlatformError {
  readonly code = 'api.invalid-cursor'

  constructor() {
    super('the cursor is not one of this list', {
      hint: 'pass the "next" of a page unchanged, or leave the cursor out to begin anew',
    })
  }
}

/** Thrown when no operation has the path. */
export class UnknownPathError extends PlatformError {
  readonly code = 'api.not-found'

  constructor(path: string) {
    super(`there is nothing at ${path}`, { hint: '/docs lists every operation', details: { path } })
  }
}

/** Thrown when a path is there but not for this method. */
export class MethodNotAllowedError extends PlatformError {
  readonly code = 'api.method-not-allowed'

  constructor(method: string, allowed: readonly string[]) {
    super(`${method} is not possible here, only ${allowed.join(', ')}`, { details: { allowed } })
  }
}

/** Thrown when a key sends more requests than it may. */
export class TooManyRequestsError extends PlatformError {
  readonly code = 'api.too-many-requests'

  constructor(retryAfterMs: number) {
    super('this key, or this webhook, has sent too many requests', {
      hint: 'wait as long as Retry-After says',
      details: { retryAfterMs },
    })
  }
}

/** Thrown when as many streams are open as the server carries. */
export class TooManyStreamsError extends PlatformError {
  readonly code = 'api.too-many-streams'

  constructor(limit: number) {
    super(`${limit} streams are open, which is as many as this server carries`, {
      hint: 'close some, or read pages of events instead',
      details: { limit, retryAfterMs: 5_000 },
    })
  }
}

/** Thrown when the run has no file at the path, or the path leads out of its folder. */
export class UnknownFileError extends PlatformError {
  readonly code = 'api.unknown-file'

  constructor(run: string, path: string) {
    super(`run ${run} has no file "${path}"`, {
      hint: 'the list of its files shows what there is',
      details: { run, path },
    })
  }
}

/** Thrown when the server cannot work at the moment. */
export class NotReadyError extends PlatformError {
  readonly code = 'api.not-ready'

  constructor(reason: string, cause?: unknown) {
    super(`the server is not ready: ${reason}`, {
      details: { reason, retryAfterMs: 1_000 },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when the client has left before its request was answered. */
export class ClientGoneError extends PlatformError {
  readonly code = 'api.client-gone'

  constructor() {
    super('the client closed the request')
  }
}

/** What a framework's own refusal is named. */
export class FrameworkRefusalError extends PlatformError {
  readonly code = 'api.refused'

  constructor(message: string, details: Readonly<Record<string, Json>>) {
    super(message, { details })
  }
}
