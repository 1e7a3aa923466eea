import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

/**
 * Does `work` with a signal that aborts at the first Ctrl-C; the second one ends the process at once.
 *
 * @remarks It listens from before a run is begun: a Ctrl-C in between would leave the run to a dead
 * process.
 */
export async function withInterrupts<Value>(
  { terminal }: Context,
  work: (interrupted: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const interrupt = new AbortController()
  const end = terminal.onInterrupt(() => {
    if (interrupt.signal.aborted) terminal.exit(EXIT.interrupted)
    else interrupt.abort('interrupt')
  })
  try {
    return await work(interrupt.signal)
  } finally {
    end()
  }
}
