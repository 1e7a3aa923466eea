import type { Clock } from '../kernel/clock.ts'
import {
  type Bundles,
  createBuiltInTemplates,
  createBundles,
  createLibrary,
  createSigningKey,
  createSqlLibraryStore,
  createSqlSignerStore,
  createSqlTemplateStore,
  createTemplates,
  type Library,
  type Templates,
} from '../library/index.ts'
import type { Workflows } from '../workflow/index.ts'

import type { Config } from './config.ts'
import type { Stores } from './stores.ts'

/** What the library is opened with. */
export interface LibraryParts {
  readonly config: Config
  readonly stores: Stores
  readonly workflows: Workflows
  readonly clock: Clock
}

/** What there is of the library. */
export interface OpenLibrary {
  readonly library: Library
  readonly templates: Templates
  readonly bundles: Bundles
}

/** Opens saved workflows and templates. */
export function openLibrary({ config, stores, workflows, clock }: LibraryParts): OpenLibrary {
  const { opened, payments } = stores
  const { database } = opened
  const { libraryWorkflows, libraryVersions, libraryBytes } = config
  const deps = {
    store: createSqlLibraryStore(database),
    payments,
    workflows,
    clock,
    limits: {
      maxWorkflows: libraryWorkflows,
      maxVersions: libraryVersions,
      maxBytes: libraryBytes,
    },
  }
  const library = createLibrary(deps)
  const templates = createTemplates({
    store: createSqlTemplateStore(database),
    payments,
    library,
    workflows,
    clock,
    builtIn: createBuiltInTemplates(),
  })
  const bundles = createBundles({
    ...deps,
    library,
    signers: createSqlSignerStore(database),
    signingKey: createSigningKey(config.dataDir),
  })
  return { library, templates, bundles }
}
