import { mkdir } from 'node:fs/promises'

import { parseFtns } from '../kernel/money.ts'
import { createEngine, type Engine, type HostDeps, quoteRun } from '../workflow/index.ts'

import type { Config } from './config.ts'
import { readWorkerProfile } from './worker-profile.ts'

/** What a worker needs; it makes the folders of runs itself. */
export interface WorkerDeps extends Omit<HostDeps, 'folderOf'> {
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
  const engine = createEngine(host, {
    slots,
    leaseMs,
    maxRuns,
    profile: await readWorkerProfile(config),
    claims: worker === 'all',
    budgetOf: async (workflow, inputs) => (await quoteRun(workflow, inputs, terms)).budget,
  })
  await engine.start()
  return engine
}

async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return folder
}
