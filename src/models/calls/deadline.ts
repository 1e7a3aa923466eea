import type { Clock } from '../../kernel/clock.ts'
import { deferred } from '../../kernel/deferred.ts'

/** A limit on how long something may take, tied to the caller's own signal. */
export interface Deadline {
  /** Aborts with the caller's reason, or with the timeout's error. */
  readonly signal: AbortSignal
  /** Settles as `work` does, or rejects at the abort even when `work` takes no notice of it. */
  readonly race: <Value>(work: Promise<Value>) => Promise<Value>
  /** Starts the time anew. */
  readonly restart: () => void
  /** Stops the time until the next restart: the waiting is on our side. */
  readonly pause: () => void
  /** Stops the clock and lets go of the caller's signal. Must be called. */
  readonly close: () => void
}

/** What a deadline is made of. */
export interface DeadlineOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly onTimeout: () => Error
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts a deadline.
 *
 * @remarks Not `AbortSignal.any`: its links to a long-lived signal are only undone by collection,
 * and its timers are not the clock's.
 */
export function openDeadline({ clock, timeoutMs, onTimeout, signal }: DeadlineOptions): Deadline {
  const controller = new AbortController()
  const start = (): (() => void) => clock.after(timeoutMs, () => controller.abort(onTimeout()))
  let cancel = start()
  const onAbort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted === true) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    race: (work) => raceAbort(work, controller.signal),
    restart() {
      cancel()
      cancel = start()
    },
    pause: () => cancel(),
    close() {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** Settles as `work` does, or rejects with the signal's reason when that aborts first. */
export async function raceAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = deferred<never>()
  const onAbort = (): void => aborted.reject(abortReason(signal))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Why a signal aborted, as an error. */
export function abortReason(signal: AbortSignal): Error {
  const { reason }: { readonly reason: unknown } = signal
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason })
}
