import type { Breakers } from '../../kernel/breakers.ts'
import type { Log } from '../../kernel/log.ts'

import type { BreakerBoard } from './breaker-board.ts'

/** What showing circuits needs. */
export interface ShowBreakersDeps {
  readonly breakers: Breakers
  readonly board: BreakerBoard
  readonly log: Log
}

/** Shows the circuits of a worker, and closes those it is asked to. */
export interface BreakerShow {
  /** With each sign of life of the worker. */
  beat(): Promise<void>
  stop(): void
}

/**
 * Begins to show the circuits of this process with its worker: at every change of a state, whenever
 * somebody asks for a reset, and with each sign of life.
 *
 * @param worker - the id it has by then
 */
export async function showBreakers(
  { breakers, board, log }: ShowBreakersDeps,
  worker: () => string,
): Promise<BreakerShow> {
  let isStopped = false
  let hasShown = false
  /** How many times it has been asked for, and how many of these are done. */
  let [asked, done] = [0, 0]
  let showing: Promise<void> | undefined
  const showAll = async (): Promise<void> => {
    done = asked
    const reports = breakers.list()
    // Whoever has called nothing has nothing to show, and cannot be asked for anything.
    if (reports.length === 0 && !hasShown) return
    hasShown = true
    for (const { dependency, tenant } of await board.show(worker(), reports)) {
      // What closes is a change, which is shown in the next round.
      breakers.reset(dependency, tenant)
    }
    if (asked > done && !isStopped) await showAll()
  }
  const show = (): Promise<void> => {
    asked++
    if (isStopped) return Promise.resolve()
    showing ??= showAll().finally(() => (showing = undefined))
    return showing
  }
  const showSoon = (): void => {
    // The database may be away for a while; the next sign of life shows it.
    show().catch((fault: unknown) => log.error('breaker.not-shown', fault))
  }
  const stopHearing = breakers.onChange(showSoon)
  const stopListening = await board.listen(showSoon)
  return {
    beat: show,
    stop() {
      isStopped = true
      stopHearing()
      stopListening()
    },
  }
}
