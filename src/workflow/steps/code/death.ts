import type { Death } from './protocol.ts'

/** What is known of a process that ended by itself in the middle of a call. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  /** What the watchdog wrote before it ended the process. */
  readonly lastWords: string
  /** The end of its standard error. */
  readonly stderr: string
}

/**
 * Why a process ended.
 *
 * @remarks V8 has no other way than its standard error to say that its heap is full; it then aborts.
 */
export function causeOfDeath({ code, signal, lastWords, stderr }: Exit): Death {
  if (lastWords.startsWith('out-of-memory')) return { kind: 'out-of-memory' }
  if (lastWords.startsWith('out-of-time')) return { kind: 'out-of-time' }
  if (code !== 0 && /FATAL ERROR: .{0,200}out of memory/.test(stderr)) {
    return { kind: 'out-of-memory' }
  }
  const how = signal === null ? `the process exited with code ${code}` : `signal ${signal} ended it`
  return { kind: 'exited', how }
}
