import type {
  ImportBundleRequest,
  ImportedBundle,
  Signer,
  TrustSignerRequest,
} from '../../library/bundle/schema.ts'
import type { ConvertRequest, Converted } from '../../library/import/schema.ts'

import type { LibraryName } from './library.ts'
import type { CallOptions, EffectOptions } from './options.ts'

/** Workflows between systems. */
export interface BundleMethods {
  /** The text of a signed bundle; every byte of it counts. */
  exportBundle(name: LibraryName, options?: CallOptions): Promise<string>
  importBundle(request: ImportBundleRequest, options?: EffectOptions): Promise<ImportedBundle>
  /** Brings a workflow of another system over; nothing is saved. */
  convertDefinition(request: ConvertRequest, options?: CallOptions): Promise<Converted>
  listSigners(options?: CallOptions): Promise<readonly Signer[]>
  trustSigner(request: TrustSignerRequest, options?: EffectOptions): Promise<Signer>
  distrustSigner(id: string, options?: EffectOptions): Promise<Signer>
}
