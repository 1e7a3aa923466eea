import { Client } from 'pg'

/**
 * Queues copies of the one run that a database holds, of so many tenants in turn, but keeps them
 * back until {@link release}.
 *
 * @remarks By SQL, so that whoever queues them uses nothing of the machine while they are worked on.
 */
export async function queueCopies(
  url: string,
  { runs, tenants }: { readonly runs: number; readonly tenants: number },
): Promise<void> {
  const client = new Client(url)
  await client.connect()
  for (const text of [EVENTS, HEADS, RUNS]) await client.query({ text, values: [runs, tenants] })
  await client.query('vacuum analyze')
  await client.end()
}

/** Lets the runs be taken, and tells all workers. */
export async function release(url: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query(
    `update runs set status = 'queued', wake_ms = created_ms where status = 'scheduled'`,
  )
  await client.query('notify prsm_runs')
  await client.end()
}

const ID = `'run_1' || lpad(n::text, 25, '0')`
/** The first tenant is the one of the run that is copied. */
const TENANT = `case when n % $2::int = 0 then tenant else 'bench' || n % $2::int end`
const EVENTS = `
  insert into events (tenant, seq, stream, version, kind, at_ms, data)
  select ${TENANT}, 1000000 + n, ${ID}, 1, e.kind, e.at_ms, e.data
  from events e, generate_series(1, $1::int) n
  where e.kind = 'run.created'`
const HEADS = `
  insert into journal_heads (tenant, seq)
  select ${TENANT}, 1000000 + $1::int from journal_heads, generate_series(1, $2::int) n
  on conflict (tenant) do update set seq = excluded.seq`
const RUNS = `
  insert into runs (id, tenant, name, definition, status, created_ms, wake_ms, priority, queue_key, team, terms)
  select ${ID}, ${TENANT}, name, definition, 'scheduled', created_ms, ${Number.MAX_SAFE_INTEGER}, priority,
    queue_key + n, team, terms
  from runs, generate_series(1, $1::int) n`
