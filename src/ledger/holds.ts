import { toMicroFtns } from '../kernel/money.ts'
import { ok, refuse, type Result } from '../kernel/result.ts'

import { type Applied, type Book, leftInHold, post, setAside, ZERO } from './book.ts'
import type { CaptureHold, ExtendHold, HoldCredit, ReleaseHold } from './commands.ts'
import {
  holdClosed,
  holdExhausted,
  idReused,
  type LedgerRefusal,
  unknownAccount,
  unknownHold,
} from './refusals.ts'
import type { Hold } from './schema.ts'
import { checkAmount, checkCover, checkMovement, checkRepeat, toTransfer } from './transfers.ts'

type Outcome = Result<Applied, LedgerRefusal>

/** Sets credit aside. */
export function placeHold(book: Book, { id, account: name, amount, at }: HoldCredit): Outcome {
  const earlier = book.holds.get(id)
  if (earlier !== undefined) {
    const isSame = earlier.account === name && earlier.placed === amount
    return isSame ? ok('repeated') : refuse(idReused(id))
  }
  const account = book.accounts.get(name)
  if (account === undefined) return refuse(unknownAccount(name))
  const refusal = checkAmount(amount, ZERO) ?? checkCover(account, amount)
  if (refusal !== undefined) return refuse(refusal)
  setAside(book, name, amount)
  book.holds.set(id, {
    id,
    account: name,
    placed: amount,
    amount,
    captured: ZERO,
    isOpen: true,
    at,
  })
  return ok('applied')
}

/** Raises an open hold to an amount. */
export function extendHold(book: Book, { hold: id, amount }: ExtendHold): Outcome {
  const hold = findOpen(book, id)
  if (!hold.ok) return hold
  const more = toMicroFtns(amount - hold.value.amount)
  if (more <= 0n) return ok('repeated')
  const account = book.accounts.get(hold.value.account)
  if (account === undefined) return refuse(unknownAccount(hold.value.account))
  const refusal = checkAmount(amount, ZERO) ?? checkCover(account, more)
  if (refusal !== undefined) return refuse(refusal)
  setAside(book, account.id, more)
  book.holds.set(id, { ...hold.value, amount })
  return ok('applied')
}

/** Pays out of an open hold. */
export function captureHold(book: Book, command: CaptureHold): Outcome {
  const known = book.holds.get(command.hold)
  if (known === undefined) return refuse(unknownHold(command.hold))
  const transfer = { ...toTransfer(command, known.account), hold: known.id }
  const repeat = checkRepeat(book, transfer)
  if (repeat !== undefined) return repeat
  const hold = findOpen(book, command.hold)
  if (!hold.ok) return hold
  const refusal = checkMovement(book, transfer)
  if (refusal !== undefined) return refuse(refusal)
  const left = leftInHold(hold.value)
  if (command.amount > left) return refuse(holdExhausted(known.id, left, command.amount))
  post(book, transfer)
  setAside(book, known.account, 0n - command.amount)
  book.holds.set(known.id, { ...known, captured: toMicroFtns(known.captured + command.amount) })
  return ok('applied')
}

/** Closes a hold and frees what is left in it. */
export function releaseHold(book: Book, { hold: id }: ReleaseHold): Outcome {
  const hold = book.holds.get(id)
  if (hold === undefined) return refuse(unknownHold(id))
  if (!hold.isOpen) return ok('repeated')
  setAside(book, hold.account, 0n - leftInHold(hold))
  book.holds.set(id, { ...hold, isOpen: false })
  return ok('applied')
}

function findOpen(book: Book, id: string): Result<Hold, LedgerRefusal> {
  const hold = book.holds.get(id)
  if (hold === undefined) return refuse(unknownHold(id))
  return hold.isOpen ? ok(hold) : refuse(holdClosed(id))
}
