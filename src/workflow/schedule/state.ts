import type { EpochMs } from '../../kernel/clock.ts'
import type { Id } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'

import type {
  Fire,
  FireCause,
  FireStatus,
  Schedule,
  ScheduleSpec,
  ScheduleStatus,
} from './schema.ts'

/** A schedule as it is kept. */
export interface ScheduleState {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly createdAt: EpochMs
  readonly version: number
  /** Events of its stream in the journal; whoever writes the next one first has changed it. */
  readonly revision: number
  readonly status: ScheduleStatus
  readonly workflow: string
  readonly definition: string
  readonly spec: ScheduleSpec
  /** Hash of the secret in the path of its webhook. */
  readonly hookHash?: string
  /** When this version was set; delays and intervals count from it. */
  readonly setAt: EpochMs
  readonly updatedAt: EpochMs
  /** Every time up to here is decided. */
  readonly cursor: EpochMs
  /** Every event of the tenant up to here is decided. */
  readonly seq: number
  /** When it fires next by time. */
  readonly nextAt?: EpochMs
  /** When somebody has to look at it next. */
  readonly dueAt?: EpochMs
  readonly fires: number
  readonly missed: number
  readonly skipped: number
  readonly parked: number
}

/** A fire as it is kept. */
export interface FireState {
  readonly key: string
  readonly run: Id<'run'>
  readonly version: number
  readonly cause: FireCause
  readonly scheduledAt: EpochMs
  readonly decidedAt: EpochMs
  readonly status: FireStatus
  readonly reason?: NonNullable<Fire['reason']>
  /** Inputs of this fire, before those of the schedule. */
  readonly inputs: JsonObject
  /** The back-fill it belongs to, and how many of its fires may be under way. */
  readonly backfill?: { readonly id: string; readonly concurrency: number }
  /** Whether it waits, or its run has not ended. */
  readonly isOpen: boolean
  /** Whether its run is to be cancelled. */
  readonly isCancelled: boolean
}

/** A fact of a schedule, for the journal. */
export interface ScheduleEvent {
  readonly kind: `schedule.${string}`
  readonly data: JsonObject
}

/** A schedule as it is shown. */
export function toSchedule(state: ScheduleState, waiting: number): Schedule {
  const { id, tenant, name, version, status, workflow, definition, spec } = state
  const { createdAt, updatedAt, nextAt, fires, missed, skipped, parked } = state
  return {
    id,
    tenant,
    name,
    version,
    status,
    workflow,
    definition,
    spec,
    createdAt,
    updatedAt,
    ...(nextAt !== undefined && status === 'active' && { nextAt }),
    fires,
    missed,
    skipped,
    parked,
    waiting,
  }
}

/** A fire as it is shown. */
export function toFire(state: FireState): Fire {
  const { key, run, version, cause, scheduledAt, decidedAt, status, reason } = state
  const shown = { key, run, version, cause, scheduledAt, decidedAt, status }
  return { ...shown, ...(reason !== undefined && { reason }) }
}

/** Whether a schedule fires for events of the journal. */
export function listensToEvents({ spec }: Pick<ScheduleState, 'spec'>): boolean {
  return spec.trigger.kind === 'event' || spec.trigger.kind === 'after'
}
