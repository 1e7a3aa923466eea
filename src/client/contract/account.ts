import type { ApiKey, IssuedApiKey, NewApiKey } from '../../access/schema.ts'
import type { Wallet } from '../../api/schema.ts'
import type { Transfer } from '../../ledger/schema.ts'
import type { PriceList } from '../../pricing/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** The wallet of the tenant. */
export interface MoneyMethods {
  wallet(options?: CallOptions): Promise<Wallet>
  transfers(options?: ListOptions): Listing<Transfer>
  prices(options?: CallOptions): Promise<PriceList>
}

/** Keys to the API. */
export interface KeyMethods {
  /** The token is in this answer and nowhere else. */
  createKey(request: NewApiKey, options?: EffectOptions): Promise<IssuedApiKey>
  listKeys(options?: ListOptions): Listing<ApiKey>
  revokeKey(key: string, options?: EffectOptions): Promise<ApiKey>
}
