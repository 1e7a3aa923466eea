import type { NewSecret, Rotation, SecretRecord } from '../../vault/schema.ts'
import type { Listing } from '../listing.ts'

import type { EffectOptions, ListOptions } from './options.ts'

/** Sealed values that steps may use. */
export interface SecretMethods {
  /** The value is in no answer. */
  setSecret(request: NewSecret, options?: EffectOptions): Promise<SecretRecord>
  listSecrets(options?: ListOptions): Listing<SecretRecord>
  removeSecret(name: string, options?: EffectOptions): Promise<SecretRecord>
  /** Gives the tenant a new key, or finishes a rotation that was cut off. */
  rotateSecrets(options?: EffectOptions): Promise<Rotation>
}
