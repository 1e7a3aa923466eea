import type { Clock, EpochMs } from '../kernel/clock.ts'

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

/** How often a clock asks for the time that it follows, milliseconds. */
const ASK_EVERY_MS = 10_000

/**
 * A clock that keeps its own time until it is told to follow another's.
 *
 * @remarks Processes that share a database follow the time of that: what one of them puts down for
 * later comes due at the same moment for all, whatever the clocks of their machines say. Between two
 * answers time is measured by a counter that nobody can set.
 */
export function createFollowingClock(): Clock {
  /** What is to be added to the counter; `undefined`: the clock follows nobody. */
  let offsetMs: number | undefined
  const ask = async (read: () => Promise<EpochMs>): Promise<void> => {
    const sentMs = performance.now()
    const at = await read()
    const answeredMs = performance.now()
    const doubtMs = (answeredMs - sentMs) / 2
    const measuredMs = at - sentMs - doubtMs
    // A slow answer says little, and a clock that jitters is worse than one that is a little wrong.
    if (offsetMs === undefined || Math.abs(measuredMs - offsetMs) > doubtMs + 1)
      offsetMs = measuredMs
  }
  return {
    now: () => (offsetMs === undefined ? Date.now() : Math.floor(performance.now() + offsetMs)),
    after: (delayMs, callback) => systemClock.after(delayMs, callback),
    async follow(read) {
      let cancel: (() => void) | undefined
      let isOver = false
      const askAgain = (): void => {
        cancel = systemClock.after(ASK_EVERY_MS, () => {
          // Whoever is asked may be away for a while; the counter goes on.
          void ask(read)
            .catch(() => undefined)
            .then(() => isOver || askAgain())
        })
      }
      await ask(read)
      askAgain()
      return () => {
        isOver = true
        cancel?.()
      }
    },
  }
}
