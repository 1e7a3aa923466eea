import { describe, expect, test } from 'vitest'

import { judgeClaim, type Remembered } from './judge.ts'
import type { Attempt, Hold, IdempotencyStore, KeptResponse } from './store.ts'

/** Requests with an Idempotency-Key in memory; for tests. */
export function createMemoryIdempotencyStore(): IdempotencyStore {
  const known = new Map<string, Remembered & { readonly holder: string }>()
  const nameOf = ({ tenant, key }: Pick<Hold, 'tenant' | 'key'>): string => `${tenant} ${key}`
  const change = (hold: Hold, more: Partial<Remembered>): void => {
    const record = known.get(nameOf(hold))
    if (record?.holder !== hold.holder || record.response !== undefined) return
    known.set(nameOf(hold), { ...record, heldUntil: 0, ...more })
  }
  return {
    async claim(attempt) {
      const record = known.get(nameOf(attempt))
      const verdict = judgeClaim(record, attempt)
      const { request, bodyHash, effect, holder, now, holdMs } = attempt
      const held = { holder, heldUntil: now + holdMs }
      if (verdict.kind === 'begun') {
        const begun = { request, bodyHash, effect, createdAt: now, response: undefined, ...held }
        known.set(nameOf(attempt), begun)
      }
      if (verdict.kind === 'resumed' && record !== undefined) {
        known.set(nameOf(attempt), { ...record, ...held })
      }
      return verdict
    },
    complete: async (hold, response) => change(hold, { response }),
    release: async (hold) => change(hold, {}),
    async forget(hold) {
      const record = known.get(nameOf(hold))
      if (record?.holder === hold.holder && record.response === undefined) {
        known.delete(nameOf(hold))
      }
    },
    async sweep(before) {
      const old = [...known].filter(([, { createdAt }]) => createdAt < before)
      for (const [name] of old) known.delete(name)
      return old.length
    },
  }
}

const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  tenant: 'acme',
  key: 'some-key',
  request: 'POST /v1/runs',
  bodyHash: 'sha256:a',
  effect: 'one',
  holder: 'first',
  now: 1_000,
  holdMs: 100,
  keepMs: 10_000,
  ...more,
})
const first: Hold = { tenant: 'acme', key: 'some-key', holder: 'first' }
const response: KeptResponse = { status: 201, body: '{"id":"run_1"}', location: '/v1/runs/run_1' }

/** What every store of requests promises. `open` gives an empty one for each test. */
export function describeIdempotencyStore(
  name: string,
  open: () => Promise<IdempotencyStore>,
): void {
  describe(`idempotency store: ${name}`, () => {
    test('of many that claim at once, one begins', async () => {
      const store = await open()
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          store.claim(attempt({ holder: `h${n}`, effect: `e${n}` })),
        ),
      )
      expect(claims.filter(({ kind }) => kind === 'begun')).toHaveLength(1)
      expect(claims.filter(({ kind }) => kind === 'busy')).toHaveLength(11)
    })

    test('gives the response again, also one without a body', async () => {
      const store = await open()
      await store.claim(attempt())
      await store.complete(first, response)
      expect(await store.claim(attempt({ holder: 'second' }))).toEqual({
        kind: 'answered',
        response,
      })
      const secret = { status: 201, body: undefined, location: undefined }
      await store.claim(attempt({ key: 'other-key' }))
      await store.complete({ ...first, key: 'other-key' }, secret)
      expect(await store.claim(attempt({ key: 'other-key' }))).toEqual({
        kind: 'answered',
        response: secret,
      })
    })

    test('another request, another tenant', async () => {
      const store = await open()
      await store.claim(attempt())
      expect(await store.claim(attempt({ bodyHash: 'sha256:b' }))).toEqual({ kind: 'differs' })
      expect(await store.claim(attempt({ request: 'POST /v1/keys' }))).toEqual({ kind: 'differs' })
      expect(await store.claim(attempt({ tenant: 'other' }))).toMatchObject({ kind: 'begun' })
    })

    test('what was released or is not held any more is resumed under the first name', async () => {
      const store = await open()
      await store.claim(attempt())
      await store.release(first)
      const second = attempt({ holder: 'second', effect: 'two' })
      expect(await store.claim(second)).toEqual({ kind: 'resumed', effect: 'one' })
      expect(await store.claim(attempt({ holder: 'third', now: 1_050 }))).toMatchObject({
        kind: 'busy',
      })
      expect(await store.claim(attempt({ holder: 'third', now: 1_100 }))).toEqual({
        kind: 'resumed',
        effect: 'one',
      })
    })

    test('who has lost the hold changes nothing', async () => {
      const store = await open()
      await store.claim(attempt())
      await store.claim(attempt({ holder: 'second', now: 2_000 }))
      await store.forget(first)
      await store.release(first)
      await store.complete(first, { ...response, status: 299 })
      expect(await store.claim(attempt({ now: 2_050 }))).toMatchObject({ kind: 'busy' })
      await store.complete({ ...first, holder: 'second' }, response)
      await store.forget({ ...first, holder: 'second' })
      expect(await store.claim(attempt())).toEqual({ kind: 'answered', response })
    })

    test('what was forgotten, or is too old, begins anew', async () => {
      const store = await open()
      await store.claim(attempt())
      await store.forget(first)
      expect(await store.claim(attempt({ effect: 'two' }))).toEqual({
        kind: 'begun',
        effect: 'two',
      })
      await store.complete(first, response)
      const late = attempt({ effect: 'three', now: 11_000, bodyHash: 'sha256:b' })
      expect(await store.claim(late)).toEqual({ kind: 'begun', effect: 'three' })
      expect(await store.sweep(11_000)).toBe(0)
      expect(await store.sweep(11_001)).toBe(1)
    })
  })
}
