import { toMicroFtns } from '../kernel/money.ts'
import type { Migration } from '../platform/sql/migrate.ts'

import { tenantOf } from './book.ts'
import { type Account, type Hold, type Transfer, transferReason } from './schema.ts'

/** The tables of the ledger. */
export const LEDGER_MIGRATIONS: readonly Migration[] = [
  {
    id: '02-ledger-books',
    sql: `
      create table accounts (
        id text collate "C" primary key,
        may_overdraw boolean not null,
        debits_pending bigint not null default 0 check (debits_pending >= 0),
        debits_posted bigint not null default 0 check (debits_posted >= 0),
        credits_posted bigint not null default 0 check (credits_posted >= 0),
        check (may_overdraw or debits_pending + debits_posted <= credits_posted)
      ) with (fillfactor = 50);
      create table transfers (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        debit text collate "C" not null,
        credit text collate "C" not null,
        amount bigint not null check (amount > 0),
        reason text not null,
        hold text collate "C",
        memo text,
        at_ms bigint not null,
        check (debit <> credit)
      );
      create index transfers_debit on transfers (debit, at_ms desc, id desc);
      create index transfers_credit on transfers (credit, at_ms desc, id desc);
      create table holds (
        id text collate "C" primary key,
        account text collate "C" not null,
        placed bigint not null check (placed >= 0),
        amount bigint not null check (amount >= placed),
        captured bigint not null check (captured between 0 and amount),
        is_open boolean not null,
        at_ms bigint not null
      ) with (fillfactor = 70);
      create index holds_open on holds (account) where is_open;
    `,
  },
]

/** An account as it is stored. */
export interface AccountRow {
  readonly id: string
  readonly may_overdraw: boolean
  readonly debits_pending: bigint
  readonly debits_posted: bigint
  readonly credits_posted: bigint
}

/** A transfer as it is stored. */
export interface TransferRow {
  readonly id: string
  readonly tenant: string
  readonly debit: string
  readonly credit: string
  readonly amount: bigint
  readonly reason: string
  readonly hold: string | null
  readonly memo: string | null
  readonly at_ms: bigint
}

/** A hold as it is stored. */
export interface HoldRow {
  readonly id: string
  readonly account: string
  readonly placed: bigint
  readonly amount: bigint
  readonly captured: bigint
  readonly is_open: boolean
  readonly at_ms: bigint
}

const ACCOUNT = 'id, may_overdraw, debits_pending, debits_posted, credits_posted'
const TRANSFER = 'id, tenant, debit, credit, amount, reason, hold, memo, at_ms'
const HOLD = 'id, account, placed, amount, captured, is_open, at_ms'

/** The statements of the ledger's store, by what they do. */
export const LEDGER_SQL = {
  openAccounts: `
  insert into accounts (id, may_overdraw)
  select distinct on (id) id, may_overdraw from unnest($1::text[], $2::boolean[]) as o (id, may_overdraw)
  order by id
  on conflict (id) do nothing`,
  lockAccounts: `select ${ACCOUNT} from accounts where id = any($1) order by id for update`,
  lockHolds: `select ${HOLD} from holds where id = any($1) order by id for update`,
  selectAccount: `select ${ACCOUNT} from accounts where id = $1`,
  selectAccounts: `select ${ACCOUNT} from accounts where id like $1 || ':%' order by id`,
  selectHold: `select ${HOLD} from holds where id = $1`,
  selectTransfersById: `select ${TRANSFER} from transfers where id = any($1)`,
  selectTransfers: `
  select ${TRANSFER} from (
    (select ${TRANSFER} from transfers
      where debit = $1 and ($2::bigint is null or (at_ms, id) < ($2, $3)) order by at_ms desc, id desc limit $4)
    union all
    (select ${TRANSFER} from transfers
      where credit = $1 and ($2::bigint is null or (at_ms, id) < ($2, $3)) order by at_ms desc, id desc limit $4)
  ) both_sides
  order by at_ms desc, id desc limit $4`,
  saveTransfers: `
  insert into transfers (${TRANSFER})
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bigint[])`,
  saveHolds: `
  insert into holds (${HOLD})
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bigint[])
  on conflict (id) do update
    set amount = excluded.amount, captured = excluded.captured, is_open = excluded.is_open`,
  saveAccounts: `
  update accounts a
  set debits_pending = n.debits_pending, debits_posted = n.debits_posted, credits_posted = n.credits_posted
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
    as n (id, debits_pending, debits_posted, credits_posted)
  where a.id = n.id`,
  countTransfers: 'select count(*) as count from transfers',
  checkAccounts: `
  select a.id, a.credits_posted - a.debits_posted as balance,
    a.debits_posted = coalesce(d.sum, 0) and a.credits_posted = coalesce(c.sum, 0)
      and a.debits_pending = coalesce(h.sum, 0) as "isRight"
  from accounts a
  left join (select debit as id, sum(amount) from transfers group by 1) d on d.id = a.id
  left join (select credit as id, sum(amount) from transfers group by 1) c on c.id = a.id
  left join (select account as id, sum(amount - captured) from holds where is_open group by 1) h on h.id = a.id
  order by a.id`,
} as const

/** Reads an account. */
export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    tenant: tenantOf(row.id),
    mayOverdraw: row.may_overdraw,
    debitsPending: toMicroFtns(row.debits_pending),
    debitsPosted: toMicroFtns(row.debits_posted),
    creditsPosted: toMicroFtns(row.credits_posted),
  }
}

/** Reads a transfer. */
export function toTransfer(row: TransferRow): Transfer {
  return {
    id: row.id,
    tenant: row.tenant,
    debit: row.debit,
    credit: row.credit,
    amount: toMicroFtns(row.amount),
    reason: transferReason.parse(row.reason),
    ...(row.hold !== null && { hold: row.hold }),
    ...(row.memo !== null && { memo: row.memo }),
    at: Number(row.at_ms),
  }
}

/** Reads a hold. */
export function toHold(row: HoldRow): Hold {
  return {
    id: row.id,
    account: row.account,
    placed: toMicroFtns(row.placed),
    amount: toMicroFtns(row.amount),
    captured: toMicroFtns(row.captured),
    isOpen: row.is_open,
    at: Number(row.at_ms),
  }
}
