import { availableParallelism } from 'node:os'

import type { Breakers } from '../kernel/breakers.ts'
import {
  createAlgorithmThreads,
  createBuiltinModel,
  createModels,
  createPolicyGuards,
  type Models,
} from '../models/index.ts'

import type { Config } from './config.ts'
import type { Surroundings } from './surroundings.ts'

/** The models service and its threads. */
export interface OpenModels {
  readonly models: Models
  close(): Promise<void>
}

/** Opens the models service; providers and the offline model load at their first use. */
export function openModels(
  config: Config,
  surroundings: Surroundings,
  breakers: Breakers,
): OpenModels {
  const { clock, random, log, telemetry, keys } = surroundings
  const maxBuiltin = availableParallelism()
  const threads = createAlgorithmThreads(maxBuiltin)
  const models = createModels({
    providers: config.providers,
    defaultModel: config.model,
    secrets: keys,
    maxBuiltin,
    loadBuiltin: async () => createBuiltinModel(threads.algorithms),
    clock,
    random,
    log,
    telemetry,
    fetch: globalThis.fetch,
    createGuards: createPolicyGuards({ breakers, clock, random }),
  })
  return { models, close: () => threads.close() }
}
