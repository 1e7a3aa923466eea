import { assertNever, ok, type Result } from '../kernel/result.ts'

import { type Applied, type Book, tenantOf, ZERO } from './book.ts'
import type { LedgerCommand, OpenAccount } from './commands.ts'
import { captureHold, extendHold, placeHold, releaseHold } from './holds.ts'
import type { LedgerRefusal } from './refusals.ts'
import { transferCredit } from './transfers.ts'

/**
 * Applies one command to the books.
 *
 * @remarks
 * Invariant: the sum over all accounts of credits minus debits stays zero; no account without
 * `mayOverdraw` has less than zero available; a hold never pays more than its amount.
 * A refused command changes nothing. The same command again is `repeated` and changes nothing.
 */
export function applyCommand(book: Book, command: LedgerCommand): Result<Applied, LedgerRefusal> {
  switch (command.kind) {
    case 'open':
      return ok(openAccount(book, command))
    case 'transfer':
      return transferCredit(book, command)
    case 'hold':
      return placeHold(book, command)
    case 'extend':
      return extendHold(book, command)
    case 'capture':
      return captureHold(book, command)
    case 'release':
      return releaseHold(book, command)
    default:
      return assertNever(command)
  }
}

function openAccount(book: Book, { id, mayOverdraw }: OpenAccount): Applied {
  if (book.accounts.has(id)) return 'repeated'
  book.accounts.set(id, {
    id,
    tenant: tenantOf(id),
    mayOverdraw,
    debitsPending: ZERO,
    debitsPosted: ZERO,
    creditsPosted: ZERO,
  })
  return 'applied'
}
