import type { Clock } from '../kernel/clock.ts'

/** Longest delay a Node timer takes; a longer one fires at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The wall clock and timers of this machine; a waiting timer does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout
    const arm = (restMs: number): void => {
      const stepMs = Math.min(restMs, MAX_TIMER_MS)
      timer = setTimeout(() => (restMs > stepMs ? arm(restMs - stepMs) : callback()), stepMs)
      timer.unref()
    }
    arm(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}
