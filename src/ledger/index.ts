/**
 * Ledger: double-entry books of FTNS credit, with holds that reserve credit before it is spent.
 *
 * @module
 */
export { availableCredit, leftInHold } from './book.ts'
export type { LedgerCommand } from './commands.ts'
export {
  type Balance,
  COMPUTE_ACCOUNT,
  createLedger,
  ISSUANCE_ACCOUNT,
  type Ledger,
  type LedgerDeps,
  type MintRequest,
  walletOf,
} from './ledger.ts'
export type { LedgerRefusal, LedgerRefusalCode } from './refusals.ts'
export { LEDGER_MIGRATIONS } from './rows-sql.ts'
export {
  account,
  type Account,
  hold,
  type Hold,
  transfer,
  type Transfer,
  transferReason,
  type TransferReason,
} from './schema.ts'
export type { LedgerCheck, LedgerStore, TransferRange } from './store.ts'
export { createSqlLedgerStore, ledgerWriter } from './store-sql.ts'
