import type { ErrorRecord } from '../kernel/errors.ts'
import type { JournalEvent } from '../kernel/journal.ts'
import type { Result } from '../kernel/result.ts'
import type { Database } from '../platform/sql/database.ts'
import { isUniqueViolation } from '../platform/sql/faults.ts'
import { type GroupCommit, type Guard, type Sender, write } from '../platform/sql/group-commit.ts'
import type { Sql } from '../platform/sql/statements.ts'

import { applyCommand } from './apply.ts'
import { type Book, emptyBook } from './book.ts'
import type { LedgerCommand } from './commands.ts'
import type { LedgerRefusal } from './refusals.ts'
import {
  type AccountRow,
  type HoldRow,
  LEDGER_SQL,
  toAccount,
  toHold,
  toTransfer,
  type TransferRow,
} from './rows-sql.ts'
import type { LedgerStore } from './store.ts'

/** Applies ledger commands of many callers in one transaction; the first of the writers. */
export const ledgerWriter: Guard<LedgerCommand> = { name: 'ledger', apply: applyCommands }

interface SqlLedgerDeps {
  readonly database: Database
  readonly group: GroupCommit
  readonly journalWriter: Sender<JournalEvent>
}

/** The books in PostgreSQL. `group` must have `ledgerWriter` and `journalWriter` among its writers. */
export function createSqlLedgerStore({
  database,
  group,
  journalWriter,
}: SqlLedgerDeps): LedgerStore {
  return {
    async commit(commands, facts) {
      const movements = write(ledgerWriter, commands)
      const records = write(journalWriter, facts)
      try {
        return ofLedger(await group.commit([movements, records]))
      } catch (fault) {
        // The facts are in the journal already, and what they tell of was committed with them: this
        // is a repeat, which the commands alone answer.
        if (facts.length > 0 && isUniqueViolation(fault))
          return ofLedger(await group.commit([movements]))
        throw fault
      }
    },
    async findAccount(id) {
      const [row] = await database.query<AccountRow>({
        text: LEDGER_SQL.selectAccount,
        values: [id],
      })
      return row && toAccount(row)
    },
    async listAccounts(tenant) {
      const rows = await database.query<AccountRow>({
        text: LEDGER_SQL.selectAccounts,
        values: [tenant],
      })
      return rows.map(toAccount)
    },
    async findHold(id) {
      const [row] = await database.query<HoldRow>({ text: LEDGER_SQL.selectHold, values: [id] })
      return row && toHold(row)
    },
    async listTransfers({ account, before, limit }) {
      const values = [account, before?.at ?? null, before?.id ?? null, limit]
      const rows = await database.query<TransferRow>({ text: LEDGER_SQL.selectTransfers, values })
      return rows.map(toTransfer)
    },
    async check() {
      const accounts = await database.query<CheckRow>({ text: LEDGER_SQL.checkAccounts })
      const [count] = await database.query<{ count: bigint }>({ text: LEDGER_SQL.countTransfers })
      return {
        accounts: accounts.length,
        transfers: Number(count?.count ?? 0n),
        difference: accounts.reduce((sum, { balance }) => sum + balance, 0n),
        mismatched: accounts.filter(({ isRight }) => !isRight).map(({ id }) => id),
      }
    },
  }
}

function ofLedger(result: Result<void, ErrorRecord>): Result<void, LedgerRefusal> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the ledger's writer refuses
  return result.ok ? result : { ok: false, refusal: result.refusal as LedgerRefusal }
}

interface CheckRow {
  readonly id: string
  readonly balance: bigint
  readonly isRight: boolean
}

async function applyCommands(
  sql: Sql,
  commands: readonly LedgerCommand[],
): Promise<ReadonlyMap<number, ErrorRecord>> {
  const book = await load(sql, commands)
  const before = { ...book, accounts: new Map(book.accounts), holds: new Map(book.holds) }
  const known = new Set(book.transfers.keys())
  const refusals = new Map<number, ErrorRecord>()
  for (const [index, command] of commands.entries()) {
    const outcome = applyCommand(book, command)
    if (!outcome.ok) refusals.set(index, outcome.refusal)
  }
  if (refusals.size === 0) save(sql, book, { before, known })
  return refusals
}

/** Locks and reads what the commands touch; locks are always taken holds first, each by id. */
async function load(sql: Sql, commands: readonly LedgerCommand[]): Promise<Book> {
  const book = emptyBook()
  const opened = commands.filter((command) => command.kind === 'open')
  if (opened.length > 0) {
    await sql.query({
      name: 'ledger-open',
      text: LEDGER_SQL.openAccounts,
      values: [opened.map(({ id }) => id), opened.map(({ mayOverdraw }) => mayOverdraw)],
    })
  }
  const ids = idsIn(commands)
  if (ids.holds.size > 0) {
    for (const row of await sql.query<HoldRow>({
      name: 'ledger-lock-holds',
      text: LEDGER_SQL.lockHolds,
      values: [[...ids.holds]],
    })) {
      book.holds.set(row.id, toHold(row))
      ids.accounts.add(row.account)
    }
  }
  for (const row of await sql.query<AccountRow>({
    name: 'ledger-lock-accounts',
    text: LEDGER_SQL.lockAccounts,
    values: [[...ids.accounts]],
  })) {
    book.accounts.set(row.id, toAccount(row))
  }
  if (ids.transfers.size > 0) {
    for (const row of await sql.query<TransferRow>({
      name: 'ledger-known-transfers',
      text: LEDGER_SQL.selectTransfersById,
      values: [[...ids.transfers]],
    })) {
      book.transfers.set(row.id, toTransfer(row))
    }
  }
  return book
}

interface TouchedIds {
  readonly accounts: Set<string>
  readonly holds: Set<string>
  readonly transfers: Set<string>
}

function idsIn(commands: readonly LedgerCommand[]): TouchedIds {
  const ids: TouchedIds = { accounts: new Set(), holds: new Set(), transfers: new Set() }
  for (const command of commands) {
    if (command.kind === 'open') ids.accounts.add(command.id)
    if (command.kind === 'hold') ids.accounts.add(command.account)
    if ('debit' in command) ids.accounts.add(command.debit)
    if ('credit' in command) ids.accounts.add(command.credit)
    if ('hold' in command) ids.holds.add(command.hold)
    if (command.kind === 'hold') ids.holds.add(command.id)
    if (command.kind === 'transfer' || command.kind === 'capture') ids.transfers.add(command.id)
  }
  return ids
}

interface Earlier {
  readonly before: Book
  readonly known: ReadonlySet<string>
}

/** Sends what has changed; the transaction waits for it. */
function save(sql: Sql, book: Book, { before, known }: Earlier): void {
  const transfers = [...book.transfers.values()].filter(({ id }) => !known.has(id))
  const holds = [...book.holds.values()].filter((hold) => before.holds.get(hold.id) !== hold)
  const accounts = [...book.accounts.values()].filter(
    (account) => before.accounts.get(account.id) !== account,
  )
  if (transfers.length > 0) {
    void sql.query({
      name: 'ledger-save-transfers',
      text: LEDGER_SQL.saveTransfers,
      values: [
        transfers.map(({ id }) => id),
        transfers.map(({ tenant }) => tenant),
        transfers.map(({ debit }) => debit),
        transfers.map(({ credit }) => credit),
        transfers.map(({ amount }) => amount),
        transfers.map(({ reason }) => reason),
        transfers.map(({ hold }) => hold ?? null),
        transfers.map(({ memo }) => memo ?? null),
        transfers.map(({ at }) => at),
      ],
    })
  }
  if (holds.length > 0) {
    void sql.query({
      name: 'ledger-save-holds',
      text: LEDGER_SQL.saveHolds,
      values: [
        holds.map(({ id }) => id),
        holds.map(({ account }) => account),
        holds.map(({ placed }) => placed),
        holds.map(({ amount }) => amount),
        holds.map(({ captured }) => captured),
        holds.map(({ isOpen }) => isOpen),
        holds.map(({ at }) => at),
      ],
    })
  }
  if (accounts.length > 0) {
    void sql.query({
      name: 'ledger-save-accounts',
      text: LEDGER_SQL.saveAccounts,
      values: [
        accounts.map(({ id }) => id),
        accounts.map(({ debitsPending }) => debitsPending),
        accounts.map(({ debitsPosted }) => debitsPosted),
        accounts.map(({ creditsPosted }) => creditsPosted),
      ],
    })
  }
}
