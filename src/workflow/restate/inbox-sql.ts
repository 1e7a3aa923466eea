import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'
import { claimRows } from '../host/claim-sql.ts'
import type { Signal } from '../host/run-store.ts'
import { type SignalRow, toSignal } from '../host/signal-rows-sql.ts'

import { OWNER } from './messages.ts'

/** The tables of this host. */
export const RESTATE_MIGRATIONS: readonly Migration[] = [
  {
    // What is lost with it is only how often a try was begun before.
    id: '35-restate-tries',
    sql: `
      create unlogged table restate_tries (
        key text collate "C" primary key,
        begun integer not null
      );
    `,
  },
]

/** Whose run it is and what it does. */
export interface RunHeader {
  readonly tenant: string
  readonly definition: string
}

/** A run that Restate has taken on. */
export interface Adopted extends RunHeader {
  /** Whether whoever drove it was lost, rather than having given it up. */
  readonly isOrphan: boolean
}

/** A run that has to look. */
export interface DueRun {
  readonly id: string
  /** Differs when something else has come since. */
  readonly reason: string
}

/** What reaches runs by way of the database: creations and signals of any process. */
export interface Inbox {
  /** Makes a run Restate's, unless a worker of the other host has it. */
  adopt(run: string): Promise<Adopted | undefined>
  /** A run that Restate drives. */
  findDriven(run: string): Promise<RunHeader | undefined>
  /** Signals for a run, oldest first. */
  listSignals(run: string): Promise<readonly Signal[]>
  /** Makes runs Restate's whose turn it is, as long as fewer than `most` go on. */
  claim(most: number): Promise<readonly string[]>
  /** Runs of Restate's that have not begun, and those for which signals lie here. */
  listDue(): Promise<readonly DueRun[]>
  /** Every run that Restate drives. */
  listDriven(): Promise<readonly string[]>
  /** Whether a run goes on, rather than standing still or having ended. */
  isMoving(run: string): Promise<boolean>
  /** Counts that a try is begun; gives how often it was. */
  countTry(key: string): Promise<number>
  /** A try has come to an end, good or bad: its worker was not lost. */
  forgetTry(key: string): Promise<void>
}

interface AdoptedRow {
  readonly tenant: string
  readonly definition: string
  readonly was_orphan: boolean
}

const SQL = {
  adopt: `
  with before as (
    select id, is_orphan as was_orphan from runs
    where id = $1 and (owner is null or owner = $2) for update)
  update runs set owner = $2, wake_ms = null, is_orphan = false,
    signals = (select count(*) from signals s where s.run = runs.id)
  from before where runs.id = before.id
  returning tenant, definition, was_orphan`,
  findDriven: 'select tenant, definition from runs where id = $1 and owner = $2',
  listSignals: `
  select id, run, signal, step, item, payload, sender from signals where run = $1
  order by created_at, id limit 1000`,
  listDue: `
  select id, '' as reason from runs where owner = $1 and status in ('queued', 'scheduled')
  union all
  select r.id, max(s.created_at)::text from signals s join runs r on r.id = s.run
  where r.owner = $1 group by r.id`,
  countGoing: `
  select count(*)::int as going from runs
  where owner = $1 and status not in ('waiting', 'paused')`,
  listDriven: 'select id from runs where owner = $1',
  selectMoving: `select id from runs where id = $1 and ended_ms is null and status <> 'paused'`,
  countTry: `
  insert into restate_tries (key, begun) values ($1, 1)
  on conflict (key) do update set begun = restate_tries.begun + 1 returning begun`,
  forgetTry: 'delete from restate_tries where key = $1',
} as const

/** Runs claimed at a time. */
const CLAIM_BATCH = 200

/** The inbox of runs in PostgreSQL. */
export function createSqlInbox(database: Database): Inbox {
  return {
    async adopt(run) {
      const [row] = await database.query<AdoptedRow>({ text: SQL.adopt, values: [run, OWNER] })
      if (row === undefined) return undefined
      const { tenant, definition, was_orphan: isOrphan } = row
      return { tenant, definition, isOrphan }
    },
    async findDriven(run) {
      const values = [run, OWNER]
      const [row] = await database.query<RunHeader>({ text: SQL.findDriven, values })
      return row
    },
    async listSignals(run) {
      const rows = await database.query<SignalRow>({ text: SQL.listSignals, values: [run] })
      return rows.map(toSignal)
    },
    async claim(most) {
      const [row] = await database.query<{ going: number }>({
        text: SQL.countGoing,
        values: [OWNER],
      })
      const limit = Math.min(CLAIM_BATCH, most - (row?.going ?? 0))
      if (limit <= 0) return []
      const { rows } = await claimRows(database, { worker: OWNER, limit, only: null })
      return rows.map(({ id }) => id)
    },
    listDue: () => database.query<DueRun>({ text: SQL.listDue, values: [OWNER] }),
    async listDriven() {
      const rows = await database.query<{ id: string }>({ text: SQL.listDriven, values: [OWNER] })
      return rows.map(({ id }) => id)
    },
    async isMoving(run) {
      const rows = await database.query({ text: SQL.selectMoving, values: [run] })
      return rows.length > 0
    },
    async countTry(key) {
      const [row] = await database.query<{ begun: number }>({ text: SQL.countTry, values: [key] })
      return row?.begun ?? 1
    },
    async forgetTry(key) {
      await database.query({ text: SQL.forgetTry, values: [key] })
    },
  }
}
