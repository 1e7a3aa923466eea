import type { JournalEvent } from '../kernel/journal.ts'
import { type LedgerCommand, ledgerWriter, walletOf } from '../ledger/index.ts'
import { isUniqueViolation } from '../platform/sql/faults.ts'
import { type GroupCommit, type Sender, write } from '../platform/sql/group-commit.ts'

import type { Payment, Payments } from './payments.ts'
import { LIBRARY_SQL } from './rows-sql.ts'
import { TEMPLATE_SQL } from './templates/rows-sql.ts'

const purchaseWriter: Sender<Payment> = {
  name: 'library-purchases',
  send(sql, rows) {
    const values = [
      rows.map(({ buyer }) => buyer),
      rows.map(({ seller }) => seller),
      rows.map(({ name }) => name),
      rows.map(({ amount }) => amount),
      rows.map(({ at }) => at),
    ]
    void sql.query({ text: LIBRARY_SQL.buy, values })
  },
}

interface Use extends Payment {
  readonly paid: Extract<Payment['paid'], { readonly kind: 'use' }>
}

const useWriter: Sender<Use> = {
  name: 'library-uses',
  send(sql, rows) {
    const values = [
      rows.map(({ id }) => id),
      rows.map(({ seller }) => seller),
      rows.map(({ name }) => name),
      rows.map(({ paid }) => paid.revision),
      rows.map(({ buyer }) => buyer),
      rows.map(({ paid }) => paid.user),
      rows.map(({ amount }) => amount),
      rows.map(({ at }) => at),
    ]
    void sql.query({ text: TEMPLATE_SQL.use, values })
  },
}

/** The writers of this module; they belong between the ledger's and the journal's. */
export const libraryWriters: readonly Sender<never>[] = [purchaseWriter, useWriter]

/** What {@link createSqlPayments} needs. */
export interface PaymentDeps {
  /** Must have the ledger's writer, {@link libraryWriters} and the journal's writer, in this order. */
  readonly group: GroupCommit
  readonly journalWriter: Sender<JournalEvent>
}

/** Payments in the books, and what they were for beside them. */
export function createSqlPayments({ group, journalWriter }: PaymentDeps): Payments {
  return {
    async pay(payment) {
      const money = write(ledgerWriter, commandsOf(payment))
      const { paid } = payment
      const record =
        paid.kind === 'use'
          ? write(useWriter, [{ ...payment, paid }])
          : write(purchaseWriter, [payment])
      try {
        return await group.commit([money, record, write(journalWriter, [factOf(payment)])])
      } catch (fault) {
        // The fact is in the journal already: this is a repeat, and the rest was committed with it.
        if (isUniqueViolation(fault)) return group.commit([money, record])
        throw fault
      }
    },
  }
}

function commandsOf({ id, buyer, seller, name, amount, at }: Payment): readonly LedgerCommand[] {
  if (amount === 0n) return []
  const [debit, credit] = [walletOf(buyer), walletOf(seller)]
  return [
    { kind: 'open', id: debit, mayOverdraw: false },
    { kind: 'open', id: credit, mayOverdraw: false },
    {
      kind: 'transfer',
      id,
      debit,
      credit,
      amount,
      reason: 'transfer',
      memo: `${seller}/${name}`,
      at,
    },
  ]
}

function factOf({ id, buyer, seller, name, amount, at, paid }: Payment): JournalEvent {
  return {
    tenant: buyer,
    stream: id,
    version: 1,
    kind: paid.kind === 'use' ? 'template.used' : 'workflow.bought',
    at,
    data: { from: seller, name, amount: amount.toString() },
  }
}
