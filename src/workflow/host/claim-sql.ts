import type { Database } from '../../platform/sql/database.ts'
import type { Sql } from '../../platform/sql/statements.ts'
import { NOTHING, total, type Vector } from '../queue/amounts.ts'
import { inOrder, type Waiting } from '../queue/order.ts'
import { readShares } from '../queue/shares-sql.ts'

import type { Postponement } from './run-store.ts'

/** A run that has been claimed; its history is still to be read. */
export interface ClaimRow {
  readonly id: string
  readonly tenant: string
  readonly definition: string
  readonly is_orphan: boolean
  /** Whether somebody wants something of it. */
  readonly has_signals: boolean
  /** Version of its latest snapshot. */
  readonly snapshot: number | null
}

/** Which runs are claimed. */
export interface ClaimTerms {
  readonly worker: string
  readonly limit: number
  /** Most of those whose turn it is to begin. @defaultValue `limit` */
  readonly fresh?: number
  /** Only these. */
  readonly only: readonly string[] | null
}

/** What has come so far of a run that is due, or of one whose turn it is. */
const CLAIMED = `set owner = $1, wake_ms = null,
    signals = (select count(*) from signals s where s.run = runs.id)`
const NOW_MS = '(extract(epoch from clock_timestamp()) * 1000)::bigint'
const RETURNED = `
  returning id, tenant, definition, is_orphan, signals > 0 as has_signals, (
    select s.version from run_snapshots s where s.run = runs.id and s.definition = runs.definition
  ) as snapshot`
/** Of all runs with one key, how many have been claimed and not ended. */
const UNDER_WAY = `
  select count(*) from runs o where o.terms ->> 'key' = c.terms ->> 'key'
    and o.ended_ms is null and (o.owner is not null or o.status not in ('queued', 'scheduled'))`

const SQL = {
  // A run that has not begun waits for its turn, unless somebody wants something of it.
  due: `
  update runs ${CLAIMED}
  where id in (
    select id from runs
    where owner is null and wake_ms is not null and wake_ms <= ${NOW_MS}
      and (status <> 'queued' or signals > 0) and (status <> 'scheduled' or signals > 0)
      and ($3::text[] is null or id = any($3))
    order by wake_ms limit $2 for update skip locked)
  ${RETURNED}`,
  promote: `
  update runs set status = 'queued'
  where owner is null and wake_ms <= ${NOW_MS} and status = 'scheduled'`,
  isQueued: `select exists (
    select from runs where owner is null and status = 'queued' and ($1::text[] is null or id = any($1))) as is_queued`,
  queued: `
  with recursive lanes as (
    (select tenant, team from runs where owner is null and status = 'queued' order by tenant, team limit 1)
    union all
    select n.tenant, n.team from lanes l, lateral (
      select tenant, team from runs
      where owner is null and status = 'queued' and (tenant, team) > (l.tenant, l.team)
      order by tenant, team limit 1) n
  )
  select t.id, t.tenant, t.team, t.queue_key, t.terms ->> 'key' as key, (t.terms ->> 'limit')::int as most
  from lanes l, lateral (
    select c.* from runs c
    where c.owner is null and c.status = 'queued' and c.tenant = l.tenant and c.team = l.team
      and c.wake_ms <= ${NOW_MS} and ($2::text[] is null or c.id = any($2))
      and (c.terms ->> 'key' is null or (${UNDER_WAY}) < (c.terms ->> 'limit')::int)
    order by c.queue_key, c.id limit $1 for update skip locked) t`,
  inUse:
    'select tenant, team, count(*)::int as runs from runs where owner is not null group by 1, 2',
  lockKeys: `select pg_advisory_xact_lock(hashtextextended('prsm-run-keys', 0))`,
  underWay: `
  select terms ->> 'key' as key, count(*)::int as runs from runs
  where terms ->> 'key' = any($1) and ended_ms is null
    and (owner is not null or status not in ('queued', 'scheduled'))
  group by 1`,
  take: `
  update runs ${CLAIMED} where id = any($2) and owner is null
  ${RETURNED}`,
  now: `select ${NOW_MS} as now`,
  // What has come since it was claimed is seen at once; what had come before waits with it.
  postpone: `
  update runs set owner = null, status = coalesce($3::text, status),
    wake_ms = case when signals > 0 and not $5 then 0 else $4::bigint end
  where id = $1 and owner = $2`,
} as const

/**
 * Claims runs for a worker: first those that have begun and are due again, then those whose turn it
 * is to begin; see `inOrder`.
 */
export async function claimRows(
  database: Database,
  { worker, limit, fresh = limit, only }: ClaimTerms,
): Promise<{ readonly rows: readonly ClaimRow[]; readonly hasMore: boolean }> {
  await database.query({ name: 'runs-promote', text: SQL.promote })
  const due = await database.query<ClaimRow>({
    name: 'runs-claim',
    text: SQL.due,
    values: [worker, limit, only],
  })
  const room = Math.min(limit - due.length, fresh)
  if (room <= 0) return { rows: due, hasMore: true }
  const [row] = await database.query<{ is_queued: boolean }>({
    name: 'runs-is-queued',
    text: SQL.isQueued,
    values: [only],
  })
  if (row?.is_queued !== true) return { rows: due, hasMore: false }
  const begun = await database.transaction((sql) => claimQueued(sql, { worker, limit: room, only }))
  // One that was freed in between, because the lease had run out, has been claimed twice.
  const rows = [...new Map([...due, ...begun].map((each) => [each.id, each])).values()]
  return { rows, hasMore: begun.length === room }
}

/** Puts a claimed run back; see `RunStore.postpone`. */
export async function postponeRow(
  database: Database,
  run: string,
  { worker, status, wakeAt, isAsked }: Postponement,
): Promise<void> {
  const values = [run, worker, status ?? null, wakeAt, isAsked]
  await database.query({ name: 'runs-postpone', text: SQL.postpone, values })
}

interface QueuedRow {
  readonly id: string
  readonly tenant: string
  readonly team: string
  readonly queue_key: bigint
  readonly key: string | null
  readonly most: number | null
}

interface QueuedRun extends Waiting {
  readonly runKey: string | null
  readonly most: number
}

async function claimQueued(
  sql: Sql,
  { worker, limit, only }: Omit<ClaimTerms, 'fresh'>,
): Promise<readonly ClaimRow[]> {
  const rows = await sql.query<QueuedRow>({
    name: 'runs-queued',
    text: SQL.queued,
    values: [limit, only],
  })
  if (rows.length === 0) return []
  const chosen = await choose(sql, rows.map(toQueued), limit)
  return sql.query<ClaimRow>({ name: 'runs-take', text: SQL.take, values: [worker, chosen] })
}

/** Every run counts the same: fairness is about how many of each tenant and team go on. */
const ONE: Vector = NOTHING.map((_, at) => (at === 0 ? 1 : 0))

function toQueued({ id, tenant, team, queue_key: place, key, most }: QueuedRow): QueuedRun {
  return { id, tenant, team, key: Number(place), needs: ONE, runKey: key, most: most ?? 1 }
}

async function choose(
  sql: Sql,
  waiting: readonly QueuedRun[],
  limit: number,
): Promise<readonly string[]> {
  const keys = waiting.flatMap(({ runKey }) => runKey ?? [])
  if (waiting.length < limit && keys.length === 0) return waiting.map(({ id }) => id)
  const underWay = await countUnderWay(sql, keys)
  const [clock] = await sql.query<{ now: bigint }>({ text: SQL.now })
  const inUse = (
    await sql.query<{ tenant: string; team: string; runs: number }>({ text: SQL.inUse })
  ).map(({ tenant, team, runs }) => ({ tenant, team, uses: ONE.map((one) => one * runs) }))
  const whole = total([...inUse.map(({ uses }) => uses), ONE.map((one) => one * waiting.length)])
  const fairness = { now: Number(clock?.now ?? 0), inUse, whole, shares: await readShares(sql) }
  const chosen: string[] = []
  for (const { id, runKey, most } of inOrder(waiting, fairness)) {
    if (chosen.length === limit) break
    const count = runKey === null ? 0 : (underWay.get(runKey) ?? 0)
    if (runKey !== null && count >= most) continue
    if (runKey !== null) underWay.set(runKey, count + 1)
    chosen.push(id)
  }
  return chosen
}

/** Counted again under a lock: another worker may have begun one since. */
async function countUnderWay(sql: Sql, keys: readonly string[]): Promise<Map<string, number>> {
  if (keys.length === 0) return new Map()
  await sql.query({ text: SQL.lockKeys })
  const rows = await sql.query<{ key: string; runs: number }>({
    text: SQL.underWay,
    values: [keys],
  })
  return new Map(rows.map(({ key, runs }) => [key, runs]))
}
