import { mkdir } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'

import { createIds } from '../kernel/ids.ts'
import type { Journal } from '../kernel/journal.ts'
import { parseFtns } from '../kernel/money.ts'
import type { Ledger } from '../ledger/index.ts'
import type { Models } from '../models/index.ts'
import { createPricing, DEFAULT_PRICES, type Pricing } from '../pricing/index.ts'
import {
  createEngine,
  createRestateEngine,
  createWorkflows,
  type Engine,
  type EngineOptions,
  quoteRun,
  type RestateDeps,
  type RestateOptions,
  type StepKind,
  type StepKinds,
  type Workflows,
} from '../workflow/index.ts'

import type { Config } from './config.ts'
import type { OpenDatabase } from './database.ts'
import { createInputFiles } from './input-files.ts'
import { openKinds } from './kinds.ts'
import { openModels } from './models.ts'
import { openStores } from './stores.ts'
import type { Surroundings } from './surroundings.ts'

/** Which part a process plays. */
export interface Role {
  /** Whether it runs steps, and whether it takes up runs of others. */
  readonly worker: 'none' | 'own' | 'all'
  /** Kinds of step beside those that PRSM brings along. */
  readonly kinds?: readonly StepKind[]
  /**
   * Whether definitions and inputs come from whoever started the process, and so may name any of
   * their files; otherwise only what lies below `codeRoots` and `inputRoots`. @defaultValue false
   */
  readonly isOwn?: boolean
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

/** The whole file system. */
const ANYWHERE = [parse(resolve('.')).root]

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
  const leastBudget = parseFtns(config.leastBudget)
  const opened = openModels(config, surroundings)
  const { models } = opened
  const codeRoots = role.isOwn === true ? ANYWHERE : config.codeRoots
  const { environment } = surroundings
  const more = role.kinds ?? []
  const steps = openKinds({ clock, environment, models, config, codeRoots, more })
  const { kinds } = steps
  const ids = createIds({ clock, random })
  const folderOf = (run: string): string => join(resolve(config.dataDir), 'runs', run)
  const host = { ...surroundings, store: runs, artifacts: stores.artifacts, kinds, ids, pricing }
  const engine = createWorker(
    { ...host, inbox: stores.inbox, folderOf: (run) => makeFolder(folderOf(run)) },
    config,
    role,
  )
  await engine?.start()
  const inputRoots = role.isOwn === true ? ANYWHERE : config.inputRoots
  const inputFiles = createInputFiles({ roots: inputRoots, folderOf })
  return {
    config,
    engine,
    workflows: createWorkflows({
      store: runs,
      kinds,
      pricing,
      leastBudget,
      clock,
      ids,
      engine,
      inputFiles,
    }),
    ledger,
    journal,
    pricing,
    models,
    kinds,
    database: stores.opened,
    folderOf,
    async close(graceMs = 5_000) {
      await engine?.stop(graceMs)
      await steps.close()
      await opened.close()
      await stores.close()
    },
  }
}

function createWorker(host: RestateDeps, settings: Config, { worker }: Role): Engine | undefined {
  if (worker === 'none') return undefined
  const { slots, leaseMs, leastBudget: least } = settings
  const { pricing } = host
  const terms = { pricing, leastBudget: parseFtns(least) }
  const options: EngineOptions = {
    slots,
    leaseMs,
    claims: worker === 'all',
    budgetOf: async (workflow, inputs) => (await quoteRun(workflow, inputs, terms)).budget,
  }
  return settings.workflowHost === 'postgres'
    ? createEngine(host, options)
    : createRestateEngine(host, { ...options, restate: toRestate(settings) })
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
