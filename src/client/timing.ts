/** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
export type Pause = (delayMs: number, signal?: AbortSignal) => Promise<void>

/** Waits with the timer of the platform, in Node and in browsers alike. */
export const pause: Pause = (delayMs, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

/** Growth of waits between tries. */
export interface Backoff {
  /** Longest wait before the first retry, ms. */
  readonly initialMs: number
  /** Longest wait before any retry, ms. */
  readonly maxMs: number
}

/**
 * The wait before try number `attempt` + 1, milliseconds.
 *
 * @remarks Source: exponential backoff with full jitter (docs/sources.md#full-jitter), but never
 * below a tenth of the longest wait, so that a stream that is refused at once does not spin.
 * @param attempt - tries made, from 1.
 */
export function backoffMs({ initialMs, maxMs }: Backoff, attempt: number, share: number): number {
  const longest = Math.min(maxMs, initialMs * 2 ** (attempt - 1))
  return Math.round(longest * (0.1 + 0.9 * share))
}

/** A uniform number in [0, 1), from the randomness that Node and browsers share. */
export function randomShare(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32
}

/** A new name for a request: 128 random bits. */
export function newIdempotencyKey(): string {
  const words = crypto.getRandomValues(new Uint32Array(4))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}
