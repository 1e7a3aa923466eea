import { mkdir } from 'node:fs/promises'

import { parseFtns } from '../kernel/money.ts'
import {
  createEngine,
  createRestateEngine,
  type Engine,
  type EngineOptions,
  quoteRun,
  type RestateDeps,
  type RestateOptions,
} from '../workflow/index.ts'

import type { Config } from './config.ts'
import { readWorkerProfile } from './worker-profile.ts'

/** What a worker needs; it makes the folders of runs itself. */
export interface WorkerDeps extends Omit<RestateDeps, 'folderOf'> {
  folderOf(run: string): string
}

/** Starts the worker of this process, if the role asks for one. */
export async function openWorker(
  deps: WorkerDeps,
  config: Config,
  { worker }: { readonly worker: 'none' | 'own' | 'all' },
): Promise<Engine | undefined> {
  if (worker === 'none') return undefined
  const { slots, leaseMs, maxRuns, leastBudget: least } = config
  const { pricing } = deps
  const terms = { pricing, leastBudget: parseFtns(least) }
  const host = { ...deps, folderOf: (run: string) => makeFolder(deps.folderOf(run)) }
  const options: EngineOptions = {
    slots,
    leaseMs,
    maxRuns,
    profile: await readWorkerProfile(config),
    claims: worker === 'all',
    budgetOf: async (workflow, inputs) => (await quoteRun(workflow, inputs, terms)).budget,
  }
  const engine =
    config.workflowHost === 'postgres'
      ? createEngine(host, options)
      : createRestateEngine(host, { ...options, restate: toRestate(config) })
  await engine.start()
  return engine
}

function toRestate(settings: Config): RestateOptions['restate'] {
  return {
    ingressUrl: settings.restateUrl,
    adminUrl: settings.restateAdminUrl,
    host: settings.restateHost,
    port: settings.restatePort,
    serviceUrl: settings.restateServiceUrl,
    identityKey: settings.restateIdentityKey,
  }
}

async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return folder
}
