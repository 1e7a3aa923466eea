import { randomUUID } from 'node:crypto'

import { Client } from 'pg'

/**
 * The least a durable 3-step run can cost: one row for the run, one for each step, one update, many
 * runs' rows in each transaction; no queue, no leases, no journal, no money, no retries.
 *
 * @returns steps a second.
 */
export async function bareLoop(
  url: string,
  { inFlight, seconds }: { readonly inFlight: number; readonly seconds: number },
): Promise<number> {
  const client = new Client(url)
  await client.connect()
  await client.query(`
    create table runs (id uuid primary key, status text not null, output json);
    create table steps (run uuid not null, step int not null, output json not null, primary key (run, step))`)
  let queue: Row[] = []
  let isFlushing = false
  const flush = async (): Promise<void> => {
    isFlushing = true
    while (queue.length > 0) {
      const batch = queue
      queue = []
      await commit(client, batch)
      for (const { done } of batch) done()
    }
    isFlushing = false
  }
  const write = (row: Omit<Row, 'done'>): Promise<void> =>
    new Promise((done) => {
      queue.push({ ...row, done })
      if (!isFlushing) {
        isFlushing = true
        setImmediate(() => void flush())
      }
    })
  const state = { done: 0, isOver: false }
  const worker = async (): Promise<void> => {
    while (!state.isOver) {
      const run = randomUUID()
      await write({ kind: 'begin', run, step: 0 })
      for (let step = 1; step <= 3; step++)
        await write({ kind: step === 3 ? 'end' : 'step', run, step })
      state.done++
    }
  }
  const start = performance.now()
  const workers = Array.from({ length: inFlight }, worker)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const rate = (3 * state.done) / ((performance.now() - start) / 1_000)
  state.isOver = true
  await Promise.all(workers)
  await client.end()
  return rate
}

interface Row {
  readonly kind: 'begin' | 'step' | 'end'
  readonly run: string
  readonly step: number
  readonly done: () => void
}

async function commit(client: Client, batch: readonly Row[]): Promise<void> {
  await client.query('begin')
  const begun = batch.filter(({ kind }) => kind === 'begin').map(({ run }) => run)
  if (begun.length > 0) {
    await client.query({
      name: 'begin-runs',
      text: `insert into runs (id, status) select unnest($1::uuid[]), 'running'`,
      values: [begun],
    })
  }
  const steps = batch.filter(({ kind }) => kind !== 'begin')
  if (steps.length > 0) {
    await client.query({
      name: 'steps',
      text: 'insert into steps select * from unnest($1::uuid[], $2::int[], $3::json[])',
      values: [
        steps.map(({ run }) => run),
        steps.map(({ step }) => step),
        steps.map(() => '{"ok":true}'),
      ],
    })
  }
  const ended = batch.filter(({ kind }) => kind === 'end').map(({ run }) => run)
  if (ended.length > 0) {
    await client.query({
      name: 'end-runs',
      text: `update runs set status = 'completed' where id = any($1)`,
      values: [ended],
    })
  }
  await client.query('commit')
}
