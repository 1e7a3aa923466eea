import type { EpochMs } from '../kernel/clock.ts'
import type { MicroFtns } from '../kernel/money.ts'

import type { AccountId, TransferReason } from './schema.ts'

/**
 * One change of the books.
 *
 * @remarks Crash and retry: every command may be sent again. The same command changes nothing the
 * second time; another command under a known id is refused.
 */
export type LedgerCommand =
  | OpenAccount
  | TransferCredit
  | HoldCredit
  | ExtendHold
  | CaptureHold
  | ReleaseHold

/** Opens an account; opening it again is no change. */
export interface OpenAccount {
  readonly kind: 'open'
  readonly id: AccountId
  /** System accounts (issuance, revenue) may go below zero; wallets may not. */
  readonly mayOverdraw: boolean
}

/** Moves credit at once. */
export interface TransferCredit {
  readonly kind: 'transfer'
  readonly id: string
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amount: MicroFtns
  readonly reason: TransferReason
  readonly memo?: string
  readonly at: EpochMs
}

/** Sets credit aside. Zero is allowed: free work has a hold like any other. */
export interface HoldCredit {
  readonly kind: 'hold'
  readonly id: string
  readonly account: AccountId
  readonly amount: MicroFtns
  readonly at: EpochMs
}

/** Raises an open hold to `amount` in all; a hold that large already is left as it is. */
export interface ExtendHold {
  readonly kind: 'extend'
  readonly hold: string
  readonly amount: MicroFtns
}

/** Pays out of an open hold; the rest stays set aside. */
export interface CaptureHold {
  readonly kind: 'capture'
  readonly id: string
  readonly hold: string
  readonly credit: AccountId
  readonly amount: MicroFtns
  readonly reason: TransferReason
  readonly memo?: string
  readonly at: EpochMs
}

/** Closes a hold and frees what was not captured. */
export interface ReleaseHold {
  readonly kind: 'release'
  readonly hold: string
}
