import type { EpochMs } from '../../kernel/clock.ts'

/** A key that a tenant trusts. */
export interface TrustedSigner {
  readonly tenant: string
  /** Fingerprint. */
  readonly id: string
  readonly publicKey: string
  readonly name: string
  readonly trustedAt: EpochMs
}

/** Where trusted keys are kept. */
export interface SignerStore {
  list(tenant: string): Promise<readonly TrustedSigner[]>
  /** A key that is trusted already keeps its time, and gets the new name. */
  add(signer: TrustedSigner): Promise<void>
  /** @returns false when there was none. */
  remove(tenant: string, id: string): Promise<boolean>
}
