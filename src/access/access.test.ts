import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createIds } from '../kernel/ids.ts'
import { createSeededRandom } from '../kernel/random.ts'
import { createManualClock, type ManualClock } from '../kernel/testing.ts'

import { type Access, createAccess } from './access.ts'
import {
  ExpiredFromStartError,
  KeyExistsError,
  MissingScopeError,
  UnauthenticatedError,
  UnknownKeyError,
} from './errors.ts'
import { type Scope, scope } from './schema.ts'
import { allows } from './scopes.ts'
import type { KeyStore } from './store.ts'
import { createMemoryKeyStore, describeKeyStore } from './testing.ts'
import { createToken, keyOfToken, matchesHash } from './token.ts'

describeKeyStore('memory', async () => createMemoryKeyStore())

const open = (): { access: Access; store: KeyStore; clock: ManualClock } => {
  const clock = createManualClock()
  const random = createSeededRandom(7)
  const store = createMemoryKeyStore()
  return {
    access: createAccess({ store, clock, random, ids: createIds({ clock, random }) }),
    store,
    clock,
  }
}

describe('access', () => {
  test('a token stands for its tenant, key and scopes', async () => {
    const { access } = open()
    const { key, token } = await access.createKey({ tenant: 'acme', name: 'ci', scopes: ['read'] })
    expect(token).toMatch(/^prsm_[0-9a-z]{26}_[\w-]{43}$/)
    expect(await access.authenticate(token)).toEqual({
      tenant: 'acme',
      id: key.id,
      scopes: ['read'],
    })
  })

  test('a key without scopes given may run, and read with it', async () => {
    const { access } = open()
    const { key } = await access.createKey({ tenant: 'acme', name: 'ci' })
    expect(key.scopes).toEqual(['run'])
  })

  test('a wrong secret, another key’s secret and a text that is no token stand for nobody', async () => {
    const { access } = open()
    const one = await access.createKey({ tenant: 'acme', name: 'one' })
    const two = await access.createKey({ tenant: 'acme', name: 'two' })
    const [, id = ''] = one.token.split('_')
    const wrong = [
      `prsm_${id}_${two.token.slice(-43)}`,
      one.token.slice(0, -1),
      `${one.token} `,
      one.token.toUpperCase(),
      `prsm_${'0'.repeat(26)}_${'A'.repeat(43)}`,
      '',
    ]
    for (const token of wrong) expect(await access.authenticate(token)).toBeUndefined()
  })

  test('the store never sees a token', async () => {
    const { access, store } = open()
    const { key, token } = await access.createKey({ tenant: 'acme', name: 'ci' })
    const secret = token.slice(-43)
    expect(JSON.stringify(await store.find(key.id))).not.toContain(secret)
    expect(JSON.stringify(await access.listKeys({ tenant: 'acme', limit: 9 }))).not.toContain(
      secret,
    )
  })

  test('the first key is made once and may do everything', async () => {
    const { access } = open()
    const first = await access.firstKey('acme')
    expect(first?.key.scopes).toEqual(['admin'])
    expect(await access.firstKey('acme')).toBeUndefined()
    expect(await access.firstKey('other')).toBeDefined()
  })

  test('a revoked key is refused from the next request on', async () => {
    const { access } = open()
    const { key, token } = await access.createKey({ tenant: 'acme', name: 'ci' })
    expect((await access.revokeKey('acme', key.id)).revokedAt).toBeDefined()
    expect(await access.authenticate(token)).toBeUndefined()
    await expect(access.revokeKey('other', key.id)).rejects.toThrow(new UnknownKeyError(key.id))
  })

  test('a key is accepted until the millisecond it expires', async () => {
    const { access, clock } = open()
    const expiresAt = clock.now() + 1_000
    const { token } = await access.createKey({ tenant: 'acme', name: 'ci', expiresAt })
    clock.advance(999)
    expect(await access.authenticate(token)).toBeDefined()
    clock.advance(1)
    expect(await access.authenticate(token)).toBeUndefined()
    await expect(access.createKey({ tenant: 'acme', name: 'late', expiresAt })).rejects.toThrow(
      new ExpiredFromStartError(expiresAt),
    )
  })

  test('the last use is noted once a minute', async () => {
    const { access, store, clock } = open()
    const { key, token } = await access.createKey({ tenant: 'acme', name: 'ci' })
    const usedAt = async (): Promise<number | undefined> =>
      (await store.find(key.id))?.key.lastUsedAt
    const start = clock.now()
    await access.authenticate(token)
    clock.advance(59_999)
    await access.authenticate(token)
    expect(await usedAt()).toBe(start)
    clock.advance(1)
    await access.authenticate(token)
    expect(await usedAt()).toBe(start + 60_000)
  })

  test('one id makes one key', async () => {
    const { access } = open()
    const request = { tenant: 'acme', name: 'ci', id: `key_${'0'.repeat(26)}` } as const
    await access.createKey(request)
    await expect(access.createKey(request)).rejects.toThrow(new KeyExistsError(request.id))
  })
})

describe('scopes', () => {
  test.each<[readonly Scope[], Scope, boolean]>([
    [['read'], 'read', true],
    [['read'], 'run', false],
    [['run'], 'read', true],
    [['run'], 'admin', false],
    [['admin'], 'run', true],
    [['read', 'admin'], 'admin', true],
    [[], 'read', false],
  ])('%j allows %s: %s', (held, needed, expected) => {
    expect(allows(held, needed)).toBe(expected)
  })

  test.prop([fc.subarray(scope.options), fc.constantFrom(...scope.options)])(
    'more scopes never allow less',
    (held, needed) => {
      if (allows(held, needed)) expect(allows([...held, 'read'], needed)).toBe(true)
      expect(allows([...held, 'admin'], needed)).toBe(true)
    },
  )

  test('refusals name what is needed, not why a key is wrong', () => {
    expect(new MissingScopeError('run', ['read'])).toMatchObject({
      code: 'access.missing-scope',
      details: { needed: 'run', held: ['read'] },
    })
    expect(new UnauthenticatedError()).toMatchObject({
      code: 'access.unauthenticated',
      details: {},
    })
  })
})

describe('tokens', () => {
  test.prop([fc.integer()])('carry their key’s id and match only their own hash', (seed) => {
    const random = createSeededRandom(seed)
    const id = createIds({ clock: createManualClock(), random }).next('key')
    const token = createToken(id, random)
    expect(keyOfToken(token)).toBe(id)
    expect(matchesHash(token, undefined)).toBe(false)
    expect(matchesHash(token, `sha256:${'0'.repeat(64)}`)).toBe(false)
  })
})
