import { Client } from 'pg'

/** Runs inserted by one statement. */
const CHUNK = 50_000

/**
 * Puts finished 3-step runs into a database as if it had run them: a row each, and the nine events
 * that such a run leaves, with as many bytes.
 */
export async function fillFinishedRuns(url: string, runs: number): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query('set synchronous_commit = off')
  for (let from = 0; from < runs; from += CHUNK) {
    const values = [from, Math.min(from + CHUNK, runs) - 1]
    await client.query({ text: RUNS, values })
    await client.query({ text: EVENTS, values })
  }
  await client.query({ text: HEADS, values: [9 * runs] })
  await client.query('vacuum analyze')
  await client.end()
}

/** Puts runs that wait for their turn into a database. */
export async function fillQueue(url: string, runs: number): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query({ text: QUEUED, values: [runs] })
  await client.query('analyze runs')
  await client.end()
}

const TENANT = 'default'
const ID = `'run_0' || lpad(n::text, 25, '0')`
const HEAD = `select coalesce(max(seq), 0) from journal_heads where tenant = '${TENANT}'`
const RUNS = `
  insert into runs (id, tenant, name, definition, status, created_ms, started_ms, ended_ms, queue_key)
  select ${ID}, '${TENANT}', 'three', 'sha256:' || repeat('0', 64), 'completed', n, n, n + 5, n
  from generate_series($1::int, $2::int) n`
const EVENTS = `
  insert into events (tenant, seq, stream, version, kind, at_ms, data)
  select '${TENANT}', (${HEAD}) + 9 * n::bigint + v, ${ID}, v, kind, n, data::json
  from generate_series($1::int, $2::int) n, (values
    (1, 'run.created', '{"name":"three","definition":"sha256:${'0'.repeat(64)}","inputs":{},"budget":"0"}'),
    (2, 'run.started', '{"worker":"work_01ksy6kk2ne0vr0gzt1q0yw1jy"}'),
    (3, 'step.started', '{"step":"a","attempt":1}'),
    (4, 'step.completed', '{"step":"a","output":2155.3452890000003,"ms":0}'),
    (5, 'step.started', '{"step":"b","attempt":1}'),
    (6, 'step.completed', '{"step":"b","output":2155.3452890000003,"ms":0}'),
    (7, 'step.started', '{"step":"c","attempt":1}'),
    (8, 'step.completed', '{"step":"c","output":2155.3452890000003,"ms":0}'),
    (9, 'run.completed', '{"output":{"c":2155.3452890000003},"cost":"0"}')) e (v, kind, data)`
const HEADS = `
  insert into journal_heads (tenant, seq) values ('${TENANT}', $1)
  on conflict (tenant) do update set seq = journal_heads.seq + excluded.seq`
const QUEUED = `
  insert into runs (id, tenant, name, definition, status, created_ms, wake_ms, queue_key)
  select 'run_1' || lpad(n::text, 25, '0'), '${TENANT}', 'three', 'sha256:' || repeat('0', 64), 'queued', n, n, n
  from generate_series(1, $1::int) n`
