import { cp } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'

import { isErrno } from '../kernel/errno.ts'
import { createIds } from '../kernel/ids.ts'
import type { Journal } from '../kernel/journal.ts'
import { parseFtns } from '../kernel/money.ts'
import type { Ledger } from '../ledger/index.ts'
import type { Bundles, Library, Templates } from '../library/index.ts'
import type { Models } from '../models/index.ts'
import { createPricing, DEFAULT_PRICES, type Pricing } from '../pricing/index.ts'
import type { Progress } from '../progress/index.ts'
import type { Vault } from '../vault/index.ts'
import {
  type BreakerWatch,
  type ChunkStore,
  createBreakerWatch,
  createHistory,
  createQueue,
  createRollbacks,
  createWorkflows,
  type Engine,
  type History,
  type HostDeps,
  maskJournal,
  type Queue,
  type Rollbacks,
  type StepKind,
  type StepKinds,
  type Workflows,
} from '../workflow/index.ts'

import { openBreakers } from './breakers.ts'
import type { Config } from './config.ts'
import type { Reach } from './crash-points.ts'
import type { OpenDatabase } from './database.ts'
import { createInputFiles } from './input-files.ts'
import { openKinds } from './kinds.ts'
import { openLibrary } from './library.ts'
import { openModels } from './models.ts'
import { openProgress } from './progress.ts'
import { openPruner } from './pruner.ts'
import { openSchedules, type OpenSchedules } from './schedules.ts'
import { openStores } from './stores.ts'
import type { Surroundings } from './surroundings.ts'
import { openVault } from './vault.ts'
import { openWorker } from './worker.ts'

/** Which part a process plays. */
export interface Role {
  /** Whether it runs steps, and whether it takes up runs of others. */
  readonly worker: 'none' | 'own' | 'all'
  /** Whether it fires schedules. @defaultValue true for a worker that takes up runs of others */
  readonly fires?: boolean
  /** Kinds of step beside those that PRSM brings along. */
  readonly kinds?: readonly StepKind[]
  /**
   * Whether definitions and inputs come from whoever started the process, and so may name any of
   * their files; otherwise only what lies below `codeRoots` and `inputRoots`. @defaultValue false
   */
  readonly isOwn?: boolean
  /** Called at every crash point: for tests which end or hold up the process there. */
  readonly reach?: Reach
}

/** The platform in one process. */
export interface Platform extends OpenSchedules {
  readonly config: Config
  readonly engine: Engine | undefined
  readonly workflows: Workflows
  readonly queue: Queue
  readonly breakers: BreakerWatch
  readonly library: Library
  readonly progress: Progress
  readonly templates: Templates
  readonly history: History
  readonly rollbacks: Rollbacks
  readonly bundles: Bundles
  readonly ledger: Ledger
  readonly journal: Journal
  readonly chunks: Pick<ChunkStore, 'read' | 'follow'>
  readonly pricing: Pricing
  readonly models: Models
  readonly kinds: StepKinds
  readonly database: OpenDatabase
  readonly vault: Vault
  /** The folder of a run; made by its first step that needs it. */
  folderOf(run: string): string
  /** Lets running steps end for `graceMs`, then closes everything in order. Again: waits for the
   * first call. @defaultValue 5_000
   */
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
  const { stores, parts, secrets, models, closeParts } = await openParts(config, surroundings, role)
  const { ids, folderOf, artifacts, tasks, kinds, pricing, sealing: vault } = parts
  const { clock } = surroundings
  const engine = await openWorker({ ...surroundings, ...parts, secrets }, config, role).catch(
    async (fault: unknown) => {
      await closeParts()
      throw fault
    },
  )
  const inputRoots = role.isOwn === true ? ANYWHERE : config.inputRoots
  const inputFiles = createInputFiles({ roots: inputRoots, folderOf })
  const leastBudget = parseFtns(config.leastBudget)
  const service = { ...parts, clock, leastBudget, engine, inputFiles }
  const workflows = createWorkflows(service)
  const fires = role.fires ?? role.worker === 'all'
  const times = await openSchedules({ stores, workflows, ids, fires }, surroundings)
  const stopPruner = openPruner({ config, stores, clock, log: surroundings.log }, role)
  const { progress, stop } = openProgress(
    { ...surroundings, ...stores, workflows },
    role.worker !== 'none',
  )
  return {
    config,
    engine,
    workflows,
    progress,
    ...openLibrary({ config, stores, workflows, clock }),
    history: createHistory({
      ...service,
      history: stores.history,
      artifacts,
      copyFolder: (from, to) => copyFolder(folderOf(from), folderOf(to)),
    }),
    rollbacks: createRollbacks({ ...parts, incidents: stores.incidents, workflows }),
    queue: createQueue({ tasks, clock }),
    breakers: createBreakerWatch(parts),
    ...times,
    ledger: stores.ledger,
    journal: maskJournal(stores.journal),
    chunks: stores.chunks,
    vault,
    pricing,
    models,
    kinds,
    database: stores.opened,
    folderOf,
    close: once(async (graceMs = 5_000) => {
      await times.scheduler?.stop()
      await stopPruner()
      await stop()
      await engine?.stop(graceMs)
      await closeParts()
    }),
  }
}

/** What everything else is built on, and how it is closed again. */
async function openParts(config: Config, surroundings: Surroundings, role: Role) {
  const stores = await openStores(config, surroundings, role.reach)
  await stores.ledger.welcome(config.tenant, parseFtns(config.welcomeGrant))
  const { clock, random, environment } = surroundings
  const pricing = createPricing(config.prices ?? DEFAULT_PRICES)
  const breakers = openBreakers(config, surroundings)
  const opened = openModels(config, surroundings, breakers)
  const { models } = opened
  const codeRoots = role.isOwn === true ? ANYWHERE : config.codeRoots
  const more = role.kinds ?? []
  const steps = openKinds({ clock, environment, models, config, codeRoots, more, breakers })
  const ids = createIds({ clock, random })
  const folderOf = (run: string): string => join(resolve(config.dataDir), 'runs', run)
  const { runs: store, tasks, inbox, artifacts, board } = stores
  const chunks = config.keepTextHours === 0 ? undefined : stores.chunks
  const { kinds } = steps
  const sealing = openVault(config, { database: stores.opened.database, clock, random })
  return {
    stores,
    models,
    secrets: secretsOf(surroundings, sealing),
    parts: {
      store,
      tasks,
      inbox,
      artifacts,
      chunks,
      kinds,
      ids,
      pricing,
      folderOf,
      sealing,
      breakers,
      board,
    },
    closeParts: async (): Promise<void> => {
      await steps.close()
      await opened.close()
      await stores.close()
    },
  }
}

/** A folder that is not there is one that no step has needed. */
async function copyFolder(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true, verbatimSymlinks: true })
  } catch (fault) {
    if (!isErrno(fault) || fault.code !== 'ENOENT') throw fault
  }
}

/** The environment of a worker goes before what a tenant has stored. */
function secretsOf(surroundings: Surroundings, vault: Vault): HostDeps['secrets'] {
  return (tenant, name) => surroundings.secrets(name) ?? vault.findSecret(tenant, name)
}

/** Closes at the first call; later ones wait for it. */
function once(close: (graceMs?: number) => Promise<void>): (graceMs?: number) => Promise<void> {
  let closing: Promise<void> | undefined
  return (graceMs) => (closing ??= close(graceMs))
}
