import type { JournalEvent } from '../kernel/journal.ts'
import type { Result } from '../kernel/result.ts'

import type { LedgerCommand } from './commands.ts'
import type { LedgerRefusal } from './refusals.ts'
import type { Account, Hold, Transfer } from './schema.ts'

/** Which transfers are listed: newest first, those before `beforeId` when it is given. */
export interface TransferRange {
  readonly account: string
  readonly before?: { readonly at: number; readonly id: string }
  readonly limit: number
}

/** What the books say of themselves. */
export interface LedgerCheck {
  readonly accounts: number
  readonly transfers: number
  /** Credits minus debits over all accounts, µFTNS: zero when the books balance. */
  readonly difference: bigint
  /** Accounts whose balance is not the sum of their transfers, or whose holds do not add up. */
  readonly mismatched: readonly string[]
}

/** Where the books are kept. Implementations must pass `describeLedgerStore` in `testing.ts`. */
export interface LedgerStore {
  /**
   * Applies `commands` in order and records `facts`, all together or not at all.
   *
   * @returns the first refusal, in which case nothing was changed.
   */
  commit(
    commands: readonly LedgerCommand[],
    facts: readonly JournalEvent[],
  ): Promise<Result<void, LedgerRefusal>>
  findAccount(id: string): Promise<Account | undefined>
  listAccounts(tenant: string): Promise<readonly Account[]>
  findHold(id: string): Promise<Hold | undefined>
  listTransfers(range: TransferRange): Promise<readonly Transfer[]>
  /** Recomputes every balance from the transfers and holds. */
  check(): Promise<LedgerCheck>
}
