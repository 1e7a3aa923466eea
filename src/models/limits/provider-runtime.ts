import type { LanguageModelV3 } from '@ai-sdk/provider'

import type { OpenCircuit } from '../../kernel/breakers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { PlatformError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Telemetry } from '../../kernel/telemetry.ts'
import { abortReason, openDeadline, raceAbort } from '../calls/deadline.ts'
import {
  type CallFaultFacts,
  CircuitOpenError,
  ModelCallError,
  ModelTimeoutError,
  RateLimitedError,
} from '../errors.ts'
import type { ProviderConfig } from '../providers/schema.ts'

import { isWorthRetrying, judgeModelFault, toModelFault } from './faults.ts'
import type { CallGuards, CreateGuards } from './guards.ts'
import { createRateLimiter, type Lease, type RateLimiter } from './rate-limiter.ts'

const DEFAULT_TRY_TIMEOUT_MS = 120_000
const DEFAULT_RETRY_AFTER_MS = 60_000

/** One try of a call. Whoever succeeds with it must end it. */
export interface Try {
  readonly model: LanguageModelV3
  readonly signal: AbortSignal
  /** Settles as `work` does, or rejects when the try's time is over. */
  readonly race: <Value>(work: Promise<Value>) => Promise<Value>
  /** Gives the try its full time again: a part of a stream came. */
  readonly restart: () => void
  /** Stops the time while the caller is busy with a part. */
  readonly pause: () => void
  /** Frees the place of this call; `usedTokens` corrects what it had reserved. */
  readonly end: (usedTokens?: number) => void
  /** The typed fault of what the model's adapter threw. */
  readonly explain: (fault: unknown) => Error
}

/** A call that the runtime tries until it succeeds or its policy gives up. */
export interface ProviderCall<Value> {
  readonly model: string
  /** Tokens to reserve from the rate limit. */
  readonly tokens: number
  readonly signal: AbortSignal
  readonly attempt: (attempt: Try) => Promise<Value>
}

/** A call that was made. */
export interface CallMade<Value> {
  readonly value: Value
  readonly attempts: number
  /** How long its tries waited for their turn, milliseconds. */
  readonly queuedMs: number
}

/** Makes the calls to one provider: in turn, within limits, tried again, or not at all. */
export interface ProviderRuntime {
  /** @throws {@link ModelCallError} or the signal's reason. */
  call<Value>(call: ProviderCall<Value>): Promise<CallMade<Value>>
}

/** What a runtime needs. */
export interface ProviderRuntimeDeps {
  readonly config: ProviderConfig
  readonly key: string | undefined
  readonly keyNames: readonly string[]
  readonly knownModels: readonly string[]
  readonly loadModel: (model: string) => Promise<LanguageModelV3>
  readonly createGuards: CreateGuards
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Builds the runtime of one provider; all calls to it must share it. */
export function createProviderRuntime(deps: ProviderRuntimeDeps): ProviderRuntime {
  const { config, clock } = deps
  const retries = config.retries ?? {}
  const maxRetryAfterMs = retries.maxRetryAfterMs ?? DEFAULT_RETRY_AFTER_MS
  const isRetryable = (fault: unknown): boolean => isWorthRetrying(fault, maxRetryAfterMs)
  const { name: provider } = config
  const guards = deps.createGuards({ provider, retries, isRetryable, judge: judgeModelFault })
  const parts = { deps, guards, limiter: createRateLimiter(clock, config.limits), maxRetryAfterMs }
  return {
    async call(call) {
      let attempts = 0
      let queuedMs = 0
      const onTurn = (waitedMs: number): void => void (queuedMs += waitedMs)
      const work = guards.retry(async () => {
        if (call.signal.aborted) throw abortReason(call.signal)
        attempts += 1
        try {
          return await runTry(parts, call, onTurn)
        } catch (fault) {
          noteFault(deps, { fault, model: call.model, attempt: attempts })
          throw fault
        }
      }, call.signal)
      // A try need not take notice of the signal.
      return { value: await raceAbort(work, call.signal), attempts, queuedMs }
    },
  }
}

interface Parts {
  readonly deps: ProviderRuntimeDeps
  readonly limiter: RateLimiter
  readonly guards: CallGuards
  readonly maxRetryAfterMs: number
}

async function runTry<Value>(
  parts: Parts,
  call: ProviderCall<Value>,
  onTurn: (waitedMs: number) => void,
): Promise<Value> {
  const { deps, limiter, guards } = parts
  const facts = { provider: deps.config.name, model: call.model, isTransient: true }
  const since = deps.clock.now()
  const lease = await limiter.acquire(call.tokens, call.signal)
  onTurn(deps.clock.now() - since)
  if (lease === undefined) {
    const hint = 'raise limits.maxQueue of this provider, or run fewer steps at once'
    throw new RateLimitedError('has too many calls waiting', { ...facts, hint })
  }
  const guarded = { model: call.model, signal: call.signal, whenOpen: circuitOpen(facts) }
  try {
    // The time of the try begins with it: what comes before may be a wait for somebody else's.
    return await guards.breaker(() => makeTry(parts, call, lease), guarded)
  } catch (fault) {
    lease.release(0)
    throw fault
  }
}

async function makeTry<Value>(
  parts: Parts,
  call: ProviderCall<Value>,
  lease: Lease,
): Promise<Value> {
  const attempt = openTry(parts, call, lease)
  try {
    const model = await attempt.race(parts.deps.loadModel(call.model))
    return await attempt.race(call.attempt({ ...attempt, model }))
  } catch (fault) {
    const typed = attempt.explain(fault)
    attempt.end(0)
    throw typed
  }
}

/** Who waits as long as is said is not refused again before the model is tried. */
function circuitOpen(facts: CallFaultFacts): (open: OpenCircuit) => Error {
  const hint = 'it is tried again by itself; prsm breakers shows when, and what failed'
  return (open) => new CircuitOpenError(open, { ...facts, hint })
}

function openTry<Value>(parts: Parts, call: ProviderCall<Value>, lease: Lease): Omit<Try, 'model'> {
  const { config, clock } = parts.deps
  const facts = { provider: config.name, model: call.model, isTransient: true }
  const timeoutMs = config.tryTimeoutMs ?? DEFAULT_TRY_TIMEOUT_MS
  const { close, ...deadline } = openDeadline({
    clock,
    timeoutMs,
    signal: call.signal,
    onTimeout: () => new ModelTimeoutError(`said nothing for ${timeoutMs} ms`, facts),
  })
  const { signal } = deadline
  return {
    ...deadline,
    end(usedTokens) {
      close()
      lease.release(usedTokens)
    },
    explain: (fault) =>
      signal.aborted ? abortReason(signal) : explainFault(parts, call.model, fault),
  }
}

function explainFault(parts: Parts, model: string, fault: unknown): Error {
  const { config, clock, key, keyNames, knownModels } = parts.deps
  const nowMs = clock.now()
  const context = { provider: config.name, model, key, keyNames, knownModels, nowMs }
  const typed = toModelFault(fault, context)
  if (typed instanceof ModelCallError && typed.retryAfterMs !== undefined) {
    // The pause is the provider's wish for everyone, so it binds the limiter and not one call.
    parts.limiter.coolDown(nowMs + Math.min(typed.retryAfterMs, parts.maxRetryAfterMs))
  }
  return typed
}

function noteFault(
  { config, log, telemetry }: ProviderRuntimeDeps,
  { fault, model, attempt }: { fault: unknown; model: string; attempt: number },
): void {
  const code = fault instanceof PlatformError ? fault.code : 'models.aborted'
  const status = fault instanceof ModelCallError ? (fault.status ?? 0) : 0
  log.warn('models.try-failed', { provider: config.name, model, code, status, attempt })
  telemetry.count('prsm.models.failed_tries', 1, { provider: config.name, code })
}
