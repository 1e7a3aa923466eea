import type { Id } from '../../kernel/ids.ts'
import { errorRecord } from '../schema.ts'

import { fireCause, fireStatus, scheduleSpec, scheduleStatus } from './schema.ts'
import { type FireState, listensToEvents, type ScheduleState } from './state.ts'
import type { ScheduleChange } from './store.ts'

/** A schedule as it is stored. */
export interface ScheduleRow {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly version: number
  readonly revision: number
  readonly status: string
  readonly workflow: string
  readonly definition: string
  readonly spec: unknown
  readonly hook_hash: string | null
  readonly created_ms: bigint
  readonly set_ms: bigint
  readonly updated_ms: bigint
  readonly cursor_ms: bigint
  readonly seq: bigint
  readonly next_ms: bigint | null
  readonly due_ms: bigint | null
  readonly fires: number
  readonly missed: number
  readonly skipped: number
  readonly parked: number
}

/** Reads a schedule. */
export function toState(row: ScheduleRow): ScheduleState {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    version: row.version,
    revision: row.revision,
    status: scheduleStatus.parse(row.status),
    workflow: row.workflow,
    definition: row.definition,
    spec: scheduleSpec.parse(row.spec),
    ...(row.hook_hash !== null && { hookHash: row.hook_hash }),
    createdAt: Number(row.created_ms),
    setAt: Number(row.set_ms),
    updatedAt: Number(row.updated_ms),
    cursor: Number(row.cursor_ms),
    seq: Number(row.seq),
    ...(row.next_ms !== null && { nextAt: Number(row.next_ms) }),
    ...(row.due_ms !== null && { dueAt: Number(row.due_ms) }),
    fires: row.fires,
    missed: row.missed,
    skipped: row.skipped,
    parked: row.parked,
  }
}

/** A schedule as JSON that the database reads a row from. */
export function scheduleRow(state: ScheduleState): object {
  return {
    id: state.id,
    tenant: state.tenant,
    name: state.name,
    version: state.version,
    revision: state.revision,
    status: state.status,
    workflow: state.workflow,
    definition: state.definition,
    spec: state.spec,
    hook_hash: state.hookHash,
    created_ms: state.createdAt,
    set_ms: state.setAt,
    updated_ms: state.updatedAt,
    cursor_ms: state.cursor,
    seq: state.seq,
    next_ms: state.nextAt,
    due_ms: state.dueAt,
    listens: state.status === 'active' && listensToEvents(state),
    fires: state.fires,
    missed: state.missed,
    skipped: state.skipped,
    parked: state.parked,
  }
}

/** A fire as it is stored. */
export interface FireRow {
  readonly schedule: string
  readonly key: string
  readonly run: Id<'run'>
  readonly version: number
  readonly cause: string
  readonly scheduled_ms: bigint
  readonly decided_ms: bigint
  readonly status: string
  readonly reason: unknown
  readonly inputs: FireState['inputs']
  readonly backfill: string | null
  readonly concurrency: number | null
  readonly is_open: boolean
  readonly is_cancelled: boolean
}

/** Reads a fire. */
export function toFire(row: FireRow): FireState {
  const { backfill: id, concurrency } = row
  return {
    key: row.key,
    run: row.run,
    version: row.version,
    cause: fireCause.parse(row.cause),
    scheduledAt: Number(row.scheduled_ms),
    decidedAt: Number(row.decided_ms),
    status: fireStatus.parse(row.status),
    ...(row.reason !== null && { reason: errorRecord.parse(row.reason) }),
    inputs: row.inputs,
    ...(id !== null && { backfill: { id, concurrency: concurrency ?? 1 } }),
    isOpen: row.is_open,
    isCancelled: row.is_cancelled,
  }
}

/** How long the process that decides on a fire has to begin its run, milliseconds. */
export const START_LEASE_MS = 10_000

/** Fires as JSON that the database reads rows from. */
export function fireRows({ state, fires, at }: ScheduleChange): readonly object[] {
  return fires.map((fire) => ({
    schedule: state.id,
    key: fire.key,
    run: fire.run,
    version: fire.version,
    cause: fire.cause,
    scheduled_ms: fire.scheduledAt,
    decided_ms: fire.decidedAt,
    status: fire.status,
    reason: fire.reason,
    inputs: fire.inputs,
    backfill: fire.backfill?.id,
    concurrency: fire.backfill?.concurrency,
    is_open: fire.isOpen,
    is_cancelled: fire.isCancelled,
    claimed_ms: fire.status === 'starting' ? at + START_LEASE_MS : 0,
  }))
}
