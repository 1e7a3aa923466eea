import type { EpochMs } from '../kernel/clock.ts'
import type { ErrorRecord } from '../kernel/errors.ts'
import type { MicroFtns } from '../kernel/money.ts'
import type { Result } from '../kernel/result.ts'

/** What is paid for. */
export type Paid =
  /** The right to read, run and fork a workflow, for a tenant and for good. */
  | { readonly kind: 'purchase' }
  /** One use of a template. */
  | { readonly kind: 'use'; readonly revision: number; readonly user: string }

/** What a tenant pays to the author of something in the library. */
export interface Payment {
  /** Names the effect: a repeat pays nothing more. */
  readonly id: string
  readonly buyer: string
  readonly seller: string
  readonly name: string
  /** Zero is allowed: what costs nothing is recorded all the same. */
  readonly amount: MicroFtns
  readonly at: EpochMs
  readonly paid: Paid
}

/** Where the library's payments are made. */
export interface Payments {
  /**
   * Moves the credit and records what it was for, in one transaction.
   *
   * @returns a refusal when the wallet does not have it.
   */
  pay(payment: Payment): Promise<Result<void, ErrorRecord>>
}
