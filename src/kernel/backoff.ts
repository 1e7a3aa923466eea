/** How long waits before further tries grow. */
export interface Backoff {
  /** Longest wait before the first retry, milliseconds. */
  readonly initialMs: number
  /** What it is multiplied by for each further one. */
  readonly factor: number
  /** Longest wait before any retry, milliseconds. */
  readonly maxDelayMs: number
}

/**
 * How long to wait before the `nth` retry, milliseconds.
 *
 * @remarks
 * Full jitter: anywhere from 0 to the exponential limit, so that many who failed together spread out.
 * Source: docs/sources.md#full-jitter.
 *
 * @param nth - 1 for the first retry
 * @param chance - uniform in [0, 1)
 */
export function fullJitterMs(
  { initialMs, factor, maxDelayMs }: Backoff,
  nth: number,
  chance: number,
): number {
  return Math.floor(chance * Math.min(maxDelayMs, initialMs * factor ** (nth - 1)))
}
