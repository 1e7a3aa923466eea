import type { EpochMs } from '../../kernel/clock.ts'

/** Longest wait that is heeded. */
const MAX_WAIT_MS = 86_400_000

/**
 * How long a `Retry-After` header asks to wait, milliseconds; 0 when it does not say.
 *
 * @remarks Source: RFC 9110 section 10.2.3: seconds, or a date. At most a day is heeded.
 */
export function retryAfterMs(header: string | undefined, nowMs: EpochMs): number {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, MAX_WAIT_MS)
  // `Date.parse` reads much more, and what has no zone as local time.
  if (!/^[A-Z][a-z]{2,8}, .{10,40} GMT$/.test(text)) return 0
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? 0 : Math.min(Math.max(0, atMs - nowMs), MAX_WAIT_MS)
}
