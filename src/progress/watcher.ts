import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

import type { Progress } from './progress.ts'

/** How often everything that is promised is looked at, ms. */
const EVERY_MS = 5_000

/** What {@link watchPromises} needs. */
export interface WatcherDeps {
  readonly progress: Pick<Progress, 'checkAll'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Looks at everything that is promised again and again, so that alerts are there before somebody
 * asks.
 *
 * @remarks Several processes may do so: what is found twice is kept once.
 * @returns what ends it, once the present look is over.
 */
export function watchPromises({ progress, clock, log }: WatcherDeps): () => Promise<void> {
  let isOver = false
  let cancel: (() => void) | undefined
  let look = Promise.resolve()
  const turn = (): void => {
    look = progress
      .checkAll()
      // A look that fails is the next one's work.
      .catch((fault: unknown) => log.error('progress.check-failed', fault))
      .finally(() => {
        if (!isOver) cancel = clock.after(EVERY_MS, turn)
      })
  }
  cancel = clock.after(EVERY_MS, turn)
  return async () => {
    isOver = true
    cancel?.()
    await look
  }
}
