import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'

import type { Account, Hold, Transfer } from './schema.ts'

/**
 * The part of the books which a batch of commands touches.
 *
 * @remarks A working copy owned by one batch, whose entries are replaced as commands are applied.
 * Whoever loads it must load every account, hold and id which the commands name.
 */
export interface Book {
  readonly accounts: Map<string, Account>
  readonly holds: Map<string, Hold>
  readonly transfers: Map<string, Transfer>
}

/** Whether a command changed the books now, or had done so before. */
export type Applied = 'applied' | 'repeated'

/** No credit. */
export const ZERO = toMicroFtns(0n)

/** An empty working copy. */
export function emptyBook(): Book {
  return { accounts: new Map(), holds: new Map(), transfers: new Map() }
}

/** What an account can still spend or set aside. Negative only for accounts that may overdraw. */
export function availableCredit(account: Account): MicroFtns {
  return toMicroFtns(account.creditsPosted - account.debitsPosted - account.debitsPending)
}

/** What is left in a hold; nothing once it is closed. */
export function leftInHold({ amount, captured, isOpen }: Hold): MicroFtns {
  return isOpen ? toMicroFtns(amount - captured) : ZERO
}

/** The tenant an account belongs to: what stands before the colon. */
export function tenantOf(account: string): string {
  return account.slice(0, account.indexOf(':'))
}

/** Adds (or, when negative, frees) credit set aside in an account. */
export function setAside(book: Book, id: string, amount: bigint): void {
  replace(book, id, (account) => ({ debitsPending: toMicroFtns(account.debitsPending + amount) }))
}

/** Enters a transfer on both of its accounts. */
export function post(book: Book, transfer: Transfer): void {
  const { id, debit, credit, amount } = transfer
  replace(book, debit, (account) => ({ debitsPosted: toMicroFtns(account.debitsPosted + amount) }))
  replace(book, credit, (account) => ({
    creditsPosted: toMicroFtns(account.creditsPosted + amount),
  }))
  book.transfers.set(id, transfer)
}

function replace(book: Book, id: string, change: (account: Account) => Partial<Account>): void {
  const account = book.accounts.get(id)
  if (account !== undefined) book.accounts.set(id, { ...account, ...change(account) })
}
