import { createHmac } from 'node:crypto'

import { type Key, KEY_BYTES } from './envelope.ts'
import { InvalidMasterKeyError, MasterKeyGivenError } from './errors.ts'

/** The keys that wrap the keys of tenants. They lie outside the database. */
export interface MasterKeys {
  /** Where they are, for people. */
  readonly where: string
  /** Whether nobody else can read them, as far as can be told. */
  isPrivate(): Promise<boolean>
  /** Those there are, the one that is used first. @throws {@link InvalidMasterKeyError} */
  list(): Promise<readonly Key[]>
  /**
   * Makes a key and puts it before the others; while somebody else makes one, that one is given.
   *
   * @throws {@link MasterKeyGivenError}
   */
  make(): Promise<Key>
}

/** Reads a master key. @throws {@link InvalidMasterKeyError} */
export function readMasterKey(text: string, where: string): Key {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== text) {
    throw new InvalidMasterKeyError(where)
  }
  return masterKeyOf(bytes)
}

/** A master key is named by what follows from it, so that it is told from others, and not told. */
export function masterKeyOf(bytes: Uint8Array): Key {
  const digest = createHmac('sha256', bytes).update('prsm master key').digest('hex')
  return { id: `mk_${digest.slice(0, 16)}`, bytes }
}

/** Master keys of the settings. */
export function givenMasterKeys(texts: readonly string[]): MasterKeys {
  const where = 'PRSM_MASTER_KEYS'
  return {
    where,
    isPrivate: async () => true,
    list: async () => texts.map((text) => readMasterKey(text, where)),
    async make() {
      throw new MasterKeyGivenError()
    },
  }
}
