import type { EpochMs } from '../../kernel/clock.ts'

import type { Attempt, Claim, KeptResponse } from './store.ts'

/** A remembered request. */
export interface Remembered {
  readonly request: string
  readonly bodyHash: string
  readonly effect: string
  readonly heldUntil: EpochMs
  readonly createdAt: EpochMs
  readonly response: KeptResponse | undefined
}

/** What an attempt is told, given what is remembered under its key. */
export function judgeClaim(known: Remembered | undefined, attempt: Attempt): Claim {
  if (known === undefined || isOver(known, attempt)) {
    return { kind: 'begun', effect: attempt.effect }
  }
  const { request, bodyHash, effect, heldUntil, response } = known
  if (request !== attempt.request || bodyHash !== attempt.bodyHash) return { kind: 'differs' }
  if (response !== undefined) return { kind: 'answered', response }
  return heldUntil > attempt.now ? { kind: 'busy', heldUntil } : { kind: 'resumed', effect }
}

function isOver({ createdAt, heldUntil }: Remembered, { now, keepMs }: Attempt): boolean {
  return createdAt + keepMs <= now && heldUntil <= now
}
