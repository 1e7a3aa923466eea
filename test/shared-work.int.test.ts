import timers from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { Json, JsonObject } from '../src/kernel/json.ts'
import { ConnectionLostError } from '../src/platform/sql/errors.ts'
import { defineStepKind } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const TENANT = 'default'
const nap = defineStepKind({
  name: 'nap',
  summary: 'Takes its time.',
  with: z.strictObject({ ms: z.number() }),
  async run({ ms }, { signal }) {
    await timers.setTimeout(ms, undefined, { signal })
    return { output: ms }
  },
})
const flow = (steps: Json): JsonObject => ({ apiVersion: 'prsm/v1', name: 'shared', steps })

let platform: TestPlatform
const submit = async (steps: Json): Promise<string> =>
  (await platform.workflows.submit({ tenant: TENANT, definition: flow(steps), inputs: {} })).id
const statusOf = async (run: string): Promise<string> =>
  (await platform.workflows.getRun(TENANT, run)).status
const count = async (condition: string): Promise<number> => {
  const text = `select count(*)::int as n from runs where ${condition}`
  const [row] = await platform.database.database.query<{ n: number }>({ text })
  return row?.n ?? 0
}
/** Runs that each worker has in memory, the most first. */
const held = async (): Promise<readonly number[]> => {
  const text = `select count(*)::int as n from runs where owner is not null and ended_ms is null
    group by owner order by n desc`
  const rows = await platform.database.database.query<{ n: number }>({ text })
  return rows.map(({ n }) => n)
}

const open = async (slots: number): Promise<void> => {
  platform = await openTestPlatform({
    role: { worker: 'all', kinds: [nap] },
    settings: { slots, durability: 'relaxed' },
  })
}
afterEach(() => platform.drop())

describe('a worker whose slots are taken', () => {
  test('leaves the runs it cannot work on to others', async () => {
    await open(2)
    for (let n = 0; n < 30; n++) await submit({ a: { uses: 'nap', with: { ms: 100 } } })
    // Two that run, two that wait for their slots, and some that begin or end; the others are anybody's.
    const [most = 0, ...others] = await held()
    expect([most < 12, others]).toEqual([true, []])
    await platform.beside({ worker: 'all', kinds: [nap] }, { slots: 8 })
    await expect.poll(async () => (await held()).length).toBe(2)
    await expect.poll(() => count(`status = 'completed'`)).toBe(30)
    const text = `select data ->> 'worker' as worker, count(*)::int as n from events
      where kind = 'run.started' group by 1 order by 2`
    const shares = await platform.database.database.query<{ n: number }>({ text })
    expect(shares).toHaveLength(2)
    expect(shares.at(-1)?.n).toBeGreaterThan(15)
  })

  test('by one run of many steps works on others beside it', async () => {
    await open(2)
    const items = Array.from({ length: 60 }, (_, n) => n)
    const large = await submit({ many: { uses: 'nap', with: { ms: 50 }, forEach: items } })
    const small = await submit({ a: { uses: 'nap', with: { ms: 1 } } })
    await expect.poll(() => statusOf(small)).toBe('completed')
    expect(await statusOf(large)).toBe('running')
  })

  test('hears what runs in the line are asked, and takes in what only waits', async () => {
    await open(1)
    const busy = await submit({ a: { uses: 'nap', with: { ms: 60_000 } } })
    await expect.poll(() => statusOf(busy)).toBe('running')
    const line: string[] = []
    for (let n = 0; n < 9; n++) line.push(await submit({ a: { uses: 'nap', with: { ms: 1 } } }))
    const last = line.at(-1) ?? ''
    expect(await statusOf(last)).toBe('queued')
    await platform.workflows.control(TENANT, last, { action: 'cancel', by: 'ann' })
    await expect.poll(() => statusOf(last)).toBe('cancelled')
    await platform.workflows.control(TENANT, busy, { action: 'cancel', by: 'ann' })
    await expect.poll(() => count(`status = 'completed'`)).toBe(8)
  })
})

test('runs that only wait are no reason to leave others', async () => {
  await open(1)
  for (let n = 0; n < 20; n++) {
    await submit({ ask: { uses: 'wait', with: { signal: 'go' } } })
  }
  await expect.poll(() => count(`status = 'waiting'`)).toBe(20)
})

test('a run whose signals cannot be read when it is claimed goes on all the same', async () => {
  await open(4)
  const { database } = platform.database
  const query = database.query.bind(database)
  let failures = 0
  const failing: typeof query = async (statement) => {
    if (statement.text.includes('from signals s join runs') && failures < 3) {
      failures++
      throw new ConnectionLostError(new Error('test'))
    }
    return query(statement)
  }
  Object.assign(database, { query: failing })
  // With a key it has to be claimed, by whoever has begun it, too.
  const definition = {
    ...flow({ a: { uses: 'nap', with: { ms: 1 } } }),
    queue: { key: 'k' },
  }
  const { id } = await platform.workflows.submit({ tenant: TENANT, definition, inputs: {} })
  await expect.poll(() => statusOf(id)).toBe('completed')
  expect(failures).toBeGreaterThan(0)
})
