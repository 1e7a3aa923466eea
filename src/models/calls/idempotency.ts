import type { Clock, EpochMs } from '../../kernel/clock.ts'
import type { Sha256 } from '../../kernel/hash.ts'
import { IdempotencyConflictError } from '../request-errors.ts'

const CAPACITY = 1_000
const KEEP_MS = 600_000

/** Answers the same request once, however often it is asked within this process. */
export interface Idempotency<Value> {
  /**
   * The result of the first call with `key` that succeeded, running or finished; else of `work`.
   *
   * @throws {@link IdempotencyConflictError} `key` was used with another fingerprint.
   */
  run(key: string, fingerprint: Sha256, work: () => Promise<Value>): Promise<Value>
}

interface Entry<Value> {
  readonly fingerprint: Sha256
  readonly result: Promise<Value>
  readonly untilMs: EpochMs
}

/**
 * Builds a memory of results.
 *
 * @remarks
 * Crash: the memory is gone; the durable record of a step's result is the engine's. A failure is
 * not remembered: who waited for it makes its own call, because it may have been another's abort.
 */
export function createIdempotency<Value>(clock: Clock): Idempotency<Value> {
  const entries = new Map<string, Entry<Value>>()
  const forget = (key: string, entry: Entry<Value>): void => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  return {
    async run(key, fingerprint, work) {
      const known = entries.get(key)
      if (known !== undefined && known.untilMs > clock.now()) {
        if (known.fingerprint !== fingerprint) throw new IdempotencyConflictError(key)
        try {
          return await known.result
        } catch {
          return work()
        }
      }
      const entry = { fingerprint, result: work(), untilMs: clock.now() + KEEP_MS }
      entries.delete(key)
      entries.set(key, entry)
      const oldest = entries.size > CAPACITY ? entries.keys().next().value : undefined
      if (oldest !== undefined) entries.delete(oldest)
      try {
        return await entry.result
      } catch (fault) {
        forget(key, entry)
        throw fault
      }
    },
  }
}
