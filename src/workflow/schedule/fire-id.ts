import type { EpochMs } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import type { Id } from '../../kernel/ids.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 10
const HASH_DIGITS = 16

/**
 * The id of the run that a fire begins: the same whoever asks, and however often.
 *
 * @remarks It has the form of every run's id. Its time is the one the fire was meant for, so that
 * runs of a back-fill stand in lists where they would have stood.
 */
export function runOf(schedule: string, key: string, scheduledAt: EpochMs): Id<'run'> {
  const hash = sha256(`${schedule} ${key}`).slice('sha256:'.length)
  let rest = Math.max(0, scheduledAt)
  let time = ''
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    time = ALPHABET.charAt(rest % 32) + time
    rest = Math.floor(rest / 32)
  }
  let text = ''
  for (let digit = 0; digit < HASH_DIGITS; digit++) {
    text += ALPHABET.charAt(Number.parseInt(hash.slice(2 * digit, 2 * digit + 2), 16) % 32)
  }
  return `run_${time}${text}`
}

/** What a fire at a time is called; a back-fill gives it the same name. */
export function timeKey(scheduledAt: EpochMs): string {
  return `time-${scheduledAt}`
}

/** What a fire for an event is called. */
export function eventKey(seq: number): string {
  return `event-${seq}`
}

/** What a fire for a delivery is called; senders may choose ids of any length. */
export function deliveryKey(delivery: string): string {
  return `hook-${sha256(delivery).slice('sha256:'.length, 'sha256:'.length + 40)}`
}
