import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Random } from '../../kernel/random.ts'
import type { RunStore } from '../host/run-store.ts'
import type { Workflows } from '../workflows.ts'

import type { TriggerRequest } from './schema.ts'
import type { Starter } from './starter.ts'
import type { ScheduleStore } from './store.ts'

/** What the service needs. */
export interface SchedulesDeps {
  readonly store: ScheduleStore
  readonly starter: Starter
  readonly runs: Pick<RunStore, 'findDefinition'>
  readonly workflows: Pick<Workflows, 'keepDefinition'>
  /** Value of a secret; `undefined` when it is not set. */
  readonly secrets: (name: string) => string | undefined
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
}

/** Who asks for something to be done with which schedule. */
export interface ScheduleCall {
  readonly tenant: string
  /** Its name or id. */
  readonly schedule: string
  /** The key, or `local`. */
  readonly by: string
}

/** A fire by hand. */
export interface TriggerCall extends ScheduleCall, TriggerRequest {
  /** Names the fire: one of this name that there is already is given back. */
  readonly fire?: string
}
