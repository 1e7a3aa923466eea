import { signerPage } from '../../api/schema.ts'
import {
  bundleText,
  importBundleRequest,
  importedBundle,
  signer,
  trustSignerRequest,
} from '../../library/bundle/schema.ts'
import { converted, convertRequest } from '../../library/import/schema.ts'
import type { BundleMethods } from '../contract/bundles.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'
import { callOf } from './library.ts'

/** Methods of bundles, their signers, and workflows of other systems. */
export function bundleMethods(transport: Transport): BundleMethods {
  return {
    async exportBundle(name, options) {
      const call = callOf(OPERATIONS.exportBundle, name, { ...options })
      return (await transport.json(bundleText, call)).text
    },
    importBundle: (request, options) =>
      transport.json(importedBundle, {
        operation: OPERATIONS.importBundle,
        body: () => encode(importBundleRequest, request),
        ...options,
      }),
    convertDefinition: (request, options) =>
      transport.json(converted, {
        operation: OPERATIONS.convertDefinition,
        body: () => encode(convertRequest, request),
        ...options,
      }),
    listSigners: async (options) =>
      (await transport.json(signerPage, { operation: OPERATIONS.listSigners, ...options })).items,
    trustSigner: (request, options) =>
      transport.json(signer, {
        operation: OPERATIONS.trustSigner,
        body: () => encode(trustSignerRequest, request),
        ...options,
      }),
    distrustSigner: (id, options) =>
      transport.json(signer, { operation: OPERATIONS.distrustSigner, params: { id }, ...options }),
  }
}
