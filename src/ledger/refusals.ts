import type { ErrorRecord } from '../kernel/errors.ts'
import { formatFtns, type MicroFtns } from '../kernel/money.ts'

/** Why the books refuse a command. */
export type LedgerRefusalCode =
  | 'ledger.unknown-account'
  | 'ledger.unknown-hold'
  | 'ledger.invalid-amount'
  | 'ledger.same-account'
  | 'ledger.insufficient-credit'
  | 'ledger.hold-exhausted'
  | 'ledger.hold-closed'
  | 'ledger.id-reused'

/** A refusal, with the rule that was broken and the values that broke it. */
export interface LedgerRefusal extends ErrorRecord {
  readonly code: LedgerRefusalCode
}

/** The refusal of a command that names an account nobody opened. */
export function unknownAccount(account: string): LedgerRefusal {
  return {
    code: 'ledger.unknown-account',
    message: `there is no account "${account}"`,
    details: { account },
  }
}

/** The refusal of a command that names a hold nobody placed. */
export function unknownHold(hold: string): LedgerRefusal {
  return { code: 'ledger.unknown-hold', message: `there is no hold "${hold}"`, details: { hold } }
}

/** The refusal of an amount below `least`. */
export function invalidAmount(amount: MicroFtns, least: MicroFtns): LedgerRefusal {
  return {
    code: 'ledger.invalid-amount',
    message: `an amount of ${amount} µFTNS is not allowed: it must be from ${least} to 2^63-1`,
    details: { amount: amount.toString() },
  }
}

/** The refusal of a transfer from an account to itself. */
export function sameAccount(account: string): LedgerRefusal {
  return {
    code: 'ledger.same-account',
    message: `debit and credit are both "${account}"`,
    details: { account },
  }
}

/** The refusal of a debit that the account cannot cover. */
export function insufficientCredit(
  account: string,
  available: MicroFtns,
  requested: MicroFtns,
): LedgerRefusal {
  return {
    code: 'ledger.insufficient-credit',
    message: `account "${account}" has ${formatFtns(available)} available, ${formatFtns(requested)} is needed`,
    hint: 'lower the budget, wait for holds to be released, or add credit',
    details: { account, available: available.toString(), requested: requested.toString() },
  }
}

/** The refusal of a capture beyond what is left in the hold. */
export function holdExhausted(hold: string, left: MicroFtns, requested: MicroFtns): LedgerRefusal {
  return {
    code: 'ledger.hold-exhausted',
    message: `hold "${hold}" has ${formatFtns(left)} left, ${formatFtns(requested)} is needed`,
    hint: 'raise the budget and resume',
    details: { hold, left: left.toString(), requested: requested.toString() },
  }
}

/** The refusal of a command on a hold that was released. */
export function holdClosed(hold: string): LedgerRefusal {
  return {
    code: 'ledger.hold-closed',
    message: `hold "${hold}" is closed`,
    details: { hold },
  }
}

/** The refusal of a second, different command under one id. */
export function idReused(id: string): LedgerRefusal {
  return {
    code: 'ledger.id-reused',
    message: `"${id}" already names another movement`,
    hint: 'use a new id, or send exactly the first request again',
    details: { id },
  }
}
