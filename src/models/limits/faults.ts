import {
  AISDKError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  NoContentGeneratedError,
  TypeValidationError,
} from '@ai-sdk/provider'

import type { FaultVerdict } from '../../kernel/breakers.ts'
import type { EpochMs } from '../../kernel/clock.ts'
import { PlatformError } from '../../kernel/errors.ts'
import { defined } from '../defined.ts'
import {
  type CallFaultFacts,
  CircuitOpenError,
  ContextOverflowError,
  GarbageError,
  KeyRejectedError,
  ModelCallError,
  ModelTimeoutError,
  ProviderFailedError,
  RateLimitedError,
  RefusedError,
} from '../errors.ts'
import { UnknownModelError } from '../request-errors.ts'

import { type FaultFacts, faultFacts } from './fault-facts.ts'
import { redact } from './redact.ts'

/** Which call a fault belongs to. */
export interface CallContext {
  readonly provider: string
  readonly model: string
  /** Removed from whatever the provider says. */
  readonly key: string | undefined
  readonly keyNames: readonly string[]
  readonly knownModels: readonly string[]
  readonly nowMs: EpochMs
}

const QUOTA_CODES = new Set(['insufficient_quota', 'billing_hard_limit_reached'])
/** OpenAI, llama.cpp, Anthropic, and one over-long string at OpenAI. */
const OVERFLOW_CODES = new Set([
  'context_length_exceeded',
  'exceed_context_size_error',
  'request_too_large',
  'string_above_max_length',
])
/** A filter that refuses the prompt answers with status 400, at OpenAI and at Azure. */
const FILTER_CODES = new Set([
  'content_filter',
  'content_policy_violation',
  'responsibleaipolicyviolation',
])

/**
 * The typed fault of whatever a provider's adapter threw.
 *
 * @remarks Decided by fields and types alone. The SDK's error is not kept as `cause`: it carries
 * the prompt, and sometimes part of a key.
 */
export function toModelFault(fault: unknown, context: CallContext): Error {
  if (fault instanceof PlatformError || isAbort(fault)) return fault
  const facts = faultFacts(fault, context.nowMs)
  if (facts !== undefined) return ofFacts(facts, context)
  const base = { provider: context.provider, model: context.model }
  if (isGarbage(fault)) return new GarbageError('answered with something unreadable', base)
  const said = fault instanceof Error ? { providerMessage: redact(fault.message, context.key) } : {}
  if (AISDKError.isInstance(fault)) {
    return new ProviderFailedError('cannot serve this request', { ...base, ...said })
  }
  // undici reports a connection that breaks mid-body as a bare TypeError.
  if (fault instanceof TypeError) {
    return new ProviderFailedError('lost its connection', { ...base, ...said, isTransient: true })
  }
  return new ProviderFailedError('failed', { ...base, ...said, cause: fault })
}

/** Whether another try makes sense now, waits of up to `maxRetryAfterMs` included. */
export function isWorthRetrying(fault: unknown, maxRetryAfterMs: number): boolean {
  if (!(fault instanceof ModelCallError) || !fault.isTransient) return false
  if (fault instanceof CircuitOpenError) return false
  // Without a status it is PRSM's own queue that is full: a retry would only be a hidden queue.
  if (fault instanceof RateLimitedError && fault.status === undefined) return false
  return (fault.retryAfterMs ?? 0) <= maxRetryAfterMs
}

/**
 * What a fault says of the model: ill when it is unreachable, failing or too slow; a rate limit or a
 * refused request is an answer. Faults of ours, and a caller that left, say nothing.
 */
export function judgeModelFault(fault: unknown): FaultVerdict {
  if (fault instanceof ModelTimeoutError) return 'ill'
  if (fault instanceof ProviderFailedError && fault.isTransient) return 'ill'
  return fault instanceof ModelCallError || fault instanceof UnknownModelError
    ? 'answered'
    : 'unknown'
}

function ofFacts(facts: FaultFacts, context: CallContext): Error {
  const { status, codes } = facts
  const base = baseFacts(facts, context)
  if (status === 413 || codes.some((code) => OVERFLOW_CODES.has(code))) {
    const hint = 'shorten the messages, or use a model with a larger window'
    return new ContextOverflowError('cannot take a prompt of this length', { ...base, hint })
  }
  if (codes.some((code) => FILTER_CODES.has(code))) {
    return new RefusedError('refuses this prompt: its content filter stopped it', base)
  }
  switch (status ?? 0) {
    case 429:
      return rateLimited(facts, base)
    case 404:
      return new UnknownModelError(context.provider, context.model, context.knownModels)
    case 401:
    case 403: {
      const hint = `check ${context.keyNames.join(' or ') || 'the key'} and what it may use`
      return new KeyRejectedError('may not be used with this key', { ...base, hint })
    }
    default:
      return status !== undefined && status < 400
        ? brokenAnswer(facts, base)
        : providerFailed(facts, base)
  }
}

function baseFacts(facts: FaultFacts, context: CallContext): CallFaultFacts {
  const providerMessage = facts.message === '' ? undefined : redact(facts.message, context.key)
  return {
    provider: context.provider,
    model: context.model,
    ...defined({ status: facts.status, providerMessage, retryAfterMs: facts.retryAfterMs }),
  }
}

function rateLimited(facts: FaultFacts, base: CallFaultFacts): Error {
  if (facts.codes.some((code) => QUOTA_CODES.has(code))) {
    const hint = 'the account’s quota is used up: raise it at the provider, or use another model'
    return new RateLimitedError('has no quota left', { ...base, hint })
  }
  const hint = 'lower requestsPerMinute or tokensPerMinute of this provider, or run the step later'
  return new RateLimitedError('is asked too often', { ...base, isTransient: true, hint })
}

/** A good status and no good answer: the network broke in the middle of it, or it is garbage. */
function brokenAnswer({ isRetryable }: FaultFacts, base: CallFaultFacts): Error {
  return isRetryable
    ? new ProviderFailedError('lost its connection', { ...base, isTransient: true })
    : new GarbageError('answered with something unreadable', base)
}

function providerFailed({ status, isRetryable }: FaultFacts, base: CallFaultFacts): Error {
  const what = status === undefined ? 'could not be reached' : `failed with status ${status}`
  const hint = isRetryable
    ? 'the provider is ill: try later, or use another model'
    : 'the request itself is at fault: see providerMessage'
  return new ProviderFailedError(what, { ...base, isTransient: isRetryable, hint })
}

function isGarbage(fault: unknown): boolean {
  return (
    JSONParseError.isInstance(fault) ||
    TypeValidationError.isInstance(fault) ||
    InvalidResponseDataError.isInstance(fault) ||
    EmptyResponseBodyError.isInstance(fault) ||
    NoContentGeneratedError.isInstance(fault) ||
    fault instanceof SyntaxError
  )
}

function isAbort(fault: unknown): fault is Error {
  return fault instanceof Error && (fault.name === 'AbortError' || fault.name === 'TimeoutError')
}
