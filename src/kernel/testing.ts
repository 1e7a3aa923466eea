import type { Clock, EpochMs } from './clock.ts'

/** A clock that stands still until it is told to move; its timers fire in order of due time. */
export interface ManualClock extends Clock {
  /** Moves time forward and fires what falls due; timers set while firing count too. */
  advance(deltaMs: number): void
  /** Timers that have not fired or been cancelled. */
  readonly pending: number
}

/** Builds a clock for tests, standing at `startMs`. */
export function createManualClock(startMs: EpochMs = 1_700_000_000_000): ManualClock {
  let nowMs = startMs
  let timers: { readonly dueMs: EpochMs; readonly callback: () => void }[] = []
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    advance(deltaMs) {
      const endMs = nowMs + deltaMs
      for (;;) {
        const due = timers.filter(({ dueMs }) => dueMs <= endMs)
        const next = due.toSorted((a, b) => a.dueMs - b.dueMs)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        nowMs = Math.max(nowMs, next.dueMs)
        next.callback()
      }
      nowMs = endMs
    },
    get pending() {
      return timers.length
    },
  }
}
