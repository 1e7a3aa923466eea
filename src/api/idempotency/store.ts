import type { EpochMs } from '../../kernel/clock.ts'

/** A response that can be given again. */
export interface KeptResponse {
  readonly status: number
  /** `undefined` when it held a secret. */
  readonly body: string | undefined
  readonly location: string | undefined
}

/** What names one request of a tenant. */
export interface RequestName {
  readonly tenant: string
  /** What the client sent as Idempotency-Key. */
  readonly key: string
}

/** A request that asks to be worked on. */
export interface Attempt extends RequestName {
  /** Method and path. */
  readonly request: string
  readonly bodyHash: string
  /** Names the effect of the request, if nobody has named it yet. */
  readonly effect: string
  /** Who asks; names its hold on the request. */
  readonly holder: string
  readonly now: EpochMs
  /** How long the hold lasts: after that its holder is taken to be lost. */
  readonly holdMs: number
  /** How long the request is remembered. */
  readonly keepMs: number
}

/** What a request under a key is told. */
export type Claim =
  /** It is the first, and is to be worked on. */
  | { readonly kind: 'begun'; readonly effect: string }
  /** An earlier one did not end; it is to be worked on under the name its effect had. */
  | { readonly kind: 'resumed'; readonly effect: string }
  /** It was answered. */
  | { readonly kind: 'answered'; readonly response: KeptResponse }
  /** The key stands for another request. */
  | { readonly kind: 'differs' }
  /** Somebody works on it, until `heldUntil` at most. */
  | { readonly kind: 'busy'; readonly heldUntil: EpochMs }

/** A claim that is being worked on. */
export interface Hold extends RequestName {
  readonly holder: string
}

/**
 * Where requests with an Idempotency-Key are remembered. Implementations must pass
 * `describeIdempotencyStore` in `testing.ts`.
 *
 * @remarks The methods that end a hold change nothing when somebody else has it by now.
 */
export interface IdempotencyStore {
  /** Of several that claim one key at once, one is told `begun` or `resumed`. */
  claim(attempt: Attempt): Promise<Claim>
  /** Keeps the response for whoever asks again. */
  complete(hold: Hold, response: KeptResponse): Promise<void>
  /** Gives the hold up; the name of the effect stays, for whoever tries again. */
  release(hold: Hold): Promise<void>
  /** Forgets the request: it had no effect. */
  forget(hold: Hold): Promise<void>
  /** Forgets what was remembered before `before`; returns how many requests. */
  sweep(before: EpochMs): Promise<number>
}
