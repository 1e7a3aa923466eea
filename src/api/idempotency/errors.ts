import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when an Idempotency-Key has a form that is not accepted. */
export class InvalidIdempotencyKeyError extends PlatformError {
  readonly code = 'api.invalid-idempotency-key'

  constructor() {
    super('the Idempotency-Key is not valid', {
      hint: 'send 8 to 200 visible ASCII characters, such as a UUID',
    })
  }
}

/** Thrown when an Idempotency-Key comes with another request than the first time. */
export class IdempotencyMismatchError extends PlatformError {
  readonly code = 'api.idempotency-mismatch'

  constructor() {
    super('this Idempotency-Key was used for another request', {
      hint: 'use a new key for a new request, or send exactly the first request again',
    })
  }
}

/** Thrown when a request with the same Idempotency-Key is still being worked on. */
export class StillInProgressError extends PlatformError {
  readonly code = 'api.in-progress'

  constructor(retryAfterMs: number) {
    super('a request with this Idempotency-Key is still in progress', {
      hint: 'send it again after what Retry-After says',
      details: { retryAfterMs },
    })
  }
}

/** Thrown when a request was answered before with a secret, which is not shown twice. */
export class ResponseNotKeptError extends PlatformError {
  readonly code = 'api.response-not-kept'

  constructor() {
    super('this request was done before, and its answer held a secret that is not kept', {
      hint: 'if the answer was lost, revoke what was made and make it anew under another key',
    })
  }
}
