import type { ProviderRetries } from '../providers/schema.ts'

/** The two guards of a provider: the breaker counts single tries, the retry repeats them. */
export interface CallGuards {
  /** @throws the last fault of the call. */
  retry<Value>(call: () => Promise<Value>): Promise<Value>
  /** @throws the fault of the call, or what `whenOpen` makes instead of calling. */
  breaker<Value>(call: () => Promise<Value>, whenOpen: () => Error): Promise<Value>
}

/** What the guards must know of faults. */
export interface GuardOptions {
  readonly retries: ProviderRetries
  /** Whether another try of the call makes sense. */
  readonly isRetryable: (fault: unknown) => boolean
  /** Whether the fault says that the provider is ill, which a rate limit does not. */
  readonly isOutage: (fault: unknown) => boolean
}

/** Makes the guards of one provider. */
export type CreateGuards = (options: GuardOptions) => CallGuards
