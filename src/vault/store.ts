import type { EpochMs } from '../kernel/clock.ts'

/** A tenant's key as it is kept: wrapped by a master key. */
export interface WrappedKey {
  /** `seal_…` */
  readonly id: string
  readonly tenant: string
  /** The master key that wraps it. */
  readonly master: string
  readonly wrapped: string
  readonly createdAt: EpochMs
}

/** A secret as it is kept. */
export interface StoredSecret {
  readonly tenant: string
  readonly name: string
  readonly sealed: string
  /** The tenant's key it is sealed under. */
  readonly key: string
  readonly createdAt: EpochMs
  readonly changedAt: EpochMs
}

/** Which secrets are listed, by name. */
export interface SecretRange {
  readonly tenant: string
  readonly after?: string
  readonly limit: number
}

/** Where wrapped keys and sealed secrets are kept. Adapters pass the suite in `testing.ts`. */
export interface VaultStore {
  findKey(tenant: string, id: string): Promise<WrappedKey | undefined>
  /** The newest key of a tenant. */
  latestKey(tenant: string): Promise<WrappedKey | undefined>
  addKey(key: WrappedKey): Promise<void>
  /** Master keys that wrap keys of tenants, and how many each, the last used first. */
  countMasters(): Promise<readonly { readonly master: string; readonly keys: number }[]>
  /** Some keys that are not wrapped by `master`. */
  listUnder(master: string, limit: number): Promise<readonly WrappedKey[]>
  /** Replaces how a key is wrapped, unless that has changed since. */
  replaceWrap(before: WrappedKey, after: WrappedKey): Promise<void>
  /** Keeps a secret; one of its name is replaced, and keeps its time of creation. */
  putSecret(secret: StoredSecret): Promise<StoredSecret>
  findSecret(tenant: string, name: string): Promise<StoredSecret | undefined>
  listSecrets(range: SecretRange): Promise<readonly StoredSecret[]>
  /** @returns what was removed; `undefined` when there is no such secret. */
  removeSecret(tenant: string, name: string): Promise<StoredSecret | undefined>
  /** Some secrets of a tenant that are not sealed under `key`. */
  listOutdated(tenant: string, key: string, limit: number): Promise<readonly StoredSecret[]>
  /** Replaces how a secret is sealed, unless it has been given another value since. @returns whether. */
  replaceSeal(before: StoredSecret, after: StoredSecret): Promise<boolean>
  /** Runs `work` while no other process runs any. */
  exclusively<Value>(work: () => Promise<Value>): Promise<Value>
}
