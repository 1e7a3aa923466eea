import { describe, expect, test } from 'vitest'

import type { JournalEvent } from '../kernel/journal.ts'
import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'
import { ok } from '../kernel/result.ts'

import { applyCommand } from './apply.ts'
import { type Book, emptyBook, leftInHold } from './book.ts'
import type { LedgerCommand } from './commands.ts'
import type { Account } from './schema.ts'
import type { LedgerStore } from './store.ts'

/** The books in memory; for tests. */
export function createMemoryLedgerStore(): LedgerStore & { readonly facts: JournalEvent[] } {
  let book = emptyBook()
  const facts: JournalEvent[] = []
  return {
    facts,
    async commit(commands, news) {
      const trial = copy(book)
      let isRepeat = true
      for (const command of commands) {
        const outcome = applyCommand(trial, command)
        if (!outcome.ok) return outcome
        isRepeat &&= outcome.value === 'repeated'
      }
      book = trial
      if (!isRepeat) facts.push(...news)
      return ok(undefined)
    },
    findAccount: async (id) => book.accounts.get(id),
    listAccounts: async (tenant) =>
      [...book.accounts.values()]
        .filter((a) => a.tenant === tenant)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    findHold: async (id) => book.holds.get(id),
    listTransfers: async ({ account, before, limit }) =>
      [...book.transfers.values()]
        .filter(({ debit, credit }) => debit === account || credit === account)
        .toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
        .filter(
          (t) =>
            before === undefined || t.at < before.at || (t.at === before.at && t.id < before.id),
        )
        .slice(0, limit),
    check: async () => checkBook(book),
  }
}

function copy(book: Book): Book {
  return {
    accounts: new Map(book.accounts),
    holds: new Map(book.holds),
    transfers: new Map(book.transfers),
  }
}

/** Recomputes every balance of a book from its movements: the law that all adapters must keep. */
export function checkBook(book: Book): Awaited<ReturnType<LedgerStore['check']>> {
  const accounts = [...book.accounts.values()]
  const isRight = (a: Account): boolean => {
    let [debits, credits, pending] = [0n, 0n, 0n]
    for (const { debit, credit, amount } of book.transfers.values()) {
      if (debit === a.id) debits += amount
      if (credit === a.id) credits += amount
    }
    for (const hold of book.holds.values()) if (hold.account === a.id) pending += leftInHold(hold)
    return a.debitsPosted === debits && a.creditsPosted === credits && a.debitsPending === pending
  }
  return {
    accounts: accounts.length,
    transfers: book.transfers.size,
    difference: accounts.reduce((sum, a) => sum + a.creditsPosted - a.debitsPosted, 0n),
    mismatched: accounts.filter((a) => !isRight(a)).map(({ id }) => id),
  }
}

/** Commands that open an issuance account and two wallets, the first with `amount`. */
export function openingCommands(amount: MicroFtns): readonly LedgerCommand[] {
  return [
    { kind: 'open', id: 'platform:issuance', mayOverdraw: true },
    { kind: 'open', id: 'acme:wallet', mayOverdraw: false },
    { kind: 'open', id: 'platform:compute', mayOverdraw: false },
    {
      kind: 'transfer',
      id: 'opening',
      debit: 'platform:issuance',
      credit: 'acme:wallet',
      amount,
      reason: 'mint',
      at: 1,
    },
  ]
}

const µ = (value: bigint): MicroFtns => toMicroFtns(value)

/** What every ledger store promises. `open` gives an empty one for each test. */
export function describeLedgerStore(name: string, open: () => Promise<LedgerStore>): void {
  describe(`ledger store: ${name}`, () => {
    test('keeps accounts, holds and transfers', async () => {
      const store = await open()
      await store.commit(openingCommands(µ(1_000n)), [])
      await store.commit(
        [
          { kind: 'hold', id: 'h', account: 'acme:wallet', amount: µ(600n), at: 2 },
          {
            kind: 'capture',
            id: 'c',
            hold: 'h',
            credit: 'platform:compute',
            amount: µ(250n),
            reason: 'charge',
            memo: 'work',
            at: 3,
          },
        ],
        [],
      )
      expect(await store.findAccount('acme:wallet')).toMatchObject({
        debitsPending: 350n,
        debitsPosted: 250n,
        creditsPosted: 1_000n,
      })
      expect(await store.findHold('h')).toMatchObject({
        amount: 600n,
        captured: 250n,
        isOpen: true,
      })
      const list = await store.listTransfers({ account: 'acme:wallet', limit: 10 })
      expect(list.map(({ id }) => id)).toEqual(['c', 'opening'])
      expect(list[0]).toMatchObject({ hold: 'h', memo: 'work', amount: 250n, at: 3 })
      expect((await store.listAccounts('platform')).map(({ id }) => id)).toEqual([
        'platform:compute',
        'platform:issuance',
      ])
      expect(await store.check()).toEqual({
        accounts: 3,
        transfers: 2,
        difference: 0n,
        mismatched: [],
      })
    })

    test('changes nothing when one command of several is refused', async () => {
      const store = await open()
      await store.commit(openingCommands(µ(100n)), [])
      const result = await store.commit(
        [
          { kind: 'hold', id: 'h1', account: 'acme:wallet', amount: µ(60n), at: 2 },
          { kind: 'hold', id: 'h2', account: 'acme:wallet', amount: µ(60n), at: 2 },
        ],
        [],
      )
      expect(result).toMatchObject({ ok: false, refusal: { code: 'ledger.insufficient-credit' } })
      expect(await store.findHold('h1')).toBeUndefined()
      expect(await store.findAccount('acme:wallet')).toMatchObject({ debitsPending: 0n })
    })

    test('a repeat succeeds and changes nothing, its facts included', async () => {
      const store = await open()
      const fact: JournalEvent = {
        tenant: 'acme',
        stream: 'opening',
        version: 1,
        kind: 'credit.minted',
        at: 1,
        data: {},
      }
      expect(await store.commit(openingCommands(µ(100n)), [fact])).toEqual(ok(undefined))
      expect(await store.commit(openingCommands(µ(100n)), [fact])).toEqual(ok(undefined))
      expect(await store.findAccount('acme:wallet')).toMatchObject({ creditsPosted: 100n })
      expect(await store.commit(openingCommands(µ(101n)), [fact])).toMatchObject({
        ok: false,
        refusal: { code: 'ledger.id-reused' },
      })
    })

    test('pages transfers without gaps or repeats', async () => {
      const store = await open()
      await store.commit(openingCommands(µ(100n)), [])
      for (let n = 0; n < 5; n++) {
        await store.commit(
          [
            {
              kind: 'transfer',
              id: `t${n}`,
              debit: 'acme:wallet',
              credit: 'platform:compute',
              amount: µ(1n),
              reason: 'transfer',
              at: 5 + Math.floor(n / 2),
            },
          ],
          [],
        )
      }
      const seen: string[] = []
      let before: { at: number; id: string } | undefined
      for (;;) {
        const page = await store.listTransfers({
          account: 'acme:wallet',
          limit: 2,
          ...(before && { before }),
        })
        seen.push(...page.map(({ id }) => id))
        const last = page.at(-1)
        if (last === undefined) break
        before = { at: last.at, id: last.id }
      }
      expect(seen).toEqual(['t4', 't3', 't2', 't1', 't0', 'opening'])
    })

    test('concurrent commits never overdraw a wallet', async () => {
      const store = await open()
      await store.commit(openingCommands(µ(50n)), [])
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          store.commit(
            [
              {
                kind: 'transfer',
                id: `t${n}`,
                debit: 'acme:wallet',
                credit: 'platform:compute',
                amount: µ(1n),
                reason: 'transfer',
                at: 5,
              },
            ],
            [],
          ),
        ),
      )
      expect(results.filter((result) => result.ok)).toHaveLength(50)
      expect(await store.findAccount('acme:wallet')).toMatchObject({ debitsPosted: 50n })
      expect(await store.check()).toMatchObject({ difference: 0n, mismatched: [] })
    })
  })
}
