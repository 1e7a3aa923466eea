import type { Ids } from '../kernel/ids.ts'
import {
  createScheduler,
  createSchedules,
  createStarter,
  type Scheduler,
  type Schedules,
  type Workflows,
} from '../workflow/index.ts'

import type { Stores } from './stores.ts'
import type { Surroundings } from './surroundings.ts'

/** What schedules are opened with. */
export interface ScheduleParts {
  readonly stores: Pick<Stores, 'schedules' | 'runs' | 'artifacts'>
  readonly workflows: Workflows
  readonly ids: Ids
  /** Whether this process fires them. */
  readonly fires: boolean
}

/** Schedules, and what fires them. */
export interface OpenSchedules {
  readonly schedules: Schedules
  /** Absent in processes that fire none. */
  readonly scheduler: Scheduler | undefined
}

/** Opens schedules; what is to fire them fires them from now on. */
export async function openSchedules(
  { stores, workflows, ids, fires }: ScheduleParts,
  { clock, random, log, secrets }: Surroundings,
): Promise<OpenSchedules> {
  const { schedules: store, runs, artifacts } = stores
  const starter = createStarter({
    store,
    workflows,
    runs,
    inflate: (value) => artifacts.inflate(value),
    clock,
    log,
  })
  const scheduler = fires ? createScheduler({ store, starter, clock, log }) : undefined
  await scheduler?.start()
  return {
    schedules: createSchedules({ store, starter, runs, workflows, secrets, clock, ids, random }),
    scheduler,
  }
}
