import type { Database } from '../../platform/sql/database.ts'
import type { RunEvent } from '../machine/events.ts'
import { toAmounts } from '../queue/amounts.ts'

import type { HistoryStore } from './history-store.ts'
import type { Snapshot } from './snapshot.ts'
import type { QueuedTask } from './why/facts.ts'

const WHEREABOUTS = `
  select r.owner, r.is_orphan, r.wake_ms, r.signals,
    (extract(epoch from w.expires_at - clock_timestamp()) * 1000)::bigint as left_ms,
    (select count(*) from workers where expires_at > clock_timestamp())::int as workers,
    (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
  from runs r left join workers w on w.id = r.owner where r.id = $1`

/** Units of a run that wait in the queue, or run on some worker, and how many workers would do. */
const TASKS = `
  select t.step, t.item, t.labels, t.amounts, t.owner, t.workers_lost, t.created_ms,
    (select count(*) from workers w
      where w.expires_at > clock_timestamp() and not w.is_draining and w.labels @> t.labels
        and not exists (
          select from unnest(t.amounts[1:5], w.capacity[1:5]) as u (wanted, had) where wanted > had)
    )::int as able
  from tasks t where t.run = $1 and t.ended_ms is null
  order by t.created_ms limit 1000`

const EVENTS = `
  select version, kind, at_ms, data from events where stream = $1 order by version`

const SNAPSHOT = `
  select version, definition, state as text, hash from run_snapshots where run = $1`

interface WhereRow {
  readonly owner: string | null
  readonly is_orphan: boolean
  readonly wake_ms: bigint | null
  readonly signals: number
  readonly left_ms: bigint | null
  readonly workers: number
  readonly now_ms: bigint
}

interface TaskRow {
  readonly step: string
  readonly item: number | null
  readonly labels: readonly string[]
  readonly amounts: readonly bigint[]
  readonly owner: string | null
  readonly workers_lost: number
  readonly created_ms: bigint
  readonly able: number
}

function toTask(row: TaskRow): QueuedTask {
  return {
    step: row.step,
    index: row.item ?? undefined,
    labels: row.labels,
    amounts: toAmounts(row.amounts.map(Number)),
    owner: row.owner ?? undefined,
    workersLost: row.workers_lost,
    since: Number(row.created_ms),
    able: row.able,
  }
}

interface EventRow {
  readonly version: number
  readonly kind: RunEvent['kind']
  readonly at_ms: bigint
  readonly data: RunEvent['data']
}

/** Looks at what is stored of runs. */
export function createSqlHistoryStore(database: Database): HistoryStore {
  return {
    async findWhereabouts(run) {
      const [row] = await database.query<WhereRow>({ text: WHEREABOUTS, values: [run] })
      if (row === undefined) return undefined
      const tasks = await database.query<TaskRow>({ text: TASKS, values: [run] })
      return {
        tasks: tasks.map(toTask),
        owner: row.owner ?? undefined,
        isOrphan: row.is_orphan,
        wakeAt: row.wake_ms === null ? undefined : Number(row.wake_ms),
        unread: row.signals,
        leaseLeftMs: row.left_ms === null ? undefined : Number(row.left_ms),
        workers: row.workers,
        now: Number(row.now_ms),
      }
    },
    async readPlaced(run) {
      const rows = await database.query<EventRow>({ text: EVENTS, values: [run] })
      return rows.map(({ version, kind, at_ms: at, data }) => ({
        version,
        at: Number(at),
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the run store writes to these streams
        event: { kind, data } as RunEvent,
      }))
    },
    async findSnapshot(run) {
      const [row] = await database.query<Snapshot>({ text: SNAPSHOT, values: [run] })
      return row
    },
  }
}
