import type { LanguageModelV3 } from '@ai-sdk/provider'

import type { ProviderConfig } from './schema.ts'

/** The fetch of the process: the standard's own, or one that records, replays or limits. */
export type Fetch = typeof globalThis.fetch

/** Makes the models of a provider. */
export type GetModel = (model: string) => LanguageModelV3

/** What a provider is reached with. */
export interface ProviderAccess {
  readonly config: ProviderConfig
  readonly baseUrl: string
  readonly key: string | undefined
  readonly fetch: Fetch
}

/** Loads the code of a provider; called once, by the first call to it. */
export type LoadProvider = (access: ProviderAccess) => Promise<GetModel>
