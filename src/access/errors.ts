import { type EpochMs } from '../kernel/clock.ts'
import { PlatformError } from '../kernel/errors.ts'

import type { Scope } from './schema.ts'

/** Thrown when a request carries no valid key. Why it is not valid is not told. */
export class UnauthenticatedError extends PlatformError {
  readonly code = 'access.unauthenticated'

  constructor() {
    super('a valid API key is needed', {
      hint: 'send "Authorization: Bearer prsm_…"; prsm keys create makes a key',
    })
  }
}

/** Thrown when a key does not have the scope that an operation needs. */
export class MissingScopeError extends PlatformError {
  readonly code = 'access.missing-scope'

  constructor(needed: Scope, held: readonly Scope[]) {
    super(`this needs a key with the scope "${needed}"`, {
      hint: 'use another key, or have an administrator make one with this scope',
      details: { needed, held },
    })
  }
}

/** Thrown when the tenant has no key of this id. */
export class UnknownKeyError extends PlatformError {
  readonly code = 'access.unknown-key'

  constructor(key: string) {
    super(`there is no key "${key}"`, {
      hint: 'prsm keys ls shows the keys there are',
      details: { key },
    })
  }
}

/** Thrown when a key is to be made under an id that is taken: most often a repeated request. */
export class KeyExistsError extends PlatformError {
  readonly code = 'access.key-exists'

  constructor(key: string) {
    super(`key "${key}" was made already, and its token is shown only once`, {
      hint: 'revoke it and make another one',
      details: { key },
    })
  }
}

/** Thrown when a new key would never be accepted. */
export class ExpiredFromStartError extends PlatformError {
  readonly code = 'access.expired-from-start'

  constructor(expiresAt: EpochMs) {
    super(`a key that expires at ${expiresAt} would never be accepted`, {
      hint: 'expiresAt is a time in the future, in milliseconds since 1970',
      details: { expiresAt },
    })
  }
}
