import { z } from 'zod'

import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { type Usage, usage } from '../../kernel/usage.ts'
import { errorRecord } from '../schema.ts'

import type { Vector } from './amounts.ts'
import type { Queued } from './place.ts'
import type {
  LimitRecord,
  QueueEntry,
  QueueStatus,
  RunTerms,
  ShareRecord,
  WorkerRecord,
} from './schema.ts'

/** The signal by which a queued step is answered. */
export const TASK_SIGNAL = '$task'

/** What a worker needs to run a step it knows nothing else of. */
export interface TaskBody {
  /** Kind of step. */
  readonly uses: string
  /** Evaluated, secrets still by name; large ones out of line. */
  readonly parameters: Json
  readonly pass: number
  /** Times the step was undone or reset before. @defaultValue 0 */
  readonly round?: number
  readonly timeoutMs?: number
}

/** A step that is put into the queue. */
export interface NewTask extends Queued {
  readonly run: string
  readonly step: string
  readonly index: number | undefined
  readonly attempt: number
  readonly labels: readonly string[]
  readonly isPreemptible: boolean
  readonly createdAt: EpochMs
  readonly body: TaskBody
}

/** A step that a worker has taken. */
export interface LeasedTask extends Omit<NewTask, 'key'> {
  /** Counts how often it was given out: what an earlier holder writes is refused. */
  readonly lease: number
  readonly workersLost: number
  /** What it had kept when it last gave way; `undefined`: nothing. */
  readonly checkpoint: Json | undefined
}

/** How a worker tells what became of a step. */
export type TaskAnswer =
  | { readonly status: 'running'; readonly worker: string }
  | {
      readonly status: 'completed'
      readonly output: Json
      /** How long it worked. */
      readonly ms: number
      readonly usage: readonly Usage[]
    }
  | {
      readonly status: 'failed'
      readonly error: ErrorRecord
      readonly isTransient: boolean
      readonly retryAfterMs: number
      readonly usage: readonly Usage[]
    }
  | { readonly status: 'cancelled' }

const json: z.ZodType<Json> = z.json()

const taskAnswer: z.ZodType<TaskAnswer> = z.discriminatedUnion('status', [
  z.object({ status: z.literal('running'), worker: z.string() }),
  z.object({
    status: z.literal('completed'),
    output: json,
    ms: z.number(),
    usage: z.array(usage),
  }),
  z.object({
    status: z.literal('failed'),
    error: z.custom<ErrorRecord>((value) => errorRecord.safeParse(value).success),
    isTransient: z.boolean(),
    retryAfterMs: z.number(),
    usage: z.array(usage),
  }),
  z.object({ status: z.literal('cancelled') }),
])

/** What a letter of a worker tells; `undefined` when it tells nothing that is known here. */
export function readAnswer(payload: Json): TaskAnswer | undefined {
  return taskAnswer.safeParse(payload).data
}

/** The end of a step on a worker. */
export interface TaskEnding {
  readonly id: string
  readonly worker: string
  readonly lease: number
  readonly status: Extract<QueueStatus, 'running' | 'completed' | 'failed' | 'cancelled'>
  readonly answer: TaskAnswer
  readonly at: EpochMs
}

/** What a worker is. */
export interface WorkerProfile {
  readonly host: string
  readonly labels: readonly string[]
  readonly models: readonly string[]
  /** In thousandths, oversubscription included. */
  readonly capacity: Vector
}

/** What a worker asks for. */
export interface LeaseRequest {
  readonly worker: string
  readonly profile: WorkerProfile
  /** Most steps it takes now. */
  readonly places: number
  readonly now: EpochMs
  /** Only steps of these runs. */
  readonly only?: readonly string[]
}

/** What a worker got. */
export interface Leased {
  readonly tasks: readonly LeasedTask[]
  /** Ids of its running steps that are to give way. */
  readonly preempt: readonly string[]
}

/** Which entries of the queue are listed: what waits first in its order, then what runs, then what has ended. */
export interface QueueRange {
  /** Absent: of every tenant. */
  readonly tenant?: string
  readonly status?: QueueStatus
  readonly limit: number
}

/** A step that a worker holds. */
export interface HeldTask {
  readonly id: string
  readonly lease: number
}

/** Waiting steps that ask for the same. */
export interface WaitingGroup {
  readonly labels: readonly string[]
  readonly needs: Vector
  readonly count: number
  /** When the first of them came. */
  readonly oldestAt: EpochMs
}

/** The queue of steps, and the workers that serve it. */
export interface TaskStore {
  /** Whether anything waits at all. */
  isWaited(): Promise<boolean>
  /** Gives a worker as many steps as it has room for; see `place`. */
  lease(request: LeaseRequest): Promise<Leased>
  /**
   * Tells the run of a step what became of it, in the commit that ends the step.
   *
   * @returns false when the step is another worker's by now: nothing was written.
   */
  settle(ending: TaskEnding): Promise<boolean>
  /** Gives a step back: `paused` when it gave way, `queued` when its worker ends. */
  giveBack(
    task: Pick<LeasedTask, 'id' | 'lease'>,
    worker: string,
    status: 'paused' | 'queued',
  ): Promise<boolean>
  /** Keeps what a step needs to go on from where it is. @returns false as for `settle`. */
  keepCheckpoint(
    task: Pick<LeasedTask, 'id' | 'lease'>,
    worker: string,
    checkpoint: Json,
  ): Promise<boolean>
  /** Steps that are this worker's. */
  listOwned(worker: string): Promise<readonly HeldTask[]>
  /** Steps of this worker that are to be cancelled. */
  listRecalls(worker: string): Promise<readonly HeldTask[]>
  /** Puts steps of workers that are gone back into the queue, and ends those that lost too many. */
  reapTasks(now: EpochMs): Promise<number>
  /** Forgets steps that ended before. */
  forgetEnded(before: EpochMs): Promise<void>
  listEntries(range: QueueRange): Promise<readonly QueueEntry[]>
  /** What waits, counted by what it asks for. */
  countWaiting(): Promise<readonly WaitingGroup[]>
  listWorkers(): Promise<readonly WorkerRecord[]>
  /** @returns false when there is no such worker. */
  setDraining(worker: string, isDraining: boolean): Promise<boolean>
  listLimits(): Promise<readonly LimitRecord[]>
  /** Sets a limit, or takes it away when `amount` is absent. */
  setLimit(limit: Omit<LimitRecord, 'amount'> & { readonly amount?: number }): Promise<void>
  listShares(): Promise<readonly ShareRecord[]>
  setShare(share: ShareRecord): Promise<void>
}

/** Priority and team of runs that say nothing. */
export const DEFAULT_TERMS: RunTerms = {
  priority: 'normal',
  team: 'default',
}
