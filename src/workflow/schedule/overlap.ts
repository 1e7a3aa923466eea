import type { ErrorRecord } from '../../kernel/errors.ts'
import { assertNever } from '../../kernel/result.ts'

import type { Overlap } from './schema.ts'

/** Fires that wait for others, of one schedule; those beyond are skipped. */
export const MAX_QUEUED = 1_000

/** What is under way when a schedule fires. */
export interface UnderWay {
  /** Fires whose runs have not ended, or are about to begin. */
  readonly active: number
  /** Fires that wait, oldest first. */
  readonly queued: number
}

/** What becomes of a fire, and of those before it. */
export type OverlapVerdict =
  | { readonly kind: 'start' }
  | { readonly kind: 'wait'; readonly cancelsActive: boolean; readonly supersedesQueued: boolean }
  | { readonly kind: 'skip'; readonly reason: ErrorRecord }

/** Decides on a fire by the policy of its schedule. */
export function decideOverlap(policy: Overlap, { active, queued }: UnderWay): OverlapVerdict {
  if (policy === 'allow' || (active === 0 && queued === 0)) return { kind: 'start' }
  switch (policy) {
    case 'skip':
      return { kind: 'skip', reason: OVERLAP }
    case 'queue':
      if (queued >= MAX_QUEUED) return { kind: 'skip', reason: QUEUE_FULL }
      return { kind: 'wait', cancelsActive: false, supersedesQueued: false }
    case 'cancel_previous':
      return { kind: 'wait', cancelsActive: true, supersedesQueued: true }
    default:
      return assertNever(policy)
  }
}

const OVERLAP: ErrorRecord = {
  code: 'schedule.overlap',
  message: 'a run of this schedule was still under way',
}
const QUEUE_FULL: ErrorRecord = {
  code: 'schedule.queue-full',
  message: `${MAX_QUEUED} fires of this schedule were waiting already`,
}
/** Why a waiting fire of `cancel_previous` is left out. */
export const SUPERSEDED: ErrorRecord = {
  code: 'schedule.superseded',
  message: 'a later fire of this schedule took its place',
}
/** Why a fire that waits is left out when its schedule is deleted. */
export const DELETED: ErrorRecord = {
  code: 'schedule.deleted',
  message: 'the schedule was deleted while this fire waited',
}
