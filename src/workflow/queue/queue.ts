import type { Clock } from '../../kernel/clock.ts'
import { PlatformError } from '../../kernel/errors.ts'

import {
  fits,
  NOTHING,
  onMachine,
  plus,
  toAmounts,
  total,
  toVector,
  type Vector,
} from './amounts.ts'
import {
  type LimitRecord,
  type PoolRecord,
  type QueueEntry,
  type QueueLoad,
  RESOURCES,
  type ShareRecord,
  type WorkerRecord,
} from './schema.ts'
import type { QueueRange, TaskStore, WaitingGroup } from './task.ts'

/** Thrown when a worker is named that is not there. */
export class UnknownWorkerError extends PlatformError {
  readonly code = 'workflow.unknown-worker'

  constructor(worker: string) {
    super(`there is no worker "${worker}"`, {
      hint: 'prsm workers ls lists those there are',
      details: { worker },
    })
  }
}

/** What waits for compute, what there is of it, and who is due how much. */
export interface Queue {
  list(range: QueueRange): Promise<readonly QueueEntry[]>
  workers(): Promise<readonly WorkerRecord[]>
  /**
   * Lets a worker take nothing more from the queue, or again.
   *
   * @throws {@link UnknownWorkerError}
   */
  setDraining(worker: string, isDraining: boolean): Promise<WorkerRecord>
  /** Every resource over all workers. */
  pools(): Promise<readonly PoolRecord[]>
  /** What an autoscaler goes by. */
  load(): Promise<QueueLoad>
  limits(): Promise<readonly LimitRecord[]>
  /** Sets a limit; without an amount there is none any more. */
  setLimit: TaskStore['setLimit']
  shares(): Promise<readonly ShareRecord[]>
  setShare: TaskStore['setShare']
}

/** Builds the service. */
export function createQueue({
  tasks,
  clock,
}: {
  readonly tasks: TaskStore
  readonly clock: Clock
}): Queue {
  return {
    list: (range) => tasks.listEntries(range),
    workers: () => tasks.listWorkers(),
    async setDraining(worker, isDraining) {
      const isKnown = await tasks.setDraining(worker, isDraining)
      const found = (await tasks.listWorkers()).find(({ id }) => id === worker)
      if (!isKnown || found === undefined) throw new UnknownWorkerError(worker)
      return found
    },
    async pools() {
      const [workers, waiting, limits] = await Promise.all([
        tasks.listWorkers(),
        tasks.countWaiting(),
        tasks.listLimits(),
      ])
      return poolsOf(workers, waiting, limits)
    },
    async load() {
      const [workers, waiting] = await Promise.all([tasks.listWorkers(), tasks.countWaiting()])
      return loadOf(workers, waiting, clock.now())
    },
    limits: () => tasks.listLimits(),
    setLimit: (limit) => tasks.setLimit(limit),
    shares: () => tasks.listShares(),
    setShare: (share) => tasks.setShare(share),
  }
}

function poolsOf(
  workers: readonly WorkerRecord[],
  waiting: readonly WaitingGroup[],
  limits: readonly LimitRecord[],
): readonly PoolRecord[] {
  const capacity = toAmounts(total(atWork(workers).map((worker) => toVector(worker.capacity))))
  const used = toAmounts(total(workers.map((worker) => toVector(worker.used))))
  const queued = toAmounts(queuedOf(waiting))
  return RESOURCES.map((resource) => {
    const common = limits.find(
      (limit) =>
        limit.resource === resource && limit.tenant === undefined && limit.team === undefined,
    )
    return {
      resource,
      capacity: capacity[resource] ?? 0,
      used: used[resource] ?? 0,
      queued: queued[resource] ?? 0,
      ...(common !== undefined && { limit: common.amount }),
    }
  })
}

function loadOf(
  workers: readonly WorkerRecord[],
  waiting: readonly WaitingGroup[],
  now: number,
): QueueLoad {
  const working = atWork(workers)
  const queued = waiting.reduce((sum, { count }) => sum + count, 0)
  const oldest = waiting.reduce((least, { oldestAt }) => Math.min(least, oldestAt), now)
  const servable = waiting.filter((group) => working.some((worker) => canServe(worker, group)))
  const unservable = queued - servable.reduce((sum, { count }) => sum + count, 0)
  return {
    queued,
    running: workers.reduce((sum, { tasks }) => sum + tasks, 0),
    oldestQueuedMs: now - oldest,
    workers: working.length,
    wantedWorkers: wantedWorkers(working, queuedOf(servable)),
    unservable,
  }
}

function atWork(workers: readonly WorkerRecord[]): readonly WorkerRecord[] {
  return workers.filter(({ status }) => status === 'working')
}

function canServe({ labels, capacity }: WorkerRecord, group: WaitingGroup): boolean {
  return (
    group.labels.every((label) => labels.includes(label)) &&
    fits(onMachine(group.needs), toVector(capacity))
  )
}

function queuedOf(waiting: readonly WaitingGroup[]): Vector {
  let sum = NOTHING
  for (const { needs, count } of waiting)
    sum = plus(
      sum,
      needs.map((amount) => amount * count),
    )
  return sum
}

/** Workers of the mean size that would hold all that runs and waits, by the scarcest resource. */
function wantedWorkers(working: readonly WorkerRecord[], queued: Vector): number {
  if (working.length === 0) return 0
  const capacity = onMachine(total(working.map((worker) => toVector(worker.capacity))))
  const wanted = onMachine(plus(queued, total(working.map((worker) => toVector(worker.used)))))
  const times = wanted.map((amount, at) => {
    const each = (capacity[at] ?? 0) / working.length
    return amount === 0 || each === 0 ? 0 : Math.ceil(amount / each - 1e-9)
  })
  return Math.max(1, ...times)
}
