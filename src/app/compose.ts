import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { createAgentKind, createCompressKind, createModelKind } from '../agents/index.ts'
import { createIds } from '../kernel/ids.ts'
import type { Journal } from '../kernel/journal.ts'
import { parseFtns } from '../kernel/money.ts'
import type { Ledger } from '../ledger/index.ts'
import type { Models } from '../models/index.ts'
import { createPricing, DEFAULT_PRICES, type Pricing } from '../pricing/index.ts'
import {
  createEngine,
  createWorkflows,
  type Engine,
  FLOW_KINDS,
  type HostDeps,
  quoteRun,
  type StepKind,
  type StepKinds,
  type Workflows,
} from '../workflow/index.ts'

import type { Config } from './config.ts'
import type { OpenDatabase } from './database.ts'
import { openModels } from './models.ts'
import { openStores } from './stores.ts'
import type { Surroundings } from './surroundings.ts'

/** Which part a process plays. */
export interface Role {
  /** Whether it runs steps, and whether it takes up runs of others. */
  readonly worker: 'none' | 'own' | 'all'
  /** Kinds of step beside those that PRSM brings along. */
  readonly kinds?: readonly StepKind[]
}

/** The platform in one process. */
export interface Platform {
  readonly config: Config
  readonly engine: Engine | undefined
  readonly workflows: Workflows
  readonly ledger: Ledger
  readonly journal: Journal
  readonly pricing: Pricing
  readonly models: Models
  readonly kinds: StepKinds
  readonly database: OpenDatabase
  /** The folder of a run; made by its first step that needs it. */
  folderOf(run: string): string
  /** Lets running steps end for `graceMs`, then closes everything in order. @defaultValue 5_000 */
  close(graceMs?: number): Promise<void>
}

/** Opens the platform: database, books, journal and, if the role asks for it, a worker. */
export async function openPlatform(
  config: Config,
  surroundings: Surroundings,
  role: Role,
): Promise<Platform> {
  const stores = await openStores(config, surroundings)
  const { ledger, journal, runs } = stores
  await ledger.welcome(config.tenant, parseFtns(config.welcomeGrant))
  const { clock, random } = surroundings
  const pricing = createPricing(config.prices ?? DEFAULT_PRICES)
  const opened = openModels(config, surroundings)
  const { models } = opened
  const kinds = allKinds(models, role.kinds ?? [])
  const ids = createIds({ clock, random })
  const folderOf = (run: string): string => join(resolve(config.dataDir), 'runs', run)
  const host = { ...surroundings, store: runs, artifacts: stores.artifacts, kinds, ids, pricing }
  const engine = createWorker(
    { ...host, folderOf: (run) => makeFolder(folderOf(run)) },
    config,
    role,
  )
  await engine?.start()
  return {
    config,
    engine,
    workflows: createWorkflows({ store: runs, kinds, pricing, clock, ids, engine }),
    ledger,
    journal,
    pricing,
    models,
    kinds,
    database: stores.opened,
    folderOf,
    async close(graceMs = 5_000) {
      await engine?.stop(graceMs)
      await opened.close()
      await stores.close()
    },
  }
}

function allKinds(models: Models, more: readonly StepKind[]): StepKinds {
  const kinds = [
    ...FLOW_KINDS,
    createModelKind(models),
    createAgentKind({ models, tools: [] }),
    createCompressKind(models),
    ...more,
  ]
  return new Map(kinds.map((kind) => [kind.name, kind]))
}

function createWorker(
  host: HostDeps,
  { slots, leaseMs }: Config,
  { worker }: Role,
): Engine | undefined {
  if (worker === 'none') return undefined
  const { pricing } = host
  return createEngine(host, {
    slots,
    leaseMs,
    claims: worker === 'all',
    budgetOf: async (workflow, inputs) => (await quoteRun(workflow, inputs, { pricing })).budget,
  })
}

async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return folder
}
