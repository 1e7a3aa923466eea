import type { LimitRequest, ShareRequest } from '../../api/schema.ts'
import type { BreakerRecord } from '../../workflow/breakers/schema.ts'
import type {
  LimitRecord,
  PoolRecord,
  QueueEntry,
  QueueLoad,
  QueueStatus,
  ShareRecord,
  WorkerRecord,
} from '../../workflow/queue/schema.ts'

import type { CallOptions, EffectOptions } from './options.ts'

/** Which entries of the queue are listed. */
export interface QueueFilter extends CallOptions {
  readonly status?: QueueStatus
  /** 1 to 1,000. @defaultValue 200 */
  readonly limit?: number
}

/** What waits for compute, what there is of it, and what it calls outside. */
export interface QueueMethods {
  /** What waits first, in its order; then what runs; then what has ended lately. */
  listQueue(filter?: QueueFilter): Promise<readonly QueueEntry[]>
  listPools(options?: CallOptions): Promise<readonly PoolRecord[]>
  queueLoad(options?: CallOptions): Promise<QueueLoad>
  listLimits(options?: CallOptions): Promise<readonly LimitRecord[]>
  /** Gives the limits there are then. */
  setLimit(request: LimitRequest, options?: EffectOptions): Promise<readonly LimitRecord[]>
  listShares(options?: CallOptions): Promise<readonly ShareRecord[]>
  /** Gives the shares there are then. */
  setShare(request: ShareRequest, options?: EffectOptions): Promise<readonly ShareRecord[]>
  listWorkers(options?: CallOptions): Promise<readonly WorkerRecord[]>
  /** Lets a worker take nothing more from the queue, or again. */
  drainWorker(id: string, isDraining: boolean, options?: EffectOptions): Promise<WorkerRecord>
  /** What workers call outside, and whether they do at present. */
  listBreakers(options?: CallOptions): Promise<readonly BreakerRecord[]>
  /** Has the circuit of a dependency closed by every worker; gives the circuits as they were. */
  resetBreaker(dependency: string, options?: EffectOptions): Promise<readonly BreakerRecord[]>
}
