import type { OpenCircuit } from '../kernel/breakers.ts'
import { PlatformError, type PlatformErrorOptions } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'

import { defined } from './defined.ts'

/** Which call failed, and what the provider said about it. */
export interface CallFaultFacts {
  readonly provider: string
  readonly model: string
  /** HTTP status, when there was one. */
  readonly status?: number
  /** What the provider says, at most 300 characters, keys removed. */
  readonly providerMessage?: string
  /** How long the provider asked to wait, milliseconds. */
  readonly retryAfterMs?: number
  /** Whether the same call may succeed later; what retries and workflow steps look at. */
  readonly isTransient?: boolean
  readonly hint?: string
  /** The circuit that kept the call from being made. */
  readonly circuit?: JsonObject
  readonly cause?: unknown
}

/** Base of every fault of a call to a model. */
export abstract class ModelCallError extends PlatformError {
  readonly provider: string
  readonly model: string
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** Whether the same call may succeed later. */
  readonly isTransient: boolean

  constructor(what: string, facts: CallFaultFacts) {
    super(`${facts.provider} model "${facts.model}" ${what}`, describe(facts))
    this.provider = facts.provider
    this.model = facts.model
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
    this.isTransient = facts.isTransient ?? false
  }
}

/** Thrown when a provider reports a failure or cannot be reached. */
export class ProviderFailedError extends ModelCallError {
  readonly code = 'models.provider-failed'
}

/** Thrown in place of a call to a model of which too many have failed lately. */
export class CircuitOpenError extends ModelCallError {
  readonly code = 'models.circuit-open'

  constructor(open: OpenCircuit, facts: CallFaultFacts) {
    const { retryAfterMs, ...details } = open
    super(`is not called at present: too many of its last calls have failed`, {
      ...facts,
      retryAfterMs,
      circuit: defined(details),
    })
  }
}

/** Thrown when a provider refuses for load or quota, or PRSM's own queue for it is full. */
export class RateLimitedError extends ModelCallError {
  readonly code = 'models.rate-limited'
}

/** Thrown when a call, or one try of it, took longer than allowed. */
export class ModelTimeoutError extends ModelCallError {
  readonly code = 'models.timeout'

  constructor(what: string, facts: CallFaultFacts) {
    const hint = 'raise timeoutMs or tryTimeoutMs of the provider, or ask for less at once'
    super(what, { hint, ...facts })
  }
}

/** Thrown when a response is not what the provider's protocol says: cut off, HTML, not JSON. */
export class GarbageError extends ModelCallError {
  readonly code = 'models.garbage'

  constructor(what: string, facts: CallFaultFacts) {
    const hint = 'check baseUrl of the provider: something else may answer there, such as a proxy'
    super(what, { hint, ...facts })
  }
}

/** Thrown when a provider that was asked for a stream gave something else. */
export class NoStreamError extends GarbageError {
  constructor(facts: CallFaultFacts) {
    super('answered without a stream', facts)
  }
}

/** Thrown when the prompt and the wanted answer do not fit the model's window. */
export class ContextOverflowError extends ModelCallError {
  readonly code = 'models.context-overflow'
}

/** Thrown when a content filter stopped the model, or the model declined to answer. */
export class RefusedError extends ModelCallError {
  readonly code = 'models.refused'
}

/** Thrown when a provider does not accept the key. */
export class KeyRejectedError extends ModelCallError {
  readonly code = 'models.key-rejected'
}

/** Thrown when an answer breaks its output contract also after the repair turn. */
export class InvalidOutputError extends ModelCallError {
  readonly code = 'models.invalid-output'
  /** What the model wrote last; a payload, so it is not in `details`. */
  readonly text: string
  /** What is wrong with it, one sentence each. */
  readonly problems: readonly string[]

  constructor(text: string, problems: readonly string[], facts: CallFaultFacts) {
    super(`gave an answer that breaks its output contract: ${problems[0] ?? 'no reason'}`, facts)
    this.text = text
    this.problems = problems
  }
}

function describe(facts: CallFaultFacts): PlatformErrorOptions {
  const { hint, cause, isTransient, circuit, ...rest } = facts
  return {
    details: { ...defined(rest), ...circuit, isTransient: isTransient ?? false },
    ...defined({ hint, cause }),
  }
}
