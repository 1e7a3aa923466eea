import type { EpochMs } from '../kernel/clock.ts'

import type { ApiKey } from './schema.ts'

/** A key as it is kept. */
export interface KeyRecord {
  readonly key: ApiKey
  /** SHA-256 of the token. */
  readonly hash: string
}

/** Which keys are listed: newest first, those before the id `before` when it is given. */
export interface KeyRange {
  readonly tenant: string
  readonly before?: string
  readonly limit: number
}

/** Where keys are kept. Implementations must pass `describeKeyStore` in `testing.ts`. */
export interface KeyStore {
  /** Adds a key. @returns false when the id is taken, and nothing was changed. */
  insert(record: KeyRecord): Promise<boolean>
  /** Adds a key to a tenant that never had one, revoked ones included; false when it had. */
  insertFirst(record: KeyRecord): Promise<boolean>
  find(id: string): Promise<KeyRecord | undefined>
  listKeys(range: KeyRange): Promise<readonly ApiKey[]>
  /** Notes that a key was used; an earlier time changes nothing. */
  touch(id: string, at: EpochMs): Promise<void>
  /**
   * Revokes a key for good; the time of the first revocation stays.
   *
   * @returns the key; `undefined` when the tenant has none of this id.
   */
  revoke(tenant: string, id: string, at: EpochMs): Promise<ApiKey | undefined>
}
