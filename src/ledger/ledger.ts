import type { Clock } from '../kernel/clock.ts'
import type { MicroFtns } from '../kernel/money.ts'
import type { Result } from '../kernel/result.ts'

import { availableCredit } from './book.ts'
import type { LedgerCommand } from './commands.ts'
import type { LedgerRefusal } from './refusals.ts'
import type { Account, Transfer } from './schema.ts'
import type { LedgerCheck, LedgerStore, TransferRange } from './store.ts'

/** Where credit comes into being: its debits are all the FTNS there are. */
export const ISSUANCE_ACCOUNT = 'platform:issuance'
/** What users pay for the platform's own compute and model calls. */
export const COMPUTE_ACCOUNT = 'platform:compute'

/** The account a tenant pays from. */
export function walletOf(tenant: string): string {
  return `${tenant}:wallet`
}

/** What the ledger needs. */
export interface LedgerDeps {
  readonly store: LedgerStore
  readonly clock: Clock
}

/** A tenant's credit. */
export interface Balance {
  readonly account: Account
  /** Free to spend or set aside, µFTNS. */
  readonly available: MicroFtns
}

/** The books of the platform. */
export interface Ledger {
  /**
   * Opens the tenant's wallet and grants it `amount`, once.
   *
   * @remarks Retry: a tenant that was welcomed before is left as it is, whatever the amount.
   */
  welcome(tenant: string, amount: MicroFtns): Promise<void>
  /** Mints credit into a wallet. `id` names the effect: a repeat mints nothing more. */
  mint(request: MintRequest): Promise<Result<void, LedgerRefusal>>
  /** A tenant's wallet; `undefined` before it was welcomed. */
  findBalance(tenant: string): Promise<Balance | undefined>
  listAccounts(tenant: string): Promise<readonly Account[]>
  /** Movements of an account, newest first. */
  listTransfers(range: TransferRange): Promise<readonly Transfer[]>
  /** Recomputes every balance from its movements. */
  check(): Promise<LedgerCheck>
}

/** Credit made out of nothing, for a tenant. */
export interface MintRequest {
  readonly id: string
  readonly tenant: string
  readonly amount: MicroFtns
  readonly memo: string
}

/** Builds the ledger; called once, from the composition root. */
export function createLedger({ store, clock }: LedgerDeps): Ledger {
  const mint: Ledger['mint'] = ({ id, tenant, amount, memo }) => {
    const at = clock.now()
    const credit = walletOf(tenant)
    return store.commit(
      [
        ...openingsFor(tenant),
        { kind: 'transfer', id, debit: ISSUANCE_ACCOUNT, credit, amount, reason: 'mint', memo, at },
      ],
      [
        {
          tenant,
          stream: id,
          version: 1,
          kind: 'credit.minted',
          at,
          data: { account: credit, amount: amount.toString(), memo },
        },
      ],
    )
  }
  return {
    async welcome(tenant, amount) {
      if ((await store.findAccount(walletOf(tenant))) !== undefined) return
      if (amount === 0n) {
        await store.commit(openingsFor(tenant), [])
        return
      }
      // Two processes may both get here; the second one's journal event or transfer is a repeat.
      await mint({ id: `welcome:${tenant}`, tenant, amount, memo: 'welcome grant' })
    },
    mint,
    async findBalance(tenant) {
      const account = await store.findAccount(walletOf(tenant))
      return account && { account, available: availableCredit(account) }
    },
    listAccounts: (tenant) => store.listAccounts(tenant),
    listTransfers: (range) => store.listTransfers(range),
    check: () => store.check(),
  }
}

function openingsFor(tenant: string): readonly LedgerCommand[] {
  return [
    { kind: 'open', id: ISSUANCE_ACCOUNT, mayOverdraw: true },
    { kind: 'open', id: COMPUTE_ACCOUNT, mayOverdraw: false },
    { kind: 'open', id: walletOf(tenant), mayOverdraw: false },
  ]
}
