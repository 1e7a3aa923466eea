import type { EpochMs } from '../../../kernel/clock.ts'
import type { TimedEvent } from '../../host/run-store.ts'
import type { UnitRef } from '../../machine/events.ts'
import type { RunState } from '../../machine/state.ts'
import type { RunRecord } from '../../schema.ts'

/** Who has a run, and who could. */
export interface Whereabouts {
  readonly owner: string | undefined
  /** What is left of the owner's lease, milliseconds; negative when it has run out. */
  readonly leaseLeftMs: number | undefined
  /** Whether its last owner was lost, and nobody has taken it up since. */
  readonly isOrphan: boolean
  /** When anybody may claim it. */
  readonly wakeAt: EpochMs | undefined
  /** Signals that nobody has read. */
  readonly unread: number
  /** Workers that show that they live. */
  readonly workers: number
  /** Units in the queue of steps, or out of it and on some worker. */
  readonly tasks: readonly QueuedTask[]
  readonly now: EpochMs
}

/** A unit that asked for a worker of a kind. */
export interface QueuedTask extends UnitRef {
  readonly labels: readonly string[]
  readonly amounts: Readonly<Record<string, number>>
  /** The worker it runs on. */
  readonly owner: string | undefined
  readonly workersLost: number
  readonly since: EpochMs
  /** Workers that live and would do. */
  readonly able: number
}

/** Everything that can be known of why a run is where it is. */
export interface Facts {
  readonly record: RunRecord
  readonly state: RunState
  readonly events: readonly TimedEvent[]
  readonly where: Whereabouts
}
