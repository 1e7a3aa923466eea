import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createSeededRandom } from '../kernel/random.ts'

import { KEY_BYTES, keyOf, openText, randomBytes, rewrap, sealText } from './envelope.ts'
import {
  InvalidMasterKeyError,
  MasterKeyGivenError,
  MasterKeyMissingError,
  SealKeyMissingError,
  TamperedError,
  UnknownSecretError,
} from './errors.ts'
import { givenMasterKeys } from './master-keys.ts'
import type { StoredSecret } from './store.ts'
import {
  createMemoryMasterKeys,
  createMemoryVaultStore,
  describeVaultStore,
  keyringDeps,
} from './testing.ts'
import { createVault } from './vault.ts'

describeVaultStore('memory', async () => createMemoryVaultStore())

const random = createSeededRandom(3)
const keyNamed = (digit: string): { id: string; bytes: Buffer } => ({
  id: `seal_${digit.repeat(26)}`,
  bytes: randomBytes(random, KEY_BYTES),
})
const [key, other] = [keyNamed('0'), keyNamed('1')]
const here = { tenant: 'acme', about: 'secret/A' }
const seal = (text: string): string => sealText(key, text, { ...here, random })

describe('envelope', () => {
  test.prop([fc.string({ unit: 'grapheme' })])('opens to what was sealed', (text) => {
    expect(openText(key, seal(text), here)).toBe(text)
    expect(keyOf(seal(text), here.about)).toBe(key.id)
  })

  test.prop([fc.string(), fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'refuses a value of which any byte was altered',
    (text, place, flip) => {
      const bytes = Buffer.from(seal(text), 'latin1')
      const at = place % bytes.length
      bytes.writeUInt8(bytes.readUInt8(at) ^ flip, at)
      expect(() => openText(key, bytes.toString('latin1'), here)).toThrow(TamperedError)
    },
  )

  test.prop([fc.string(), fc.nat(200)])('refuses a value that was cut short', (text, kept) => {
    const sealed = seal(text)
    expect(() => openText(key, sealed.slice(0, Math.min(kept, sealed.length - 1)), here)).toThrow(
      TamperedError,
    )
  })

  test.prop([fc.string()])('refuses another key, tenant or place', (text) => {
    const sealed = seal(text)
    const attempts = [
      () => openText(other, sealed, here),
      () => openText({ ...other, id: key.id }, sealed, here),
      () => openText({ ...key, id: other.id }, sealed, here),
      () => openText(key, sealed, { ...here, tenant: 'other' }),
      () => openText(key, sealed, { ...here, about: 'secret/B' }),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TamperedError)
  })

  test.prop([fc.string()])('keeps its value, and its body, under another key', (text) => {
    const sealed = seal(text)
    const moved = rewrap(sealed, { from: key, to: other }, { ...here, random })
    expect(openText(other, moved, here)).toBe(text)
    expect(moved.split('.').at(-1)).toBe(sealed.split('.').at(-1))
    expect(() => openText(key, moved, here)).toThrow(TamperedError)
  })

  test('never seals the same value alike', () => {
    expect(new Set(Array.from({ length: 50 }, () => seal('same')))).toHaveProperty('size', 50)
  })
})

describe('vault', () => {
  test('keeps secrets by tenant, and gives no value but to whoever opens it', async () => {
    const vault = createVault(keyringDeps())
    const record = await vault.setSecret('acme', { name: 'TOKEN', value: 'geheim' })
    expect(record).toEqual({
      name: 'TOKEN',
      createdAt: record.createdAt,
      changedAt: record.createdAt,
      key: expect.stringMatching(/^seal_/),
    })
    expect(await vault.listSecrets({ tenant: 'acme', limit: 9 })).toEqual([record])
    expect(await vault.findSecret('acme', 'TOKEN')).toBe('geheim')
    expect(await vault.findSecret('other', 'TOKEN')).toBeUndefined()
    await expect(vault.removeSecret('other', 'TOKEN')).rejects.toThrow(UnknownSecretError)
    expect(await vault.removeSecret('acme', 'TOKEN')).toEqual(record)
    expect(await vault.findSecret('acme', 'TOKEN')).toBeUndefined()
  })

  test('opens nothing for another tenant, or under another master key', async () => {
    const deps = keyringDeps()
    const vault = createVault(deps)
    await vault.seal('other', 'x', 1)
    const sealed = await vault.seal('acme', 'run/1', { deep: ['value'] })
    expect(await vault.open('acme', 'run/1', sealed)).toEqual({ deep: ['value'] })
    await expect(vault.open('other', 'run/1', sealed)).rejects.toThrow(SealKeyMissingError)
    await expect(vault.open('acme', 'run/2', sealed)).rejects.toThrow(TamperedError)
    const elsewhere = createVault({ ...deps, masters: createMemoryMasterKeys() })
    await expect(elsewhere.open('acme', 'run/1', sealed)).rejects.toThrow(MasterKeyMissingError)
    await expect(elsewhere.seal('third', 'x', 1)).rejects.toThrow(MasterKeyMissingError)
  })

  test('refuses a wrapped key that was altered, or moved to another tenant', async () => {
    const deps = keyringDeps()
    const sealed = await createVault(deps).seal('acme', 'x', 'value')
    const kept = await deps.store.latestKey('acme')
    if (kept === undefined) throw new TypeError('there is no key')
    await deps.store.replaceWrap(kept, { ...kept, wrapped: `A${kept.wrapped.slice(1)}` })
    const opened = createVault(deps).open('acme', 'x', sealed)
    if (!kept.wrapped.startsWith('A')) await expect(opened).rejects.toThrow(TamperedError)
    await deps.store.addKey({ ...kept, tenant: 'thief' })
    await expect(createVault(deps).open('thief', 'x', sealed)).rejects.toThrow(TamperedError)
  })

  test.prop(
    [fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,3}$/), { minLength: 1, maxLength: 5 }), fc.nat(20)],
    {
      numRuns: 30,
    },
  )('rotation cut off anywhere loses nothing, and is finished by the next', async (names, cut) => {
    const deps = keyringDeps()
    const vault = createVault(deps)
    for (const name of names) await vault.setSecret('acme', { name, value: `value of ${name}` })
    const history = await vault.seal('acme', 'run/1', 'old')
    let left = cut
    const dies = (before: StoredSecret, after: StoredSecret): Promise<boolean> => {
      if (left-- === 0) throw new Error('killed')
      return deps.store.replaceSeal(before, after)
    }
    const doomed = createVault({ ...deps, store: { ...deps.store, replaceSeal: dies } })
    const first = await doomed.rotate('acme').catch(() => undefined)
    const readAll = async (): Promise<void> => {
      for (const name of names)
        expect(await vault.findSecret('acme', name)).toBe(`value of ${name}`)
      expect(await vault.open('acme', 'run/1', history)).toBe('old')
    }
    await readAll()
    const second = await vault.rotate('acme')
    expect(second.isNew).toBe(first !== undefined)
    await readAll()
    const keys = new Set(
      (await vault.listSecrets({ tenant: 'acme', limit: 99 })).map((one) => one.key),
    )
    expect([...keys]).toEqual([second.key])
  })

  test('reads go on while keys are being rotated', async () => {
    const deps = keyringDeps()
    const vault = createVault(deps)
    await vault.setSecret('acme', { name: 'TOKEN', value: 'geheim' })
    const over = new AbortController()
    const rotations = (async () => {
      for (let round = 0; round < 20; round++) {
        await vault.rotate('acme')
        await vault.rotateMaster()
      }
      over.abort()
    })()
    let reads = 0
    while (!over.signal.aborted) {
      expect(await createVault(deps).findSecret('acme', 'TOKEN')).toBe('geheim')
      reads += 1
    }
    await rotations
    expect(reads).toBeGreaterThan(10)
  })

  test('a new master key wraps every key, and one that was cut off is finished', async () => {
    const deps = keyringDeps()
    const vault = createVault(deps)
    const sealed = await vault.seal('acme', 'x', 'value')
    await vault.seal('other', 'x', 'value')
    const killed = { ...deps.store, replaceWrap: () => Promise.reject(new Error('killed')) }
    await expect(createVault({ ...deps, store: killed }).rotateMaster()).rejects.toThrow('killed')
    expect(await createVault(deps).open('acme', 'x', sealed)).toBe('value')
    const [first] = await deps.masters.list()
    expect(await vault.rotateMaster()).toEqual({ master: first?.id, rewrapped: 2 })
    expect(await deps.masters.list()).toHaveLength(2)
    const alone = createMemoryMasterKeys(first === undefined ? [] : [first])
    expect(await createVault({ ...deps, masters: alone }).open('acme', 'x', sealed)).toBe('value')
  })

  test('master keys of the settings are used in their order, and none is made', async () => {
    const texts = ['a', 'b'].map((letter) => Buffer.alloc(32, letter).toString('base64'))
    const deps = keyringDeps({ masters: givenMasterKeys(texts.slice(1)) })
    const sealed = await createVault(deps).seal('acme', 'x', 'value')
    await expect(createVault(deps).rotateMaster()).rejects.toThrow(MasterKeyGivenError)
    const both = createVault({ ...deps, masters: givenMasterKeys(texts) })
    expect(await both.rotateMaster()).toMatchObject({ rewrapped: 1 })
    const onlyNew = createVault({ ...deps, masters: givenMasterKeys(texts.slice(0, 1)) })
    expect(await onlyNew.open('acme', 'x', sealed)).toBe('value')
    await expect(givenMasterKeys(['short']).list()).rejects.toThrow(InvalidMasterKeyError)
  })
})
