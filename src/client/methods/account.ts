import { apiKey, issuedApiKey, newApiKey } from '../../access/schema.ts'
import { keyPage, transferPage, wallet } from '../../api/schema.ts'
import { priceList } from '../../pricing/schema.ts'
import type { KeyMethods, MoneyMethods } from '../contract/account.ts'
import { createListing } from '../listing.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode, lookWith } from './json-calls.ts'

/** Methods of credit and prices. */
export function moneyMethods(transport: Transport): MoneyMethods {
  const look = lookWith(transport)
  return {
    wallet: look(wallet, OPERATIONS.wallet),
    transfers: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: transferPage,
        call: { operation: OPERATIONS.transfers, query, signal },
        cursorName: 'cursor',
      }),
    prices: look(priceList, OPERATIONS.prices),
  }
}

/** Methods of API keys. */
export function keyMethods(transport: Transport): KeyMethods {
  return {
    createKey: (request, options) =>
      transport.json(issuedApiKey, {
        operation: OPERATIONS.createKey,
        body: () => encode(newApiKey, request),
        ...options,
      }),
    listKeys: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: keyPage,
        call: { operation: OPERATIONS.listKeys, query, signal },
        cursorName: 'cursor',
      }),
    revokeKey: (id, options) =>
      transport.json(apiKey, { operation: OPERATIONS.revokeKey, params: { id }, ...options }),
  }
}
