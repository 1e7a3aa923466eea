import type { LanguageModelV3 } from '@ai-sdk/provider'

import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Telemetry } from '../kernel/telemetry.ts'

import type { Catalog } from './catalog/catalog.ts'
import { KNOWN_PROVIDERS } from './catalog/known-models.ts'
import { BUILTIN } from './catalog/model-reference.ts'
import { lazy } from './lazy.ts'
import { createDirectRuntime } from './limits/direct-runtime.ts'
import type { CreateGuards } from './limits/guards.ts'
import { createProviderRuntime, type ProviderRuntime } from './limits/provider-runtime.ts'
import type { Fetch, LoadProvider } from './providers/load-provider.ts'

/** What runtimes are made of. */
export interface RegistryDeps {
  readonly catalog: Catalog
  readonly loadBuiltin: () => Promise<LanguageModelV3>
  /** Calls of the offline model that compute side by side. @defaultValue 1 */
  readonly maxBuiltin?: number | undefined
  readonly loadProvider: LoadProvider
  readonly createGuards: CreateGuards
  readonly fetch: Fetch
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Holds the one runtime of each provider; a provider's code loads with the first call to it. */
export interface Registry {
  /** @throws {@link MissingKeyError} the provider has no key. */
  getRuntime(provider: string): Promise<ProviderRuntime>
}

/** A runtime and the key it was made with. */
interface Keyed {
  readonly key: string | undefined
  readonly runtime: Promise<ProviderRuntime>
}

/** Builds the registry. */
export function createRegistry(deps: RegistryDeps): Registry {
  const runtimes = new Map<string, Keyed>()
  const builtin = createDirectRuntime({
    load: lazy(deps.loadBuiltin),
    clock: deps.clock,
    maxConcurrent: deps.maxBuiltin ?? 1,
  })
  return {
    async getRuntime(provider) {
      if (provider === BUILTIN) return builtin
      const { key } = deps.catalog.getProvider(provider)
      const known = runtimes.get(provider)
      // A key that was changed while the process runs makes a new runtime.
      if (known !== undefined && known.key === key) return known.runtime
      const runtime = createRuntime(deps, provider)
      runtimes.set(provider, { key, runtime })
      return runtime
    },
  }
}

async function createRuntime(deps: RegistryDeps, provider: string): Promise<ProviderRuntime> {
  const { config, key } = deps.catalog.getProvider(provider)
  const { clock, log, telemetry, fetch, loadProvider } = deps
  const baseUrl = config.baseUrl ?? KNOWN_PROVIDERS[config.kind].baseUrl ?? ''
  const getModels = lazy(() => loadProvider({ config, baseUrl, key, fetch }))
  return createProviderRuntime({
    config,
    key,
    keyNames: deps.catalog.providers.find(({ name }) => name === provider)?.keyNames ?? [],
    knownModels: deps.catalog.modelsOf(provider),
    loadModel: async (model) => (await getModels())(model),
    createGuards: deps.createGuards,
    clock,
    log,
    telemetry,
  })
}
