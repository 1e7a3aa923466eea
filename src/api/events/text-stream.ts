import type { Clock } from '../../kernel/clock.ts'

/** What {@link createTextStream} needs. */
export interface TextStreamOptions {
  readonly chunks: AsyncGenerator<string, void>
  readonly clock: Clock
  /** Sent when `chunks` gives nothing for `heartbeatMs`. */
  readonly heartbeat: string
  readonly heartbeatMs: number
  /** Called once, when the reader has left before the end: what `chunks` waits for is to stop. */
  readonly onLeave: () => void
}

type Arrival = { readonly result: IteratorResult<string, void> } | { readonly fault: unknown }

/**
 * A body that gives `chunks` at the pace of its reader, and shows that it lives while they are
 * silent.
 *
 * @remarks Nothing is asked of `chunks` before the reader wants more, so a slow reader holds at
 * most one chunk.
 */
export function createTextStream(options: TextStreamOptions): ReadableStream<Uint8Array> {
  const { chunks, clock, heartbeat, heartbeatMs, onLeave } = options
  const encoder = new TextEncoder()
  let isAsked = false
  let arrived: Arrival | undefined
  let wake: (() => void) | undefined
  const ask = async (): Promise<void> => {
    try {
      arrived = { result: await chunks.next() }
    } catch (fault) {
      arrived = { fault }
    }
    wake?.()
  }
  // One question at a time, however many heartbeats pass until it is answered.
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(heartbeatMs, resolve)
      wake = () => {
        cancel()
        resolve()
      }
      if (isAsked) return
      isAsked = true
      void ask()
    })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await wait()
        if (arrived === undefined) {
          controller.enqueue(encoder.encode(heartbeat))
          return
        }
        if ('fault' in arrived) throw arrived.fault
        const { done, value } = arrived.result
        arrived = undefined
        isAsked = false
        if (done === true) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      async cancel() {
        onLeave()
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
