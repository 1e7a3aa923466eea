import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'

import type { PruneBatch, PrunedSize, RetentionStore } from './retention.ts'

/** Up to when runs were pruned; and the journal is cleaned up in time, however large it is. */
export const RETENTION_MIGRATIONS: readonly Migration[] = [
  {
    id: '42-retention',
    sql: `
      create table retention (
        tenant text collate "C" primary key,
        pruned_before_ms bigint not null
      );
      alter table events set (
        autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1,
        autovacuum_analyze_scale_factor = 0.05);
      alter table runs set (autovacuum_vacuum_scale_factor = 0.05);
    `,
  },
]

// Ids sort by the time they were made, so that the oldest runs are found by the primary key. A run
// whose parent is still there is left: whoever goes on with the parent may look at it.
const DOOMED = `
  select r.id from runs r
  where r.id > $1 and r.id < $2 and r.ended_ms < $3 and r.status in ('completed', 'failed', 'cancelled')
    and r.owner is null and r.wake_ms is null and r.signals = 0
    and ($4::text is null or r.tenant = $4)
    and not exists (select from runs p where p.id = r.parent)
    and not exists (select from incidents i where i.run = r.id and i.resolved_ms is null)
    and not exists (select from tasks t where t.run = r.id and t.ended_ms is null)
  order by r.id limit $5`

const SIZES = `
  select count(*)::int as runs,
    coalesce(sum((select count(*) from events e where e.stream = d.id)), 0)::int as events,
    coalesce(sum((select sum(pg_column_size(e.*)) from events e where e.stream = d.id)), 0)::bigint as bytes,
    max(d.id) as last
  from doomed d`

const SQL = {
  // One process at a time prunes; the lock ends with the transaction.
  lock: `select pg_try_advisory_xact_lock(hashtextextended('prsm-retention', 0)) as is_mine`,
  measure: `with doomed as (${DOOMED}) ${SIZES}`,
  // Everything of a run goes in one statement: after a crash it is there, whole, or gone.
  prune: `
  with doomed as materialized (${DOOMED} for update of r skip locked),
    size as (${SIZES}),
    gone_runs as (delete from runs using doomed d where runs.id = d.id returning runs.tenant),
    gone_events as (delete from events using doomed d where stream = d.id),
    gone_signals as (delete from signals using doomed d where run = d.id),
    gone_snapshots as (delete from run_snapshots using doomed d where run = d.id),
    gone_tasks as (delete from tasks using doomed d where run = d.id),
    gone_pins as (delete from library_pins using doomed d where run = d.id),
    gone_chunks as (delete from chunks using doomed d where run = d.id),
    gone_units as (delete from chunk_units using doomed d where run = d.id),
    gone_texts as (delete from chunk_runs using doomed d where run = d.id),
    gone_progress as (delete from progress_runs using doomed d where run = d.id),
    gone_steps as (delete from progress_steps using doomed d where run = d.id),
    marked as (
      insert into retention as m (tenant, pruned_before_ms)
      select distinct tenant, $3::bigint from gone_runs
      on conflict (tenant) do update set pruned_before_ms = greatest(m.pruned_before_ms, excluded.pruned_before_ms))
  select * from size`,
  // Runs whose text is there are found by jumping from one to the next in the primary key. The places
  // of their chunks stay taken: who watches a run that is taken up again goes on behind them.
  texts: `
  with recursive kept as (
    (select run from chunks order by run limit 1)
    union all
    select (select c.run from chunks c where c.run > k.run order by c.run limit 1) from kept k where k.run is not null
  )
  select k.run, (select coalesce(sum(octet_length(c.text)), 0) from chunks c where c.run = k.run)::bigint as bytes
  from kept k join runs r on r.id = k.run
  where r.ended_ms < $1
  order by k.run limit $2`,
  dropTexts: `
  delete from chunks c using runs r where c.run = any($1) and r.id = c.run and r.ended_ms < $2`,
  // A reference is a text of its own: what merely looks like one keeps its artifact, and no harm is done.
  unused: `
  with used as materialized (
    select distinct m[1] as hash from (
      select data::text as value from events
      union all select body::text from tasks
      union all select checkpoint::text from tasks
      union all select payload::text from signals
      union all select state from run_snapshots
      union all select inputs::text from schedule_fires
    ) s, regexp_matches(s.value, '\\$artifact\\\\?":\\s*\\\\?"(sha256:[0-9a-f]{64})', 'g') m
    where s.value like '%$artifact%'
  )
  select a.hash, octet_length(a.content)::bigint as bytes from artifacts a
  where a.created_at < clock_timestamp() - interval '1 day'
    and not exists (select from used u where u.hash = a.hash)
  order by a.hash limit $1`,
  // What has been put again meanwhile is in use again.
  sweep: `
  delete from artifacts where hash = any($1) and created_at < clock_timestamp() - interval '1 day' returning hash`,
  prunedBefore: 'select pruned_before_ms from retention where tenant = $1',
} as const

interface SizeRow {
  readonly runs: number
  readonly events: number
  readonly bytes: bigint
  readonly last: string | null
}

/** Artifacts removed in one statement. */
const SWEEP_BATCH = 1_000
/** Runs whose text is removed in one statement. */
const TEXT_BATCH = 100

/** Retention in PostgreSQL. */
export function createSqlRetentionStore(database: Database): RetentionStore {
  return {
    async measure(batch) {
      const [row] = await database.query<SizeRow>({ text: SQL.measure, values: valuesOf(batch) })
      return toSize(row)
    },
    prune: (batch) =>
      database.transaction(async (sql) => {
        const [lock] = await sql.query<{ is_mine: boolean }>({ text: SQL.lock })
        if (lock?.is_mine !== true) return undefined
        const [row] = await sql.query<SizeRow>({ text: SQL.prune, values: valuesOf(batch) })
        return toSize(row)
      }),
    async dropTexts(endedBefore, isDryRun) {
      const rows = await database.query<{ run: string; bytes: bigint }>({
        text: SQL.texts,
        values: [endedBefore, isDryRun ? null : TEXT_BATCH],
      })
      const runs = rows.map(({ run }) => run)
      if (!isDryRun && runs.length > 0)
        await database.query({ text: SQL.dropTexts, values: [runs, endedBefore] })
      return { texts: runs.length, bytes: rows.reduce((sum, row) => sum + Number(row.bytes), 0) }
    },
    async sweep(isDryRun) {
      const rows = await database.query<{ hash: string; bytes: bigint }>({
        text: SQL.unused,
        values: [isDryRun ? null : SWEEP_BATCH],
      })
      if (!isDryRun && rows.length > 0)
        await database.query({ text: SQL.sweep, values: [rows.map(({ hash }) => hash)] })
      const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0)
      return { artifacts: rows.length, bytes }
    },
  }
}

function valuesOf({ after, below, endedBefore, tenant, limit }: PruneBatch): readonly unknown[] {
  return [after, below, endedBefore, tenant ?? null, limit]
}

function toSize(row: SizeRow | undefined): PrunedSize {
  const { runs = 0, events = 0, bytes = 0n, last = null } = row ?? {}
  return { runs, events, bytes: Number(bytes), ...(last !== null && { last }) }
}

/** The statement that tells up to when a tenant's runs were pruned. */
export const PRUNED_BEFORE = SQL.prunedBefore
