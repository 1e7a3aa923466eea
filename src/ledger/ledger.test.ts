import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { createManualClock } from '../kernel/testing.ts'

import { applyCommand } from './apply.ts'
import { availableCredit, type Book, emptyBook } from './book.ts'
import type { LedgerCommand } from './commands.ts'
import { createLedger } from './ledger.ts'
import {
  checkBook,
  createMemoryLedgerStore,
  describeLedgerStore,
  openingCommands,
} from './testing.ts'

const µ = (value: bigint): MicroFtns => toMicroFtns(value)

describe('ledger', () => {
  test('welcomes a tenant once, with a journal fact', async () => {
    const store = createMemoryLedgerStore()
    const ledger = createLedger({ store, clock: createManualClock(5) })
    expect(await ledger.findBalance('acme')).toBeUndefined()
    await ledger.welcome('acme', µ(1_000n))
    await ledger.welcome('acme', µ(2_000n))
    expect((await ledger.findBalance('acme'))?.available).toBe(1_000n)
    expect(store.facts).toEqual([
      {
        tenant: 'acme',
        stream: 'welcome:acme',
        version: 1,
        kind: 'credit.minted',
        at: 5,
        data: { account: 'acme:wallet', amount: '1000', memo: 'welcome grant' },
      },
    ])
    expect(await ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  })

  test('welcomes a tenant with nothing: the wallet is there, and empty', async () => {
    const ledger = createLedger({ store: createMemoryLedgerStore(), clock: createManualClock(5) })
    await ledger.welcome('acme', µ(0n))
    expect((await ledger.findBalance('acme'))?.available).toBe(0n)
  })
})

describeLedgerStore('memory', async () => createMemoryLedgerStore())

function bookWith(amount: bigint): Book {
  const book = emptyBook()
  for (const command of openingCommands(µ(amount))) applyCommand(book, command)
  return book
}

const capture = (id: string, amount: bigint): LedgerCommand => ({
  kind: 'capture',
  id,
  hold: 'h',
  credit: 'platform:compute',
  amount: µ(amount),
  reason: 'charge',
  at: 2,
})
const move = (change: Partial<Extract<LedgerCommand, { kind: 'transfer' }>>): LedgerCommand => ({
  kind: 'transfer',
  id: 't',
  debit: 'acme:wallet',
  credit: 'platform:compute',
  amount: µ(1n),
  reason: 'transfer',
  at: 2,
  ...change,
})
const hold = (amount: bigint, id = 'h'): LedgerCommand => ({
  kind: 'hold',
  id,
  account: 'acme:wallet',
  amount: µ(amount),
  at: 2,
})

describe('refusals', () => {
  test.each<[string, readonly LedgerCommand[], string]>([
    ['an account nobody opened', [move({ credit: 'acme:other' })], 'ledger.unknown-account'],
    ['a debit from nowhere', [move({ debit: 'acme:other' })], 'ledger.unknown-account'],
    [
      'a hold on nothing',
      [{ ...hold(1n), account: 'acme:none' } as LedgerCommand],
      'ledger.unknown-account',
    ],
    ['a capture without a hold', [capture('c', 1n)], 'ledger.unknown-hold'],
    ['a release without a hold', [{ kind: 'release', hold: 'h' }], 'ledger.unknown-hold'],
    ['zero', [move({ amount: µ(0n) })], 'ledger.invalid-amount'],
    ['a negative amount', [move({ amount: µ(-1n) })], 'ledger.invalid-amount'],
    ['a negative hold', [hold(-1n)], 'ledger.invalid-amount'],
    [
      'more than 64 bits',
      [move({ debit: 'platform:issuance', amount: µ(2n ** 63n) })],
      'ledger.invalid-amount',
    ],
    ['a transfer to itself', [move({ credit: 'acme:wallet' })], 'ledger.same-account'],
    ['more than there is', [move({ amount: µ(101n) })], 'ledger.insufficient-credit'],
    [
      'what is set aside already',
      [hold(60n), move({ amount: µ(41n) })],
      'ledger.insufficient-credit',
    ],
    [
      'an extension beyond the wallet',
      [hold(60n), { kind: 'extend', hold: 'h', amount: µ(101n) }],
      'ledger.insufficient-credit',
    ],
    ['a capture beyond the hold', [hold(60n), capture('c', 61n)], 'ledger.hold-exhausted'],
    [
      'a capture after the release',
      [hold(60n), { kind: 'release', hold: 'h' }, capture('c', 1n)],
      'ledger.hold-closed',
    ],
    [
      'an extension after the release',
      [hold(60n), { kind: 'release', hold: 'h' }, { kind: 'extend', hold: 'h', amount: µ(70n) }],
      'ledger.hold-closed',
    ],
    ['another transfer under a known id', [move({}), move({ amount: µ(2n) })], 'ledger.id-reused'],
    [
      'another capture under a known id',
      [hold(9n), capture('c', 1n), capture('c', 2n)],
      'ledger.id-reused',
    ],
    ['another hold under a known id', [hold(9n), hold(8n)], 'ledger.id-reused'],
  ])('refuses %s and changes nothing', (_name, commands, code) => {
    const book = bookWith(100n)
    for (const command of commands.slice(0, -1)) expect(applyCommand(book, command).ok).toBe(true)
    const before = structuredClone(book)
    expect(applyCommand(book, commands.at(-1) as LedgerCommand)).toMatchObject({
      refusal: { code },
    })
    expect(book).toEqual(before)
  })
})

const amount = fc.bigInt({ min: -5n, max: 200n }).map(µ)
const account = fc.constantFrom('acme:wallet', 'platform:compute', 'platform:issuance', 'no:body')
const small = fc.nat(6)
const command: fc.Arbitrary<LedgerCommand> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), id: account, mayOverdraw: fc.constant(false) }),
  fc.record({
    kind: fc.constant('transfer' as const),
    id: small.map((n) => `t${n}`),
    debit: account,
    credit: account,
    amount,
    reason: fc.constant('transfer' as const),
    at: small,
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    id: small.map((n) => `h${n}`),
    account,
    amount,
    at: small,
  }),
  fc.record({ kind: fc.constant('extend' as const), hold: small.map((n) => `h${n}`), amount }),
  fc.record({
    kind: fc.constant('capture' as const),
    id: small.map((n) => `c${n}`),
    hold: small.map((n) => `h${n}`),
    credit: account,
    amount,
    reason: fc.constant('charge' as const),
    at: small,
  }),
  fc.record({ kind: fc.constant('release' as const), hold: small.map((n) => `h${n}`) }),
)

describe('laws', () => {
  test.prop([fc.array(command, { maxLength: 80 })])(
    'whatever is asked, the books balance',
    (commands) => {
      const book = bookWith(300n)
      for (const each of commands) {
        const before = structuredClone(book)
        const outcome = applyCommand(book, each)
        if (!outcome.ok || outcome.value === 'repeated') expect(book).toEqual(before)
        else
          expect(applyCommand(structuredClone(book), each)).toEqual({ ok: true, value: 'repeated' })
      }
      expect(checkBook(book)).toMatchObject({ difference: 0n, mismatched: [] })
      for (const each of book.accounts.values()) {
        if (!each.mayOverdraw) expect(availableCredit(each)).toBeGreaterThanOrEqual(0n)
      }
      for (const each of book.holds.values()) expect(each.captured).toBeLessThanOrEqual(each.amount)
    },
  )

  test.prop([fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 1n, max: 100n })])(
    'a release gives back exactly what was not captured',
    (held, captured) => {
      const book = bookWith(100n)
      applyCommand(book, hold(held))
      const paid = applyCommand(book, capture('c', captured)).ok ? captured : 0n
      applyCommand(book, { kind: 'release', hold: 'h' })
      const wallet = book.accounts.get('acme:wallet')
      expect(wallet && availableCredit(wallet)).toBe(100n - paid)
    },
  )
})
