import { type Clock, type EpochMs, sleep } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import type { Ids } from '../../kernel/ids.ts'
import { assertNever } from '../../kernel/result.ts'

import { IdempotencyMismatchError, StillInProgressError } from './errors.ts'
import type { Claim, Hold, IdempotencyStore, KeptResponse, RequestName } from './store.ts'

const HOUR_MS = 3_600_000
const KEEP_MS = 24 * HOUR_MS
/** A request takes milliseconds; whoever holds one for this long is taken to be lost. */
const HOLD_MS = 30_000
/** How long a duplicate waits for the first request before it is turned away. */
const WAIT_MS = 2_000
const LOOK_EVERY_MS = 50

/** What the service needs. */
export interface IdempotencyDeps {
  readonly store: IdempotencyStore
  readonly clock: Clock
  readonly ids: Ids
}

/** A request with an Idempotency-Key. */
export interface KeyedRequest extends RequestName {
  readonly request: string
  readonly body: string
  readonly signal: AbortSignal
}

/** The one effect of a request, however often it is sent. */
export interface Effect {
  /** 26 characters; behind a prefix it is an id. */
  readonly digits: string
  /** Whether an earlier try may have had the effect already. */
  readonly isRepeat: boolean
}

/** What is to be done with a request. */
export type Verdict =
  | { readonly kind: 'work'; readonly effect: Effect; readonly hold: Hold }
  | { readonly kind: 'answered'; readonly response: KeptResponse }

/** Does each request once, however often it is sent. */
export interface Idempotency {
  /**
   * Takes a request on, or finds its answer; a duplicate of one in progress waits for a while.
   *
   * @throws {@link IdempotencyMismatchError} {@link StillInProgressError}
   */
  begin(request: KeyedRequest): Promise<Verdict>
  /** Ends what `begin` took on. */
  end(work: Extract<Verdict, { kind: 'work' }>, response: KeptResponse): Promise<void>
}

/**
 * Builds the service.
 *
 * @remarks
 * Crash: the name of the effect is on record before the effect, so whoever repeats the request
 * after a crash acts under the same name and finds what was done. What holds a request when its
 * process dies is given up after 30 seconds.
 */
export function createIdempotency(deps: IdempotencyDeps): Idempotency {
  const { store, clock } = deps
  let sweepDueAt: EpochMs = 0
  const sweep = async (): Promise<void> => {
    if (clock.now() < sweepDueAt) return
    sweepDueAt = clock.now() + HOUR_MS
    await store.sweep(clock.now() - KEEP_MS)
  }
  return {
    async begin(request) {
      await sweep()
      const giveUpAt = clock.now() + WAIT_MS
      const holder = deps.ids.next('work')
      for (;;) {
        const claim = await store.claim(toAttempt(deps, request, holder))
        if (claim.kind !== 'busy') return toVerdict(claim, request, holder)
        if (clock.now() >= giveUpAt) throw new StillInProgressError(1_000)
        await sleep(clock, LOOK_EVERY_MS, request.signal)
      }
    },
    async end({ hold, effect }, response) {
      if (response.status < 300) await store.complete(hold, response)
      // A refused request did nothing and may be corrected; but a repeat that is refused may follow
      // upon a try that did something.
      else if (response.status < 500 && !effect.isRepeat) await store.forget(hold)
      else await store.release(hold)
    },
  }
}

function toAttempt(
  { clock, ids }: IdempotencyDeps,
  { tenant, key, request, body }: KeyedRequest,
  holder: string,
): Parameters<IdempotencyStore['claim']>[0] {
  return {
    tenant,
    key,
    request,
    bodyHash: sha256(body),
    effect: ids.next('run').slice('run_'.length),
    holder,
    now: clock.now(),
    holdMs: HOLD_MS,
    keepMs: KEEP_MS,
  }
}

function toVerdict(
  claim: Exclude<Claim, { kind: 'busy' }>,
  { tenant, key }: KeyedRequest,
  holder: string,
): Verdict {
  const hold = { tenant, key, holder }
  switch (claim.kind) {
    case 'begun':
    case 'resumed':
      return {
        kind: 'work',
        hold,
        effect: { digits: claim.effect, isRepeat: claim.kind === 'resumed' },
      }
    case 'answered':
      return claim
    case 'differs':
      throw new IdempotencyMismatchError()
    default:
      return assertNever(claim)
  }
}
