import { secretPage } from '../../api/schema.ts'
import { newSecret, rotation, secretRecord } from '../../vault/schema.ts'
import type { SecretMethods } from '../contract/secrets.ts'
import { createListing } from '../listing.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods of secrets. */
export function secretMethods(transport: Transport): SecretMethods {
  return {
    setSecret: (request, options) =>
      transport.json(secretRecord, {
        operation: OPERATIONS.setSecret,
        body: () => encode(newSecret, request),
        ...options,
      }),
    listSecrets: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: secretPage,
        call: { operation: OPERATIONS.listSecrets, query, signal },
        cursorName: 'cursor',
      }),
    removeSecret: (name, options) =>
      transport.json(secretRecord, {
        operation: OPERATIONS.removeSecret,
        params: { name },
        ...options,
      }),
    rotateSecrets: (options) =>
      transport.json(rotation, { operation: OPERATIONS.rotateSecrets, ...options }),
  }
}
