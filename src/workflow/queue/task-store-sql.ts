import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Database } from '../../platform/sql/database.ts'
import type { Sql } from '../../platform/sql/statements.ts'

import { total } from './amounts.ts'
import { place } from './place.ts'
import { QUEUE_SQL } from './rows-sql.ts'
import { type LimitRecord, limitRecord } from './schema.ts'
import { readShares } from './shares-sql.ts'
import {
  type EntryRow,
  type InUseRow,
  type TaskRow,
  toEntry,
  toNumbers,
  toRunning,
  toTask,
  toWorker,
  type WorkerRow,
} from './task-rows.ts'
import type { Leased, LeaseRequest, TaskStore } from './task.ts'

/** Steps of each team that one worker looks at to fill its room. */
const CANDIDATES = 100
/** A step during which this many workers were lost is taken to be what kills them. */
const MOST_LOST = 5
/** What processes listen to; that of runs, as a letter may have come with a step. */
const CHANNEL = 'prsm_runs'

const POISONED: ErrorRecord = {
  code: 'workflow.worker-lost',
  message: `${MOST_LOST} workers were lost while they ran this step`,
  hint: 'the step may exhaust memory or end the process; run it alone, then resume the run',
}

/** The queue in PostgreSQL. */
export function createSqlTaskStore(database: Database): TaskStore {
  const tell = async (isTold: boolean): Promise<boolean> => {
    if (isTold) await database.notify(CHANNEL, '')
    return isTold
  }
  const changes = async (text: string, values: readonly unknown[]): Promise<boolean> =>
    (await database.query({ text, values })).length > 0
  return {
    ...settings(database),
    ...lists(database),
    async isWaited() {
      const [row] = await database.query<{ is_waited: boolean }>({
        name: 'tasks-waited',
        text: QUEUE_SQL.isWaited,
      })
      return row?.is_waited === true
    },
    lease: (request) => database.transaction((sql) => lease(sql, request)),
    async settle({ id, worker, lease: held, status, answer, at }) {
      const payload = JSON.stringify({ ...answer, task: id })
      return tell(
        status === 'running'
          ? await changes(QUEUE_SQL.began, [id, worker, held, payload])
          : await changes(QUEUE_SQL.end, [id, worker, held, status, at, payload]),
      )
    },
    giveBack: async ({ id, lease: held }, worker, status) =>
      tell(await changes(QUEUE_SQL.giveBack, [id, worker, held, status])),
    keepCheckpoint: ({ id, lease: held }, worker, checkpoint) =>
      changes(QUEUE_SQL.keepCheckpoint, [id, worker, held, JSON.stringify(checkpoint)]),
    listOwned: (worker) => database.query({ text: QUEUE_SQL.owned, values: [worker] }),
    listRecalls: (worker) => database.query({ text: QUEUE_SQL.recalls, values: [worker] }),
    async reapTasks(now) {
      const orphans = await database.query({ text: QUEUE_SQL.orphans })
      await database.query({ text: QUEUE_SQL.recalled, values: [now] })
      if (orphans.length === 0) return 0
      await database.query({
        text: QUEUE_SQL.poisoned,
        values: [now, MOST_LOST, JSON.stringify(POISONED)],
      })
      await database.notify(CHANNEL, '')
      return orphans.length
    },
    async forgetEnded(before) {
      await database.query({ text: QUEUE_SQL.forget, values: [before] })
    },
  }
}

type Settings = Pick<
  TaskStore,
  'listLimits' | 'setLimit' | 'listShares' | 'setShare' | 'setDraining'
>

function settings(database: Database): Settings {
  return {
    listLimits: () => readLimits(database),
    async setLimit({ tenant = '', team = '', resource, amount }) {
      const values = [tenant, team, resource]
      await database.query(
        amount === undefined
          ? { text: QUEUE_SQL.dropLimit, values }
          : { text: QUEUE_SQL.setLimit, values: [...values, amount] },
      )
      await database.notify(CHANNEL, '')
    },
    listShares: () => readShares(database),
    async setShare({ tenant, team = '', weight }) {
      await database.query({ text: QUEUE_SQL.setShare, values: [tenant, team, weight] })
    },
    async setDraining(worker, isDraining) {
      const values = [worker, isDraining]
      return (await database.query({ text: QUEUE_SQL.setDraining, values })).length > 0
    },
  }
}

type Lists = Pick<TaskStore, 'listEntries' | 'listWorkers' | 'countWaiting'>

function lists(database: Database): Lists {
  return {
    async countWaiting() {
      const rows = await database.query<GroupRow>({ text: QUEUE_SQL.waiting })
      return rows.map(({ labels, amounts, count, oldest_ms: oldest }) => ({
        labels,
        needs: toNumbers(amounts),
        count,
        oldestAt: Number(oldest),
      }))
    },
    async listEntries({ tenant, status, limit }) {
      const rows = await database.query<EntryRow>({
        text: QUEUE_SQL.list,
        values: [tenant ?? null, status ?? null, limit],
      })
      return rows.map(toEntry)
    },
    async listWorkers() {
      const rows = await database.query<WorkerRow>({ text: QUEUE_SQL.workers })
      const busy = await database.query<InUseRow>({ text: QUEUE_SQL.inUse })
      return rows.map((row) =>
        toWorker(
          row,
          busy.filter(({ owner }) => owner === row.id),
        ),
      )
    },
  }
}

interface GroupRow {
  readonly labels: readonly string[]
  readonly amounts: readonly bigint[]
  readonly count: number
  readonly oldest_ms: bigint
}

async function lease(sql: Sql, request: LeaseRequest): Promise<Leased> {
  const { worker, profile, places, now, only } = request
  await sql.query({ text: QUEUE_SQL.lock })
  const [standing] = await sql.query<{ is_draining: boolean }>({
    text: QUEUE_SQL.isDraining,
    values: [worker],
  })
  // A worker that is not known was given up for dead.
  if (standing === undefined || standing.is_draining) return { tasks: [], preempt: [] }
  const waiting = await sql.query<TaskRow>({
    name: 'tasks-candidates',
    text: QUEUE_SQL.candidates,
    values: [profile.labels, only ?? null, CANDIDATES],
  })
  if (waiting.length === 0) return { tasks: [], preempt: [] }
  const inUse = await sql.query<InUseRow>({ name: 'tasks-in-use', text: QUEUE_SQL.inUse })
  const capacities = await sql.query<{ capacity: readonly bigint[] }>({
    text: QUEUE_SQL.capacities,
  })
  const tasks = waiting.map(toTask)
  const { begin, preempt } = place(
    tasks,
    {
      capacity: profile.capacity,
      running: inUse.filter(({ owner }) => owner === worker).map(toRunning),
      places,
    },
    {
      now,
      inUse: inUse.map(({ tenant, team, amounts }) => ({ tenant, team, uses: toNumbers(amounts) })),
      whole: total(capacities.map(({ capacity }) => toNumbers(capacity))),
      limits: await readLimits(sql),
      shares: await readShares(sql),
    },
  )
  if (begin.length === 0) return { tasks: [], preempt }
  const taken = await sql.query<{ id: string; lease: number }>({
    name: 'tasks-take',
    text: QUEUE_SQL.take,
    values: [worker, begin, now],
  })
  const leases = new Map(taken.map(({ id, lease: held }) => [id, held]))
  return {
    preempt,
    tasks: tasks.flatMap((task) => {
      const held = leases.get(task.id)
      return held === undefined ? [] : { ...task, lease: held }
    }),
  }
}

async function readLimits(sql: Sql): Promise<readonly LimitRecord[]> {
  const rows = await sql.query<{ tenant: string; team: string }>({ text: QUEUE_SQL.limits })
  return rows.map((row) =>
    limitRecord.parse({ ...row, tenant: row.tenant || undefined, team: row.team || undefined }),
  )
}
