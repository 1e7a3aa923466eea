import type { Json } from '../kernel/json.ts'

import { type Belonging, keyOf, openText, rewrap, sealText } from './envelope.ts'
import { UnknownSecretError } from './errors.ts'
import {
  createKeyring,
  type Keyring,
  type KeyringDeps,
  type MasterKeyState,
  type MasterRotation,
} from './keyring.ts'
import type { NewSecret, Rotation, SecretRecord } from './schema.ts'
import type { SecretRange, StoredSecret } from './store.ts'

/** Keeps secrets, and seals values that lie elsewhere. */
export interface Vault {
  /** What is known of its master keys. */
  examine(): Promise<MasterKeyState>
  /** Keeps a secret of a tenant; one of its name is replaced. */
  setSecret(tenant: string, secret: NewSecret): Promise<SecretRecord>
  /** Secrets of a tenant by name, without their values. */
  listSecrets(range: SecretRange): Promise<readonly SecretRecord[]>
  /** @throws {@link UnknownSecretError} */
  removeSecret(tenant: string, name: string): Promise<SecretRecord>
  /** The value of a secret; `undefined` when there is none. */
  findSecret(tenant: string, name: string): Promise<string | undefined>
  /**
   * Gives the tenant a new key, and wraps what lies under older ones by it.
   *
   * @remarks Retry: a rotation that was cut off is finished first, and none is begun. What is sealed
   * elsewhere, in the history of runs, stays under its key, which is kept.
   */
  rotate(tenant: string): Promise<Rotation>
  /** Makes a new master key, and wraps every tenant's keys by it. Retry: as {@link rotate}. */
  rotateMaster(): Promise<MasterRotation>
  /** Seals a value for one place; opened for another one, it is refused. */
  seal(tenant: string, about: string, value: Json): Promise<string>
  /**
   * Opens a value.
   *
   * @throws {@link TamperedError} {@link SealKeyMissingError} {@link MasterKeyMissingError}
   */
  open(tenant: string, about: string, sealed: string): Promise<Json>
}

/** Secrets wrapped anew in one step. */
const BATCH = 100

/** Builds the vault of a process. */
export function createVault(deps: KeyringDeps): Vault {
  const { store, clock, random } = deps
  const keyring = createKeyring(deps)
  const openAt = async (sealed: string, belonging: Belonging): Promise<string> => {
    const key = await keyring.find(belonging.tenant, keyOf(sealed, belonging.about))
    return openText(key, sealed, belonging)
  }
  return {
    examine: () => keyring.examine(),
    async setSecret(tenant, { name, value }) {
      const key = await keyring.current(tenant)
      const sealed = sealText(key, value, { tenant, about: placeOf(name), random })
      const at = clock.now()
      const secret = { tenant, name, sealed, key: key.id, createdAt: at, changedAt: at }
      return toRecord(await store.putSecret(secret))
    },
    listSecrets: async (range) => (await store.listSecrets(range)).map(toRecord),
    async removeSecret(tenant, name) {
      const removed = await store.removeSecret(tenant, name)
      if (removed === undefined) throw new UnknownSecretError(name)
      return toRecord(removed)
    },
    async findSecret(tenant, name) {
      const secret = await store.findSecret(tenant, name)
      return secret && openAt(secret.sealed, { tenant, about: placeOf(name) })
    },
    rotate: (tenant) => rotate(deps, keyring, tenant),
    rotateMaster: () => keyring.renewMaster(),
    async seal(tenant, about, value) {
      const key = await keyring.current(tenant)
      return sealText(key, JSON.stringify(value), { tenant, about, random })
    },
    async open(tenant, about, sealed) {
      const value: Json = JSON.parse(await openAt(sealed, { tenant, about }))
      return value
    },
  }
}

async function rotate(deps: KeyringDeps, keyring: Keyring, tenant: string): Promise<Rotation> {
  const { store, random } = deps
  const before = await keyring.current(tenant)
  const [unfinished] = await store.listOutdated(tenant, before.id, 1)
  const to = unfinished === undefined ? await keyring.renew(tenant) : before
  let rewrapped = 0
  for (;;) {
    const batch = await store.listOutdated(tenant, to.id, BATCH)
    for (const secret of batch) {
      const belonging = { tenant, about: placeOf(secret.name) }
      const from = await keyring.find(tenant, keyOf(secret.sealed, belonging.about))
      const sealed = rewrap(secret.sealed, { from, to }, { ...belonging, random })
      if (await store.replaceSeal(secret, { ...secret, sealed, key: to.id })) rewrapped += 1
    }
    if (batch.length < BATCH) break
  }
  return { key: to.id, isNew: unfinished === undefined, rewrapped }
}

function placeOf(name: string): string {
  return `secret/${name}`
}

function toRecord({ name, createdAt, changedAt, key }: StoredSecret): SecretRecord {
  return { name, createdAt, changedAt, key }
}
