import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Id } from '../../kernel/ids.ts'
import type { Result } from '../../kernel/result.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'

import type { ActiveRun, RunHooks } from './active-run.ts'
import type { HostDeps } from './deps.ts'

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
  readonly budgetOf: RunHooks['budgetOf']
}

/** What an engine knows; owned by one engine and changed in place. */
export interface EngineState {
  readonly deps: HostDeps
  readonly options: Required<Omit<EngineOptions, 'budgetOf' | 'slots'>>
  readonly hooks: RunHooks
  readonly runs: Map<string, ActiveRun>
  readonly workflows: Map<string, CompiledWorkflow>
  /** Runs whose creation is being committed. */
  readonly births: Map<string, (result: Result<void, ErrorRecord>) => void>
  /** Who waits for a run to leave memory. */
  readonly departures: Map<string, ((run: ActiveRun) => void)[]>
  /** Runs this worker owns without knowing their history: to be freed as soon as it can be done. */
  readonly strays: Map<string, string>
  /**
   * Runs to be taken up again by a worker that claims no others, none of them in memory. One that
   * somebody else has ended meanwhile stays a name in here.
   */
  readonly parked: Set<string>
  readonly cancels: Set<() => void>
  worker: Id<'work'>
  phase: 'new' | 'working' | 'stopping' | 'stopped'
  isLooking: boolean
  isLookDue: boolean
}
