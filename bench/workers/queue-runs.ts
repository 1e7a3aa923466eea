import { Client } from 'pg'

/**
 * Queues copies of the one run that a database holds, but keeps them back until {@link release}.
 *
 * @remarks By SQL, so that whoever queues them uses nothing of the machine while they are worked on.
 */
export async function queueCopies(url: string, runs: number): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query({ text: EVENTS, values: [runs] })
  await client.query({ text: HEADS, values: [runs] })
  await client.query({ text: RUNS, values: [runs] })
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
const EVENTS = `
  insert into events (tenant, seq, stream, version, kind, at_ms, data)
  select e.tenant, h.seq + n, ${ID}, 1, e.kind, e.at_ms, e.data
  from events e join journal_heads h on h.tenant = e.tenant, generate_series(1, $1::int) n
  where e.kind = 'run.created'`
const HEADS = 'update journal_heads set seq = seq + $1'
const RUNS = `
  insert into runs (id, tenant, name, definition, status, created_ms, wake_ms, priority, queue_key, team, terms)
  select ${ID}, tenant, name, definition, 'scheduled', created_ms, ${Number.MAX_SAFE_INTEGER}, priority,
    queue_key + n, team, terms
  from runs, generate_series(1, $1::int) n`
