import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Id } from '../../kernel/ids.ts'
import type { Result } from '../../kernel/result.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { NOTHING } from '../queue/amounts.ts'
import type { LeasedTask, WorkerProfile } from '../queue/task.ts'

import type { ActiveRun, RunHooks } from './active-run.ts'
import type { HostDeps } from './deps.ts'
import type { Stray } from './run-store.ts'
import type { Slots } from './slots.ts'
import type { Stop } from './stop.ts'

/** A worker that offers nothing to steps which ask for a worker of their own. */
export const NO_PROFILE: WorkerProfile = { host: '', labels: [], models: [], capacity: NOTHING }

/** How a worker behaves. */
export interface EngineOptions {
  /** How long runs stay this worker's without a sign of life, milliseconds. @defaultValue 15_000 */
  readonly leaseMs?: number
  /** Steps at once, over all runs. @defaultValue 1_024 */
  readonly slots?: number
  /** Runs in memory at once. @defaultValue 2_000 */
  readonly maxRuns?: number
  /** How often it looks for work without being told, milliseconds. @defaultValue 1_000 */
  readonly pollMs?: number
  /**
   * Whether it claims runs that others have started or left; if not, it takes up again only what it
   * has begun or taken, and the runs that steps of these begin. @defaultValue true
   */
  readonly claims?: boolean
  /** Events between two snapshots of a run at least. @defaultValue 1_000 */
  readonly snapshotEvery?: number
  /** What it is, and has for units that ask for a worker. @defaultValue nothing */
  readonly profile?: WorkerProfile
  readonly budgetOf: RunHooks['budgetOf']
}

/** A unit from the queue that runs here. */
export interface ServedTask {
  readonly task: LeasedTask
  readonly stop: Stop
  /** Why it was stopped by this worker; it is then given back instead of answered. */
  gaveWay: 'paused' | 'queued' | undefined
  /** Values that must not be in what it gives. */
  readonly hidden: string[]
}

/** What an engine knows; owned by one engine and changed in place. */
export interface EngineState {
  readonly deps: HostDeps
  readonly options: Required<Omit<EngineOptions, 'budgetOf' | 'slots' | 'snapshotEvery'>>
  readonly hooks: RunHooks
  readonly slots: Slots
  readonly runs: Map<string, ActiveRun>
  readonly workflows: Map<string, CompiledWorkflow>
  /** Runs whose creation is being committed. */
  readonly births: Map<string, (result: Result<void, ErrorRecord>) => void>
  /** Who waits for a run to leave memory. */
  readonly departures: Map<string, ((run: ActiveRun) => void)[]>
  /** Runs this worker owns without knowing their history: to be freed as soon as it can be done. */
  readonly strays: Map<string, Stray>
  /**
   * Runs to be taken up again by a worker that claims no others, none of them in memory. One that
   * somebody else has ended meanwhile stays a name in here.
   */
  readonly parked: Set<string>
  /** Runs and units of this worker that it did not know when it last looked. */
  readonly unknown: Set<string>
  /** Units from the queue that run here, by their ids. */
  readonly served: Map<string, ServedTask>
  readonly cancels: Set<() => void>
  /** What looks and beats at this moment: it ends before the database is closed. */
  readonly turns: Set<Promise<void>>
  worker: Id<'work'>
  phase: 'new' | 'working' | 'stopping' | 'stopped'
  /** Whether more runs wait than this worker has room for. */
  hasBacklog: boolean
  isLooking: boolean
  isLookDue: boolean
}
