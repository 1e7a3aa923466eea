/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number

/** Source of the current time and of delays. Only `platform/` and tests implement it. */
export interface Clock {
  /** The current time. */
  now(): EpochMs
  /**
   * Calls `callback` once, `delayMs` from now, and returns what cancels it.
   *
   * @param delayMs - 0 or more; longer than 2^31 milliseconds is allowed.
   */
  after(delayMs: number, callback: () => void): () => void
  /**
   * Keeps, from now on, the time that `read` tells rather than that of this machine, and returns what
   * ends the asking. Absent: the clock keeps its own time.
   */
  follow?(read: () => Promise<EpochMs>): Promise<() => void>
}

/** Resolves `delayMs` from now, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
