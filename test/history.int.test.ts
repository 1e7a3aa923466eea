import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json } from '../src/kernel/json.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform()
})
afterAll(() => platform.drop())

const TENANT = 'default'
const sql = async <Row extends object>(text: string, ...values: Json[]): Promise<readonly Row[]> =>
  platform.database.database.query<Row>({ text, values })
const statusOf = async (run: string): Promise<string> =>
  (await platform.workflows.getRun(TENANT, run)).status
const approve = (run: string): Promise<void> =>
  platform.workflows.signal({
    tenant: TENANT,
    run,
    signal: 'approval',
    payload: { approved: true },
    by: 'ann',
  })

test('a step that completed is neither run again nor lost when its worker dies right after', async () => {
  const steps = {
    a: { uses: 'transform', with: { value: 'done' } },
    ask: { uses: 'approval', needs: 'a', with: { question: 'go on?' } },
  }
  const definition = { apiVersion: 'prsm/v1', name: 'dies', steps }
  const { id } = await platform.workflows.submit({ tenant: TENANT, definition, inputs: {} })
  await expect.poll(() => statusOf(id)).toBe('waiting')
  // What a worker leaves that dies after its commit: the run is its own, and its lease runs out.
  await sql(
    `insert into workers (id, expires_at) values ('work_dead', clock_timestamp() - interval '1 s')`,
  )
  await sql(`update runs set owner = 'work_dead', wake_ms = null where id = $1`, id)
  const before = await platform.history.explain(TENANT, id)
  expect(before.reasons[0]).toMatchObject({ kind: 'lost-worker' })
  await expect
    .poll(async () => (await platform.workflows.listEvents(TENANT, id)).at(-1)?.event.kind, {
      timeout: 60_000,
    })
    .toBe('run.resumed')
  await approve(id)
  await expect.poll(() => statusOf(id)).toBe('completed')
  const events = await platform.workflows.listEvents(TENANT, id)
  const ofA = events.flatMap(({ event }) =>
    'step' in event.data && event.data.step === 'a' ? [event.kind] : [],
  )
  expect(ofA).toEqual(['step.started', 'step.completed'])
  expect(await platform.history.verify(TENANT, id)).toMatchObject({ isIntact: true })
})

test('a run whose history has a gap is not gone on with, and is said to have one', async () => {
  const steps = { ask: { uses: 'approval', with: { question: 'go on?' } } }
  const definition = { apiVersion: 'prsm/v1', name: 'gap', steps }
  const { id } = await platform.workflows.submit({ tenant: TENANT, definition, inputs: {} })
  await expect.poll(() => statusOf(id)).toBe('waiting')
  await platform.engine?.interrupt(id, 'test')
  await sql('delete from events where stream = $1 and version = 2', id)
  const before = await platform.workflows.listEvents(TENANT, id)
  await platform.workflows.control(TENANT, id, { action: 'resume', by: 'test' })
  await expect
    .poll(() => sql('select wake_ms > 0 as later from runs where id = $1', id))
    .toEqual([{ later: true }])
  expect(await platform.workflows.listEvents(TENANT, id)).toEqual(before)
  expect(await platform.history.verify(TENANT, id)).toMatchObject({
    isIntact: false,
    problems: [{ code: 'gap' }],
  })
})

describe('a snapshot', () => {
  const long: Json = {
    apiVersion: 'prsm/v1',
    name: 'long',
    concurrency: 50,
    steps: {
      many: {
        uses: 'transform',
        forEach: Array.from({ length: 600 }, (_, index) => index),
        with: { value: '{% $item * 2 %}' },
      },
      ask: { uses: 'approval', needs: 'many', with: { question: 'go on?' } },
      end: { uses: 'transform', needs: 'ask', with: { value: '{% $sum($steps.many.output) %}' } },
    },
    output: '{% $steps.end.output %}',
  }
  const begin = async (): Promise<string> => {
    const { id } = await platform.workflows.submit({ tenant: TENANT, definition: long, inputs: {} })
    await expect.poll(() => statusOf(id)).toBe('waiting')
    return id
  }
  const snapshots = (run: string): Promise<readonly { version: number }[]> =>
    sql('select version from run_snapshots where run = $1', run)

  test('spares who claims the run the events before it, and goes when the run has ended', async () => {
    const run = await begin()
    const [kept, ...others] = await snapshots(run)
    expect(others).toEqual([])
    expect(kept?.version).toBeGreaterThanOrEqual(1_000)
    await sql('delete from events where stream = $1 and version between 2 and 900', run)
    await approve(run)
    await expect.poll(() => statusOf(run)).toBe('completed')
    const [last] = await sql<{ data: Json }>(
      'select data from events where stream = $1 order by version desc limit 1',
      run,
    )
    expect(last?.data).toMatchObject({ output: 599 * 600 })
    expect(await snapshots(run)).toEqual([])
  })

  test('that is not what it was is not used: everything is folded', async () => {
    const run = await begin()
    await sql(`update run_snapshots set state = replace(state, '598', '999') where run = $1`, run)
    await approve(run)
    await expect.poll(() => statusOf(run)).toBe('completed')
    const events = await platform.workflows.listEvents(TENANT, run)
    expect(events.at(-1)?.event.data).toMatchObject({ output: 599 * 600 })
  })
})
