import type { Client, Event } from '../../client/index.ts'
import { type Clock, sleep } from '../../kernel/clock.ts'

/** What is watched, and from where. */
export interface WatchRequest {
  readonly client: Client
  readonly clock: Clock
  readonly run: string
  /** Only events behind this one. */
  readonly after: number
  readonly signal: AbortSignal
}

/** How often it is looked whether a run that had ended was taken up again, milliseconds. */
const LOOK_EVERY_MS = 300

/**
 * Events of a run until it ends, at least one; nothing more once the signal aborts.
 *
 * @remarks A failed run that is to be resumed is still a failed one until a worker hears of it: the
 * stream then ends at once, and is opened again.
 */
export async function* watchRun(request: WatchRequest): AsyncGenerator<Event, void> {
  const { client, clock, run, after, signal } = request
  let position = after
  try {
    for (;;) {
      for await (const event of client.watchRun(run, { after: position, signal })) {
        position = event.version
        yield event
      }
      if (position > after) return
      await sleep(clock, LOOK_EVERY_MS, signal)
    }
  } catch (fault) {
    if (!signal.aborted) throw fault
  }
}
