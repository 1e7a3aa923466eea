import type { EpochMs } from '../../kernel/clock.ts'
import type { Json } from '../../kernel/json.ts'

import { total, toAmounts, type Vector } from './amounts.ts'
import type { Running } from './place.ts'
import {
  PRIORITIES,
  type Priority,
  type QueueEntry,
  queueStatus,
  type WorkerRecord,
} from './schema.ts'
import type { LeasedTask, TaskBody } from './task.ts'

/** A task that a worker runs now, as it is stored. */
export interface InUseRow {
  readonly id: string
  readonly tenant: string
  readonly team: string
  readonly owner: string
  readonly priority: number
  readonly amounts: readonly bigint[]
  readonly is_preemptible: boolean
  readonly expected_ms: bigint | null
  readonly started_ms: bigint | null
}

/** A task that waits. */
export interface TaskRow extends Omit<InUseRow, 'owner' | 'started_ms'> {
  readonly run: string
  readonly step: string
  readonly item: number | null
  readonly attempt: number
  readonly queue_key: bigint
  readonly labels: readonly string[]
  readonly body: TaskBody
  readonly lease: number
  readonly workers_lost: number
  readonly checkpoint: Json
  readonly created_ms: bigint
}

/** Reads a task that waits. */
export function toTask(row: TaskRow): LeasedTask & { readonly key: EpochMs } {
  return {
    id: row.id,
    run: row.run,
    step: row.step,
    index: row.item ?? undefined,
    attempt: row.attempt,
    tenant: row.tenant,
    team: row.team,
    priority: toPriority(row.priority),
    key: Number(row.queue_key),
    needs: toNumbers(row.amounts),
    labels: row.labels,
    isPreemptible: row.is_preemptible,
    expectedMs: toNumber(row.expected_ms),
    body: row.body,
    lease: row.lease,
    workersLost: row.workers_lost,
    checkpoint: row.checkpoint ?? undefined,
    createdAt: Number(row.created_ms),
  }
}

/** Reads what a task that runs uses. */
export function toRunning(row: InUseRow): Running {
  return {
    id: row.id,
    priority: toPriority(row.priority),
    isPreemptible: row.is_preemptible,
    uses: toNumbers(row.amounts),
    startedAt: Number(row.started_ms ?? 0),
    expectedMs: toNumber(row.expected_ms),
  }
}

/** Whatever stands in the queue: a task, or a run that has not begun. */
export interface EntryRow extends Omit<
  TaskRow,
  'body' | 'lease' | 'checkpoint' | 'expected_ms' | 'step'
> {
  readonly step: string | null
  readonly status: string
  readonly owner: string | null
  readonly started_ms: bigint | null
  readonly ended_ms: bigint | null
  readonly not_before_ms: bigint | null
}

/** Reads an entry of the queue. */
export function toEntry(row: EntryRow): QueueEntry {
  return {
    id: row.id,
    run: row.run,
    ...(row.step !== null && { step: row.step }),
    ...(row.item !== null && { index: row.item }),
    attempt: row.attempt,
    tenant: row.tenant,
    team: row.team,
    priority: toPriority(row.priority),
    status: queueStatus.parse(row.status),
    labels: [...row.labels],
    amounts: toAmounts(toNumbers(row.amounts)),
    preemptible: row.is_preemptible,
    ...(row.owner !== null && { worker: row.owner }),
    workersLost: row.workers_lost,
    createdAt: Number(row.created_ms),
    ...(row.not_before_ms !== null && { notBefore: Number(row.not_before_ms) }),
    ...(row.started_ms !== null && { startedAt: Number(row.started_ms) }),
    ...(row.ended_ms !== null && { endedAt: Number(row.ended_ms) }),
  }
}

/** A worker. */
export interface WorkerRow {
  readonly id: string
  readonly host: string
  readonly labels: readonly string[]
  readonly models: readonly string[]
  readonly capacity: readonly bigint[]
  readonly is_draining: boolean
  readonly is_lost: boolean
  readonly started_ms: bigint
  readonly expires_ms: bigint
  readonly runs: number
}

/** Reads a worker, and what its tasks use. */
export function toWorker(row: WorkerRow, busy: readonly InUseRow[]): WorkerRecord {
  return {
    id: row.id,
    host: row.host,
    labels: [...row.labels],
    models: [...row.models],
    capacity: toAmounts(toNumbers(row.capacity)),
    used: toAmounts(total(busy.map(({ amounts }) => toNumbers(amounts)))),
    tasks: busy.length,
    runs: row.runs,
    status: statusOf(row),
    startedAt: Number(row.started_ms),
    expiresAt: Number(row.expires_ms),
  }
}

function statusOf({ is_lost: isLost, is_draining: isDraining }: WorkerRow): WorkerRecord['status'] {
  if (isLost) return 'lost'
  return isDraining ? 'draining' : 'working'
}

function toPriority(level: number): Priority {
  return PRIORITIES[level] ?? 'normal'
}

/** Amounts of the database as they are counted with. */
export function toNumbers(values: readonly bigint[]): Vector {
  return values.map(Number)
}

function toNumber(value: bigint | null): number | undefined {
  return value === null ? undefined : Number(value)
}
