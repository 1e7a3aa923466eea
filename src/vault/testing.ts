import { describe, expect, test } from 'vitest'

import { createIds } from '../kernel/ids.ts'
import { createSeededRandom } from '../kernel/random.ts'
import { createManualClock } from '../kernel/testing.ts'

import { type Key, KEY_BYTES, randomBytes } from './envelope.ts'
import type { KeyringDeps } from './keyring.ts'
import { masterKeyOf, type MasterKeys } from './master-keys.ts'
import type { StoredSecret, VaultStore, WrappedKey } from './store.ts'

/** Keys and secrets in memory; for tests. */
export function createMemoryVaultStore(): VaultStore {
  let keys: readonly WrappedKey[] = []
  let secrets: readonly StoredSecret[] = []
  const is = (
    one: StoredSecret,
    { tenant, name }: Pick<StoredSecret, 'tenant' | 'name'>,
  ): boolean => one.tenant === tenant && one.name === name
  const find = (tenant: string, name: string): StoredSecret | undefined =>
    secrets.find((one) => is(one, { tenant, name }))
  const keep = (secret: StoredSecret): void => {
    secrets = [...secrets.filter((one) => !is(one, secret)), secret].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )
  }
  return {
    findKey: async (tenant, id) => keys.find((key) => key.id === id && key.tenant === tenant),
    latestKey: async (tenant) => keys.findLast((key) => key.tenant === tenant),
    addKey: async (key) => void (keys = [...keys, key]),
    async countMasters() {
      const names = [...new Set(keys.toReversed().map(({ master }) => master))]
      return names.map((master) => ({
        master,
        keys: keys.filter((key) => key.master === master).length,
      }))
    },
    listUnder: async (master, limit) => keys.filter((key) => key.master !== master).slice(0, limit),
    async replaceWrap(before, after) {
      keys = keys.map((key) =>
        key.id === before.id && key.wrapped === before.wrapped ? after : key,
      )
    },
    async putSecret(secret) {
      const { createdAt } = find(secret.tenant, secret.name) ?? secret
      keep({ ...secret, createdAt })
      return { ...secret, createdAt }
    },
    findSecret: async (tenant, name) => find(tenant, name),
    listSecrets: async ({ tenant, after = '', limit }) =>
      secrets.filter((one) => one.tenant === tenant && one.name > after).slice(0, limit),
    async removeSecret(tenant, name) {
      const found = find(tenant, name)
      secrets = secrets.filter((one) => one !== found)
      return found
    },
    listOutdated: async (tenant, key, limit) =>
      secrets.filter((one) => one.tenant === tenant && one.key !== key).slice(0, limit),
    async replaceSeal(before, after) {
      if (find(before.tenant, before.name)?.sealed !== before.sealed) return false
      keep(after)
      return true
    },
    exclusively: (work) => work(),
  }
}

/** Master keys in memory; for tests. */
export function createMemoryMasterKeys(keys: readonly Key[] = []): MasterKeys {
  const random = createSeededRandom(99 + keys.length)
  let known = keys
  return {
    where: 'memory',
    isPrivate: async () => true,
    list: async () => known,
    async make() {
      const fresh = masterKeyOf(randomBytes(random, KEY_BYTES))
      known = [fresh, ...known]
      return fresh
    },
  }
}

/** What a keyring needs, in memory; some of it may be given. */
export function keyringDeps(given: Partial<KeyringDeps> = {}): KeyringDeps {
  const clock = createManualClock()
  const random = createSeededRandom(5)
  return {
    store: createMemoryVaultStore(),
    masters: createMemoryMasterKeys(),
    clock,
    random,
    ids: createIds({ clock, random }),
    ...given,
  }
}

const key = (id: string, more: Partial<WrappedKey> = {}): WrappedKey => ({
  id,
  tenant: 'acme',
  master: 'mk_1',
  wrapped: `w-${id}`,
  createdAt: 1,
  ...more,
})

const secret = (name: string, more: Partial<StoredSecret> = {}): StoredSecret => ({
  tenant: 'acme',
  name,
  sealed: `s-${name}`,
  key: 'seal_a',
  createdAt: 1,
  changedAt: 1,
  ...more,
})

/** What every store of the vault promises. `open` gives an empty one for each test. */
export function describeVaultStore(name: string, open: () => Promise<VaultStore>): void {
  describe(`vault store: ${name}`, () => {
    test('gives a key to its own tenant only, and the newest of several', async () => {
      const store = await open()
      await store.addKey(key('seal_a'))
      await store.addKey(key('seal_b', { createdAt: 2 }))
      expect(await store.findKey('acme', 'seal_a')).toEqual(key('seal_a'))
      expect(await store.findKey('other', 'seal_a')).toBeUndefined()
      expect(await store.latestKey('acme')).toEqual(key('seal_b', { createdAt: 2 }))
      expect(await store.latestKey('other')).toBeUndefined()
    })

    test('counts master keys, the last used first, and wraps anew what has not changed', async () => {
      const store = await open()
      await store.addKey(key('seal_a'))
      await store.addKey(key('seal_b', { master: 'mk_2', createdAt: 2 }))
      expect(await store.countMasters()).toEqual([
        { master: 'mk_2', keys: 1 },
        { master: 'mk_1', keys: 1 },
      ])
      expect(await store.listUnder('mk_2', 9)).toEqual([key('seal_a')])
      const after = key('seal_a', { master: 'mk_2', wrapped: 'anew' })
      await store.replaceWrap(key('seal_a', { wrapped: 'stale' }), after)
      expect(await store.listUnder('mk_2', 9)).toHaveLength(1)
      await store.replaceWrap(key('seal_a'), after)
      expect(await store.listUnder('mk_2', 9)).toEqual([])
      expect(await store.findKey('acme', 'seal_a')).toEqual(after)
    })

    test('keeps one secret of a name, with its time of creation, and lists by name', async () => {
      const store = await open()
      await store.putSecret(secret('B'))
      const again = secret('B', { sealed: 'two', createdAt: 5, changedAt: 5 })
      expect(await store.putSecret(again)).toEqual({ ...again, createdAt: 1 })
      await store.putSecret(secret('A'))
      await store.putSecret(secret('C', { tenant: 'other' }))
      const names = async (after?: string): Promise<readonly string[]> =>
        (await store.listSecrets({ tenant: 'acme', limit: 9, ...(after && { after }) })).map(
          (one) => one.name,
        )
      expect(await names()).toEqual(['A', 'B'])
      expect(await names('A')).toEqual(['B'])
      expect(await store.removeSecret('other', 'A')).toBeUndefined()
      expect(await store.removeSecret('acme', 'A')).toEqual(secret('A'))
      expect(await store.findSecret('acme', 'A')).toBeUndefined()
    })

    test('seals anew what has not been given another value', async () => {
      const store = await open()
      await store.putSecret(secret('A'))
      const after = secret('A', { sealed: 'anew', key: 'seal_b' })
      expect(await store.replaceSeal(secret('A', { sealed: 'stale' }), after)).toBe(false)
      expect(await store.listOutdated('acme', 'seal_b', 9)).toHaveLength(1)
      expect(await store.replaceSeal(secret('A'), after)).toBe(true)
      expect(await store.listOutdated('acme', 'seal_b', 9)).toEqual([])
      expect(await store.findSecret('acme', 'A')).toEqual(after)
    })

    test('lets nobody else work meanwhile, and gives what the work gives', async () => {
      const store = await open()
      expect(await store.exclusively(async () => 7)).toBe(7)
    })
  })
}
