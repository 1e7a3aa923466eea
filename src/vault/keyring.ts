import type { Clock } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'

import { type Key, KEY_BYTES, openBytes, randomBytes, sealBytes } from './envelope.ts'
import { MasterKeyMissingError, SealKeyMissingError } from './errors.ts'
import type { MasterKeys } from './master-keys.ts'
import type { VaultStore, WrappedKey } from './store.ts'

/** What a keyring needs. */
export interface KeyringDeps {
  readonly store: VaultStore
  readonly masters: MasterKeys
  readonly clock: Clock
  readonly ids: Ids
  /** Randomness fit for keys. */
  readonly random: Random
}

/** The keys of tenants, unwrapped. */
export interface Keyring {
  /** The key under which a tenant's values are sealed; made at the first use. */
  current(tenant: string): Promise<Key>
  /** A key of the tenant by its id. @throws {@link SealKeyMissingError} */
  find(tenant: string, id: string): Promise<Key>
  /** Makes a new key, the current one from then on. */
  renew(tenant: string): Promise<Key>
  /** Makes a new master key and wraps every key by it. */
  renewMaster(): Promise<MasterRotation>
  examine(): Promise<MasterKeyState>
}

/** What is known of the master keys. */
export interface MasterKeyState {
  /** Where they are, for people. */
  readonly where: string
  /** Those that are here, the one in use first. */
  readonly here: readonly string[]
  /** Those that wrap keys of this database and are not here: what these have sealed cannot be opened. */
  readonly missing: readonly string[]
  /** Whether nobody else can read them, as far as can be told. */
  readonly isPrivate: boolean
}

/** What the rotation of the master key has done. */
export interface MasterRotation {
  /** The master key in use from now on. */
  readonly master: string
  /** Keys of tenants that another one had wrapped. */
  readonly rewrapped: number
}

/** Keys wrapped anew in one step. */
const BATCH = 100

/**
 * Builds the keyring of a process.
 *
 * @remarks Keys never change under their id, so those that were unwrapped are kept in memory.
 */
export function createKeyring(deps: KeyringDeps): Keyring {
  const { store } = deps
  const known = new Map<string, Key>()
  const open = async (wrapped: WrappedKey): Promise<Key> => {
    const name = `${wrapped.tenant} ${wrapped.id}`
    const key = known.get(name) ?? (await unwrap(deps, wrapped))
    known.set(name, key)
    return key
  }
  const exclusively = oneAtATime(store)
  const add = async (tenant: string): Promise<Key> => open(await addKey(deps, tenant))
  return {
    async current(tenant) {
      const latest = await store.latestKey(tenant)
      if (latest !== undefined) return open(latest)
      return exclusively(async () => {
        const meanwhile = await store.latestKey(tenant)
        return meanwhile === undefined ? add(tenant) : open(meanwhile)
      })
    },
    async find(tenant, id) {
      const ready = known.get(`${tenant} ${id}`)
      if (ready !== undefined) return ready
      const wrapped = await store.findKey(tenant, id)
      if (wrapped === undefined) throw new SealKeyMissingError(id)
      return open(wrapped)
    },
    renew: (tenant) => exclusively(() => add(tenant)),
    examine: () => examine(deps),
    renewMaster: () => exclusively(() => renewMaster(deps)),
  }
}

async function examine({ store, masters }: KeyringDeps): Promise<MasterKeyState> {
  const here = (await masters.list()).map(({ id }) => id)
  const used = (await store.countMasters()).map(({ master }) => master)
  return {
    where: masters.where,
    here,
    missing: used.filter((master) => !here.includes(master)),
    isPrivate: await masters.isPrivate(),
  }
}

/** Of one process only one at a time waits for the lock, so that waiting takes one connection. */
function oneAtATime(store: VaultStore): VaultStore['exclusively'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(() => store.exclusively(work))
    last = mine.catch(() => undefined)
    return mine
  }
}

async function addKey(deps: KeyringDeps, tenant: string): Promise<WrappedKey> {
  const { store, clock, ids, random } = deps
  const master = await usableMaster(deps)
  const bare = { id: ids.next('seal'), tenant, createdAt: clock.now() }
  const key = wrapKey(randomBytes(random, KEY_BYTES), bare, { master, random })
  await store.addKey(key)
  return key
}

/**
 * The master key in use; the first of all is made here.
 *
 * @throws {@link MasterKeyMissingError} the database holds keys that another one wraps: a second one
 * beside it would leave each machine with values that it cannot open.
 */
async function usableMaster({ store, masters }: KeyringDeps): Promise<Key> {
  const here = await masters.list()
  const [used] = await store.countMasters()
  if (used !== undefined && !here.some(({ id }) => id === used.master)) {
    throw new MasterKeyMissingError(
      used.master,
      here.map(({ id }) => id),
    )
  }
  return here[0] ?? masters.make()
}

type Bare = Pick<WrappedKey, 'id' | 'tenant' | 'createdAt'>

function wrapKey(
  bytes: Uint8Array,
  { id, tenant, createdAt }: Bare,
  { master, random }: { readonly master: Key; readonly random: Random },
): WrappedKey {
  const context = ['tenant-key', master.id, id, tenant]
  const wrapped = sealBytes(master.bytes, bytes, { context, random }).toString('base64url')
  return { id, tenant, createdAt, master: master.id, wrapped }
}

/** Master keys are read each time: another process may have made one. */
async function unwrap({ masters }: KeyringDeps, key: WrappedKey): Promise<Key> {
  const here = await masters.list()
  const master = here.find(({ id }) => id === key.master)
  if (master === undefined) {
    throw new MasterKeyMissingError(
      key.master,
      here.map(({ id }) => id),
    )
  }
  const context = ['tenant-key', key.master, key.id, key.tenant]
  return {
    id: key.id,
    bytes: openBytes(master.bytes, Buffer.from(key.wrapped, 'base64url'), context),
  }
}

/**
 * Wraps every key by a new master key. Older ones stay where they are: copies of the database, and
 * other databases, may need them.
 *
 * @remarks Crash: keys are wrapped by the one or the other, and a second call goes on from there.
 */
async function renewMaster(deps: KeyringDeps): Promise<MasterRotation> {
  const { store, random } = deps
  const before = await usableMaster(deps)
  const [unfinished] = await store.listUnder(before.id, 1)
  const master = unfinished === undefined ? await deps.masters.make() : before
  let rewrapped = 0
  for (;;) {
    const batch = await store.listUnder(master.id, BATCH)
    for (const key of batch) {
      const { bytes } = await unwrap(deps, key)
      await store.replaceWrap(key, wrapKey(bytes, key, { master, random }))
    }
    rewrapped += batch.length
    if (batch.length < BATCH) return { master: master.id, rewrapped }
  }
}
