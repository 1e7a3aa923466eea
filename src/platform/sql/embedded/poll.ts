import { type Clock, sleep } from '../../../kernel/clock.ts'

/** How often and how long something is looked at. */
export interface Pace {
  readonly clock: Clock
  /** Pause between two looks, milliseconds. */
  readonly everyMs: number
  /** When to give up, milliseconds from now; the first look always happens. */
  readonly limitMs: number
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** The first value `look` gives, or `undefined` when the limit passed without one. */
export async function poll<Value>(
  { clock, everyMs, limitMs, signal }: Pace,
  look: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const deadlineMs = clock.now() + limitMs
  for (;;) {
    signal?.throwIfAborted()
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the purpose
    const value = await look()
    if (value !== undefined || clock.now() >= deadlineMs) return value
    // oxlint-disable-next-line no-await-in-loop -- see above
    await sleep(clock, everyMs, signal)
  }
}

/**
 * Runs `work` with the process kept alive until it has ended.
 *
 * @remarks The timers of the system clock do not keep a process alive, and a command that waits for
 * its database has nothing else that would.
 */
export async function keepingAlive<Value>(work: () => Promise<Value>): Promise<Value> {
  const anchor = setInterval(() => undefined, 0x7fff_ffff)
  try {
    return await work()
  } finally {
    clearInterval(anchor)
  }
}
