import type { FaultVerdict, OpenCircuit } from '../../kernel/breakers.ts'
import type { ProviderRetries } from '../providers/schema.ts'

/** One try as a breaker sees it. */
export interface GuardedTry {
  readonly model: string
  readonly signal: AbortSignal
  /** The fault in place of the try. */
  readonly whenOpen: (open: OpenCircuit) => Error
}

/** The two guards of a provider: the breaker counts single tries, the retry repeats them. */
export interface CallGuards {
  /** @throws the last fault of the call, or the signal's reason. */
  retry<Value>(call: () => Promise<Value>, signal: AbortSignal): Promise<Value>
  /** @throws the fault of the call, or what `whenOpen` makes instead of calling. */
  breaker<Value>(call: () => Promise<Value>, guarded: GuardedTry): Promise<Value>
}

/** What the guards must know of a provider and of faults. */
export interface GuardOptions {
  readonly provider: string
  readonly retries: ProviderRetries
  /** Whether another try of the call makes sense. */
  readonly isRetryable: (fault: unknown) => boolean
  /** What a fault says of the provider. */
  readonly judge: (fault: unknown) => FaultVerdict
}

/** Makes the guards of one provider. */
export type CreateGuards = (options: GuardOptions) => CallGuards
