import type { Artifacts } from '../../artifacts/index.ts'
import type { Breakers } from '../../kernel/breakers.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Random } from '../../kernel/random.ts'
import type { Telemetry } from '../../kernel/telemetry.ts'
import type { Pricing } from '../../pricing/index.ts'
import type { BreakerBoard } from '../breakers/breaker-board.ts'
import type { ChunkStore } from '../chunks/chunk-store.ts'
import type { StepKinds } from '../definition/check.ts'
import type { TaskStore } from '../queue/task.ts'
import type { Sealing } from '../sealing.ts'

import type { RunStore } from './run-store.ts'

/** What running steps needs from outside. */
export interface HostDeps {
  readonly store: RunStore
  readonly tasks: TaskStore
  readonly kinds: StepKinds
  readonly artifacts: Artifacts
  /** Where steps write text while they work; absent: nowhere. */
  readonly chunks?: Pick<ChunkStore, 'write'> | undefined
  readonly pricing: Pricing
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Log
  readonly telemetry: Telemetry
  /** Value of a tenant's secret; `undefined` when it is not set. */
  readonly secrets: (
    tenant: string,
    name: string,
  ) => string | undefined | Promise<string | undefined>
  readonly sealing: Sealing
  /** Those of this process, and where they are shown. */
  readonly breakers: Breakers
  readonly board: BreakerBoard
  /** Makes a run's own folder and returns its absolute path. */
  readonly folderOf: (run: string) => Promise<string>
}
