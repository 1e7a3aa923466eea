import { describe, expect, test } from 'vitest'

import type { ApiKey } from './schema.ts'
import type { KeyRecord, KeyStore } from './store.ts'

/** API keys in memory; for tests. */
export function createMemoryKeyStore(): KeyStore {
  const records = new Map<string, KeyRecord>()
  const change = (id: string, more: Partial<ApiKey>): ApiKey | undefined => {
    const record = records.get(id)
    if (record === undefined) return undefined
    const key = { ...record.key, ...more }
    records.set(id, { ...record, key })
    return key
  }
  const insert: KeyStore['insert'] = async (record) => {
    if (records.has(record.key.id)) return false
    records.set(record.key.id, record)
    return true
  }
  const ofTenant = (tenant: string): ApiKey[] =>
    [...records.values()].map(({ key }) => key).filter((key) => key.tenant === tenant)
  return {
    insert,
    insertFirst: async (record) =>
      ofTenant(record.key.tenant).length === 0 && (await insert(record)),
    find: async (id) => records.get(id),
    listKeys: async ({ tenant, before, limit }) =>
      ofTenant(tenant)
        .filter(({ id }) => before === undefined || id < before)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    async touch(id, at) {
      if ((records.get(id)?.key.lastUsedAt ?? 0) < at) change(id, { lastUsedAt: at })
    },
    async revoke(tenant, id, at) {
      const key = records.get(id)?.key
      return key?.tenant === tenant ? change(id, { revokedAt: key.revokedAt ?? at }) : undefined
    },
  }
}

const record = (id: string, more: Partial<ApiKey> = {}): KeyRecord => ({
  key: { id, tenant: 'acme', name: id, scopes: ['read'], createdAt: 1, ...more },
  hash: `sha256:${id}`,
})

/** What every key store promises. `open` gives an empty one for each test. */
export function describeKeyStore(name: string, open: () => Promise<KeyStore>): void {
  describe(`key store: ${name}`, () => {
    test('keeps keys and refuses a taken id', async () => {
      const store = await open()
      const first = record('key_a', { scopes: ['read', 'admin'], expiresAt: 9 })
      expect(await store.insert(first)).toBe(true)
      expect(await store.insert(record('key_a', { name: 'other' }))).toBe(false)
      expect(await store.find('key_a')).toEqual(first)
      expect(await store.find('key_b')).toBeUndefined()
    })

    test('lists a tenant’s keys newest first, page by page', async () => {
      const store = await open()
      for (const id of ['key_b', 'key_a', 'key_c']) await store.insert(record(id))
      await store.insert(record('key_d', { tenant: 'other' }))
      const first = await store.listKeys({ tenant: 'acme', limit: 2 })
      expect(first.map(({ id }) => id)).toEqual(['key_c', 'key_b'])
      const rest = await store.listKeys({ tenant: 'acme', before: 'key_b', limit: 2 })
      expect(rest.map(({ id }) => id)).toEqual(['key_a'])
    })

    test('gives a tenant one first key, however many ask at once', async () => {
      const store = await open()
      const added = await Promise.all(
        Array.from({ length: 12 }, (_, n) => store.insertFirst(record(`key_${n}`))),
      )
      expect(added.filter(Boolean)).toHaveLength(1)
      expect(await store.listKeys({ tenant: 'acme', limit: 20 })).toHaveLength(1)
      expect(await store.insertFirst(record('key_x', { tenant: 'other' }))).toBe(true)
    })

    test('gives no first key after a revocation', async () => {
      const store = await open()
      await store.insert(record('key_a'))
      await store.revoke('acme', 'key_a', 5)
      expect(await store.insertFirst(record('key_b'))).toBe(false)
    })

    test('notes the last use, never an earlier one', async () => {
      const store = await open()
      await store.insert(record('key_a'))
      await store.touch('key_a', 7)
      await store.touch('key_a', 3)
      expect((await store.find('key_a'))?.key.lastUsedAt).toBe(7)
    })

    test('revokes for good, and only for its tenant', async () => {
      const store = await open()
      await store.insert(record('key_a'))
      expect(await store.revoke('other', 'key_a', 5)).toBeUndefined()
      expect(await store.revoke('acme', 'key_a', 5)).toMatchObject({ revokedAt: 5 })
      expect(await store.revoke('acme', 'key_a', 8)).toMatchObject({ revokedAt: 5 })
      expect((await store.find('key_a'))?.key.revokedAt).toBe(5)
    })
  })
}
