import { nearestName } from '../../kernel/nearest.ts'
import type { ProviderConfig } from '../providers/schema.ts'
import {
  InvalidProvidersError,
  InvalidReferenceError,
  MissingKeyError,
  UnknownModelError,
  UnknownProviderError,
} from '../request-errors.ts'

import { KNOWN_PROVIDERS } from './known-models.ts'
import {
  BUILTIN,
  formatModelReference,
  type ModelReference,
  parseModelReference,
} from './model-reference.ts'

/** Looks up a secret by its name, such as `OPENAI_API_KEY`. */
export type Secrets = (name: string) => string | undefined

/** How one provider stands. */
export interface ProviderStatus {
  readonly name: string
  readonly kind: ProviderConfig['kind'] | 'builtin'
  /** Whether it can be called: its key is set, or it needs none. */
  readonly isReady: boolean
  /** The secrets that may hold its key. */
  readonly keyNames: readonly string[]
  readonly defaultModel: string | undefined
  /** Model names known without asking the provider; not complete unless configured. */
  readonly models: readonly string[]
}

/** A provider that may be called, with its key. */
export interface ProviderEntry {
  readonly config: ProviderConfig
  readonly key: string | undefined
}

/** Knows which models can be named. */
export interface Catalog {
  readonly defaultReference: string
  /** One sentence for people when the default is the offline model for want of a key. */
  readonly notice: string | undefined
  readonly providers: readonly ProviderStatus[]
  /**
   * The reference of a text, checked against the providers and their lists of models.
   *
   * @throws {@link UnknownProviderError} {@link UnknownModelError} {@link InvalidReferenceError}
   */
  resolve(text?: string): ModelReference
  /**
   * The settings and key of a provider other than `builtin`.
   *
   * @throws {@link UnknownProviderError} {@link MissingKeyError}
   */
  getProvider(name: string): ProviderEntry
  /** Model names of a provider, for suggestions. */
  modelsOf(provider: string): readonly string[]
}

/** What the catalog is made of. */
export interface CatalogOptions {
  readonly providers: readonly ProviderConfig[]
  readonly defaultModel?: string | undefined
  readonly secrets: Secrets
}

/**
 * Builds the catalog: the configured providers, and the well-known ones that are not configured.
 *
 * @throws {@link InvalidProvidersError} two providers share a name.
 */
export function createCatalog({ providers, defaultModel, secrets }: CatalogOptions): Catalog {
  const configs = withWellKnown(providers)
  const byName = new Map(configs.map((config) => [config.name, config]))
  const statuses = [...configs.map((config) => statusOf(config, secrets)), BUILTIN_STATUS]
  const modelsOf = (name: string): readonly string[] =>
    statuses.find((status) => status.name === name)?.models ?? []
  const resolve = (text: string): ModelReference => {
    if (text !== BUILTIN && !text.includes(':')) throw bareNameError(text, statuses)
    const reference = parseModelReference(text)
    const { provider, model } = reference
    if (provider !== BUILTIN && !byName.has(provider)) {
      throw new UnknownProviderError(provider, [...byName.keys(), BUILTIN])
    }
    const allowed = provider === BUILTIN ? [BUILTIN] : byName.get(provider)?.models
    if (allowed !== undefined && !allowed.includes(model)) {
      throw new UnknownModelError(provider, model, allowed)
    }
    return reference
  }
  const ready = statuses.find((status) => status.isReady && status.defaultModel !== undefined)
  const defaultReference = defaultModel ?? referenceOf(ready ?? BUILTIN_STATUS)
  resolve(defaultReference)
  return {
    defaultReference,
    notice:
      defaultModel === undefined && defaultReference === BUILTIN ? noticeOf(statuses) : undefined,
    providers: statuses,
    resolve: (text) => resolve(text ?? defaultReference),
    getProvider(name) {
      const config = byName.get(name)
      if (config === undefined) throw new UnknownProviderError(name, [...byName.keys(), BUILTIN])
      const names = keyNamesOf(config)
      const key = findKey(names, secrets)
      if (key === undefined && names[0] !== undefined) throw new MissingKeyError(name, names[0])
      return { config, key }
    },
    modelsOf,
  }
}

const BUILTIN_STATUS: ProviderStatus = {
  name: BUILTIN,
  kind: BUILTIN,
  isReady: true,
  keyNames: [],
  defaultModel: BUILTIN,
  models: [BUILTIN],
}

/** Configured providers come first, so they win as the default. */
function withWellKnown(providers: readonly ProviderConfig[]): readonly ProviderConfig[] {
  const names = providers.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new InvalidProvidersError(`two are named "${twice}"`)
  const wellKnown: readonly ProviderConfig[] = [
    { kind: 'openai', name: 'openai' },
    { kind: 'anthropic', name: 'anthropic' },
    { kind: 'google', name: 'google' },
  ]
  return [...providers, ...wellKnown.filter(({ name }) => !names.includes(name))]
}

function keyNamesOf(config: ProviderConfig): readonly string[] {
  return config.keyName === undefined ? KNOWN_PROVIDERS[config.kind].keyNames : [config.keyName]
}

function findKey(names: readonly string[], secrets: Secrets): string | undefined {
  return names.map((name) => secrets(name)).find((key) => key !== undefined && key !== '')
}

function statusOf(config: ProviderConfig, secrets: Secrets): ProviderStatus {
  const keyNames = keyNamesOf(config)
  const known = KNOWN_PROVIDERS[config.kind]
  return {
    name: config.name,
    kind: config.kind,
    isReady: keyNames.length === 0 || findKey(keyNames, secrets) !== undefined,
    keyNames,
    defaultModel: config.defaultModel ?? config.models?.[0] ?? known.defaultModel,
    models: config.models ?? known.models,
  }
}

function referenceOf({ name, defaultModel }: ProviderStatus): string {
  return formatModelReference({ provider: name, model: defaultModel ?? BUILTIN })
}

/** A name without a provider: most often the model alone, or the provider alone. */
function bareNameError(text: string, statuses: readonly ProviderStatus[]): InvalidReferenceError {
  const isProvider = statuses.some(({ name }) => name === text)
  if (isProvider) return new InvalidReferenceError(text, `name a model too: "${text}:<model>"`)
  const known = statuses.flatMap(({ name, models }) =>
    models.map((model) => ({ model, full: formatModelReference({ provider: name, model }) })),
  )
  const near = nearestName(
    text,
    known.map(({ model }) => model),
  )
  const full = known.find(({ model }) => model === near)?.full
  return new InvalidReferenceError(text, ...(full === undefined ? [] : [`did you mean "${full}"?`]))
}

function noticeOf(statuses: readonly ProviderStatus[]): string {
  const keys = statuses.flatMap(({ keyNames }) => keyNames.slice(0, 1))
  return (
    'no model key is set, so answers come from the builtin offline model, which quotes and ' +
    `extracts but writes no prose; set ${keys.join(', ')} or configure a provider for more`
  )
}
