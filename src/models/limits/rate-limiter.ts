import type { Clock, EpochMs } from '../../kernel/clock.ts'
import { abortReason } from '../calls/deadline.ts'
import type { ProviderLimits } from '../providers/schema.ts'

import { type Bucket, bucketWaitMs, fullBucket, refillBucket, takeFromBucket } from './bucket.ts'

const DEFAULT_CONCURRENT = 16
const DEFAULT_QUEUE = 1_000

/** Permission to make one call. */
export interface Lease {
  /** Ends the call; `usedTokens` corrects the reservation. A second release does nothing. */
  release(usedTokens?: number): void
}

/** Keeps the calls to one provider within its limits, in the order they came. */
export interface RateLimiter {
  /**
   * Waits for a turn that allows `tokens`.
   *
   * @returns `undefined` when the queue is full.
   * @throws the signal's reason, when it aborts while waiting.
   */
  acquire(tokens: number, signal: AbortSignal): Promise<Lease | undefined>
  /** No call starts before `untilMs`: the provider asked for a pause. */
  coolDown(untilMs: EpochMs): void
  /** Calls that wait. */
  readonly queued: number
}

interface Waiter {
  readonly tokens: number
  readonly start: (lease: Lease) => void
}

interface State {
  requests: Bucket | undefined
  tokens: Bucket | undefined
  running: number
  coolUntilMs: EpochMs
  queue: readonly Waiter[]
  cancelTimer: (() => void) | undefined
}

/** Builds the limiter of one provider. */
export function createRateLimiter(clock: Clock, limits: ProviderLimits = {}): RateLimiter {
  const nowMs = clock.now()
  const bucketOf = (perMinute: number | undefined): Bucket | undefined =>
    perMinute === undefined ? undefined : fullBucket(perMinute, nowMs)
  const state: State = {
    requests: bucketOf(limits.requestsPerMinute),
    tokens: bucketOf(limits.tokensPerMinute),
    running: 0,
    coolUntilMs: 0,
    queue: [],
    cancelTimer: undefined,
  }
  const maxConcurrent = limits.maxConcurrent ?? DEFAULT_CONCURRENT
  const pump = (): void => {
    state.cancelTimer?.()
    state.cancelTimer = undefined
    for (;;) {
      const head = state.queue[0]
      if (head === undefined || state.running >= maxConcurrent) return
      const waitMs = waitBefore(state, head.tokens, clock.now())
      if (waitMs > 0) {
        state.cancelTimer = clock.after(waitMs, pump)
        return
      }
      state.queue = state.queue.slice(1)
      take(state, head.tokens)
      head.start(createLease(state, head.tokens, pump))
    }
  }
  return {
    acquire(tokens, signal) {
      if (signal.aborted) return Promise.reject(abortReason(signal))
      return enqueue({ state, tokens, signal, pump, maxQueue: limits.maxQueue ?? DEFAULT_QUEUE })
    },
    coolDown(untilMs) {
      state.coolUntilMs = Math.max(state.coolUntilMs, untilMs)
    },
    get queued() {
      return state.queue.length
    },
  }
}

interface Enqueued {
  readonly state: State
  readonly tokens: number
  readonly signal: AbortSignal
  readonly pump: () => void
  readonly maxQueue: number
}

function enqueue({ state, tokens, signal, pump, maxQueue }: Enqueued): Promise<Lease | undefined> {
  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      tokens,
      start: (lease) => {
        signal.removeEventListener('abort', onAbort)
        resolve(lease)
      },
    }
    const leave = (): boolean => {
      const wasWaiting = state.queue.includes(waiter)
      state.queue = state.queue.filter((other) => other !== waiter)
      return wasWaiting
    }
    const onAbort = (): void => {
      if (!leave()) return
      reject(abortReason(signal))
      pump()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    state.queue = [...state.queue, waiter]
    pump()
    // A call that starts at once is no queue, whatever the bound.
    if (state.queue.length > maxQueue && leave()) {
      signal.removeEventListener('abort', onAbort)
      resolve(undefined)
    }
  })
}

function waitBefore(state: State, tokens: number, nowMs: EpochMs): number {
  if (state.requests !== undefined) state.requests = refillBucket(state.requests, nowMs)
  if (state.tokens !== undefined) state.tokens = refillBucket(state.tokens, nowMs)
  return Math.max(
    state.coolUntilMs - nowMs,
    state.requests === undefined ? 0 : bucketWaitMs(state.requests, 1),
    state.tokens === undefined ? 0 : bucketWaitMs(state.tokens, tokens),
  )
}

function take(state: State, tokens: number): void {
  state.running += 1
  if (state.requests !== undefined) state.requests = takeFromBucket(state.requests, 1)
  if (state.tokens !== undefined) state.tokens = takeFromBucket(state.tokens, tokens)
}

function createLease(state: State, reserved: number, pump: () => void): Lease {
  let isReleased = false
  return {
    release(usedTokens = reserved) {
      if (isReleased) return
      isReleased = true
      state.running -= 1
      if (state.tokens !== undefined) {
        state.tokens = takeFromBucket(state.tokens, usedTokens - reserved)
      }
      pump()
    },
  }
}
