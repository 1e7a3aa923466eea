import { Client } from 'pg'

/** Runs whose rows are read and written in one transaction. */
const BATCH = 200

/**
 * The least that taking up runs can cost: read the events of each, add the two that end it, and
 * change its row; many runs in each transaction. No lease, no fold, no queue.
 *
 * @returns seconds for all of them.
 */
export async function bareTakeUp(url: string, runs: number): Promise<number> {
  const client = new Client(url)
  await client.connect()
  await client.query(`
    create table runs (id int primary key, status text not null);
    create table events (run int not null, version int not null, data json not null, primary key (run, version));
    insert into runs select n, 'running' from generate_series(1, ${runs}) n;
    insert into events select n, v, '{"step":"a","output":{"ok":true},"ms":1}'
      from generate_series(1, ${runs}) n, generate_series(1, 5) v`)
  const start = performance.now()
  for (let from = 1; from <= runs; from += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, runs - from + 1) }, (_, at) => from + at)
    await client.query('begin')
    await client.query({
      name: 'read',
      text: 'select run, version, data from events where run = any($1) order by run, version',
      values: [ids],
    })
    await client.query({
      name: 'add',
      text: `insert into events select run, version, '{"step":"b","output":{"ok":true},"ms":1}'
        from unnest($1::int[]) run, generate_series(6, 7) version`,
      values: [ids],
    })
    await client.query({
      name: 'end',
      text: `update runs set status = 'completed' where id = any($1)`,
      values: [ids],
    })
    await client.query('commit')
  }
  const seconds = (performance.now() - start) / 1_000
  await client.end()
  return seconds
}
