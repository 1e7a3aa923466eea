import type { EpochMs } from '../../kernel/clock.ts'

import { PRIORITIES, type Priority } from './schema.ts'

/** How long something waits until it is as urgent as the next priority, milliseconds. */
export const AGE_STEP_MS = 600_000

/** 0 for `immediate`, 5 for `flexible`. */
export function levelOf(priority: Priority): number {
  return PRIORITIES.indexOf(priority)
}

/** What orders work in a queue. */
export interface Urgent {
  readonly priority: Priority
  readonly createdAt: EpochMs
  /** When it must have ended. */
  readonly deadline?: EpochMs | undefined
  /** How long it is expected to take, milliseconds. */
  readonly expectedMs?: number | undefined
}

/**
 * Where something stands in the queue: the smallest key goes first.
 *
 * @remarks Ageing at one pace for all keeps every two in one order for ever, so the key is computed
 * once and may be indexed. A deadline pulls its work to the front at the last moment to begin it.
 */
export function queueKey({ priority, createdAt, deadline, expectedMs = 0 }: Urgent): EpochMs {
  const aged = createdAt + levelOf(priority) * AGE_STEP_MS
  return deadline === undefined ? aged : Math.min(aged, deadline - expectedMs)
}

/** How urgent what has `key` is by now: 0, the most urgent, to 5. */
export function levelAt(key: EpochMs, now: EpochMs): number {
  const level = Math.ceil((key - now) / AGE_STEP_MS)
  return Math.min(PRIORITIES.length - 1, Math.max(0, level))
}
