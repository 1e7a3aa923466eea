import { MAX_MICRO_FTNS, type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { ok, refuse, type Result } from '../kernel/result.ts'

import { type Applied, availableCredit, type Book, post, tenantOf } from './book.ts'
import type { CaptureHold, TransferCredit } from './commands.ts'
import {
  idReused,
  insufficientCredit,
  invalidAmount,
  type LedgerRefusal,
  sameAccount,
  unknownAccount,
} from './refusals.ts'
import type { Account, Transfer } from './schema.ts'

/** The least amount that can move. */
export const ONE = toMicroFtns(1n)

/** Moves credit at once. */
export function transferCredit(
  book: Book,
  command: TransferCredit,
): Result<Applied, LedgerRefusal> {
  const transfer = toTransfer(command, command.debit)
  const repeat = checkRepeat(book, transfer)
  if (repeat !== undefined) return repeat
  const debit = book.accounts.get(command.debit)
  if (debit === undefined) return refuse(unknownAccount(command.debit))
  const refusal = checkMovement(book, transfer) ?? checkCover(debit, command.amount)
  if (refusal !== undefined) return refuse(refusal)
  post(book, transfer)
  return ok('applied')
}

/** The outcome of a command whose id is known already; `undefined` when it is new. */
export function checkRepeat(
  book: Book,
  transfer: Transfer,
): Result<Applied, LedgerRefusal> | undefined {
  const earlier = book.transfers.get(transfer.id)
  if (earlier === undefined) return undefined
  return isSameTransfer(earlier, transfer) ? ok('repeated') : refuse(idReused(transfer.id))
}

/** Refuses an amount below `least`. */
export function checkAmount(amount: MicroFtns, least: MicroFtns): LedgerRefusal | undefined {
  return amount < least || amount > MAX_MICRO_FTNS ? invalidAmount(amount, least) : undefined
}

/** Refuses a movement that no account could make. */
export function checkMovement(
  book: Book,
  { debit, credit, amount }: Transfer,
): LedgerRefusal | undefined {
  if (debit === credit) return sameAccount(debit)
  if (!book.accounts.has(credit)) return unknownAccount(credit)
  return checkAmount(amount, ONE)
}

/** Refuses a debit which the account cannot cover. */
export function checkCover(account: Account, amount: MicroFtns): LedgerRefusal | undefined {
  const available = availableCredit(account)
  if (account.mayOverdraw || amount <= available) return undefined
  return insufficientCredit(account.id, available, amount)
}

/** The transfer a command asks for, out of the account `debit`. */
export function toTransfer(command: TransferCredit | CaptureHold, debit: string): Transfer {
  const { id, credit, amount, reason, memo, at } = command
  return {
    id,
    tenant: tenantOf(debit),
    debit,
    credit,
    amount,
    reason,
    ...(memo !== undefined && { memo }),
    at,
  }
}

/** Time and memo do not count: a caller that retries after a crash may have other ones. */
function isSameTransfer(a: Transfer, b: Transfer): boolean {
  return (
    a.debit === b.debit &&
    a.credit === b.credit &&
    a.amount === b.amount &&
    a.reason === b.reason &&
    a.hold === b.hold
  )
}
