import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { MIGRATIONS } from '../src/app/database.ts'
import type { Json, JsonObject } from '../src/kernel/json.ts'
import { silentLog } from '../src/kernel/log.ts'
import { createManualClock } from '../src/kernel/testing.ts'
import { systemClock } from '../src/platform/clock.ts'
import { migrate } from '../src/platform/sql/migrate.ts'
import { createSqlRetentionStore, prune, startPruner } from '../src/workflow/index.ts'

import { openTestCli, type TestCli } from './support/cli.ts'
import { createTestDatabase } from './support/database.ts'
import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const DAY = 86_400_000
/** Everything here happened a hundred days ago. */
const then = {
  now: () => systemClock.now() - 100 * DAY,
  after: (ms: number, callback: () => void) => systemClock.after(ms, callback),
}

let platform: TestPlatform
let cli: TestCli
beforeAll(async () => {
  platform = await openTestPlatform({ surroundings: { clock: then } })
  cli = await openTestCli({ PRSM_DATABASE_URL: platform.url, PRSM_LOG_LEVEL: 'silent' })
})
afterAll(async () => {
  await cli.drop()
  await platform.drop()
})

const start = async (steps: JsonObject, clockPlatform = platform): Promise<string> => {
  const definition: Json = { apiVersion: 'prsm/v1', name: 'old', steps }
  const { id } = await clockPlatform.workflows.submit({ tenant: 'default', definition, inputs: {} })
  return id
}
const until = (run: string, status: string): Promise<void> =>
  expect.poll(async () => (await platform.workflows.getRun('default', run)).status).toBe(status)
const done = { a: { uses: 'transform', with: { value: 1 } } }
const waits = { a: { uses: 'wait', with: { signal: 'go' } } }
const large = (letter: string): JsonObject => ({
  a: { uses: 'transform', with: { value: letter.repeat(100_000) } },
})
const rowsOf = async (run: string): Promise<number> => {
  const [row] = await platform.fixture.database.query<{ count: number }>({
    text: `select ((select count(*) from events where stream = $1) + (select count(*) from runs where id = $1))::int as count`,
    values: [run],
  })
  return row?.count ?? 0
}
const store = (): ReturnType<typeof createSqlRetentionStore> =>
  createSqlRetentionStore(platform.fixture.database)

describe('pruning', () => {
  test('removes ended runs and nothing of others, and says what became of them', async () => {
    const child = {
      uses: 'workflow',
      with: { definition: { apiVersion: 'prsm/v1', name: 'child', steps: done }, inputs: {} },
    }
    const old = await start(done)
    const parent = await start({ child })
    const waiting = await start(waits)
    const waitingParent = await start({ child, b: { ...waits.a, needs: 'child' } })
    await Promise.all([
      until(old, 'completed'),
      until(parent, 'completed'),
      until(waiting, 'waiting'),
    ])
    await until(waitingParent, 'waiting')
    const young = await platform.beside({ worker: 'none' })
    const before = (await platform.workflows.listRuns({ tenant: 'default', limit: 99 })).length
    expect(before).toBe(6)
    const dry = await cli.run('db', 'prune', '--dry-run')
    expect(dry.out).toMatch(/^2 runs with \d+ events \(\d+ kB\) would be removed\n/)
    expect((await cli.json('db', 'prune', '--older-than', '200d')).value).toMatchObject({ runs: 0 })
    expect(await rowsOf(old)).toBeGreaterThan(2)
    // A child goes after its parent.
    expect((await cli.json('db', 'prune')).value).toMatchObject({ runs: 3, isBusy: false })
    expect([await rowsOf(old), await rowsOf(parent)]).toEqual([0, 0])
    const left = await young.workflows.listRuns({ tenant: 'default', limit: 99 })
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining([waiting, waitingParent]))
    expect(left).toHaveLength(3)
    for (const ask of [
      ['show', old],
      ['logs', old],
      ['resume', old],
    ]) {
      const { code, err } = await cli.run(...ask)
      expect([code, err]).toMatchObject([
        1,
        expect.stringMatching(/not kept any more[^]*workflow\.pruned/),
      ])
    }
    await expect(platform.workflows.getRun('default', 'run_none')).rejects.toMatchObject({
      code: 'workflow.unknown-run',
    })
    const signal = { tenant: 'default', run: waiting, signal: 'go', payload: null, by: 'test' }
    await platform.workflows.signal(signal)
    await until(waiting, 'completed')
  })

  test('that is killed anywhere leaves each run whole or gone', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, () => start(done)))
    await Promise.all(runs.map((run) => until(run, 'completed')))
    const counts = new Map(
      await Promise.all(runs.map(async (run) => [run, await rowsOf(run)] as const)),
    )
    const { database } = platform.fixture
    // The server ends the connection when everything is removed and nothing is committed.
    const dying: typeof database = {
      ...database,
      transaction: (work) =>
        database.transaction(async (sql) => {
          const value = await work(sql)
          await sql.query({ text: 'select pg_terminate_backend(pg_backend_pid())' })
          return value
        }),
    }
    const endedBefore = systemClock.now() - 90 * DAY
    const batch = { after: '', below: 'run_z', endedBefore, tenant: undefined, limit: 5 }
    await expect(createSqlRetentionStore(dying).prune(batch)).rejects.toThrow(
      /terminat|connection/i,
    )
    for (const [run, count] of counts) expect(await rowsOf(run)).toBe(count)
    expect(await store().prune(batch)).toMatchObject({ runs: 5 })
    for (const [run, count] of counts) expect([0, count]).toContain(await rowsOf(run))
    await prune(
      { store: store(), clock: systemClock },
      { endedBefore: systemClock.now() - 90 * DAY, textBefore: 1, isDryRun: false },
    )
    for (const run of runs) expect(await rowsOf(run)).toBe(0)
  })

  test('keeps values that something refers to, and removes the others a day later', async () => {
    const [kept, gone] = [
      await start({ ...large('x'), b: { ...waits.a, needs: 'a' } }),
      await start(large('y')),
    ]
    await until(kept, 'waiting')
    await until(gone, 'completed')
    const { database } = platform.fixture
    const hashes = async (): Promise<number> =>
      (await database.query({ text: 'select hash from artifacts' })).length
    const age = { text: `update artifacts set created_at = created_at - interval '2 days'` }
    expect(await hashes()).toBe(2)
    expect((await cli.json('db', 'prune')).value).toMatchObject({ artifacts: 0 })
    await database.query(age)
    expect((await cli.json('db', 'prune', '--dry-run')).value).toMatchObject({ artifacts: 1 })
    expect((await cli.json('db', 'prune')).value).toMatchObject({ artifacts: 1 })
    expect(await hashes()).toBe(1)
    const signal = { tenant: 'default', run: kept, signal: 'go', payload: null, by: 'test' }
    await platform.workflows.signal(signal)
    await until(kept, 'completed')
    const events = await platform.workflows.listEvents('default', kept)
    expect(events.at(-1)?.event.kind).toBe('run.completed')
  })

  test('is refused for what has just ended, and without an age where runs are kept for ever', async () => {
    expect((await cli.run('db', 'prune', '--older-than', '5m')).err).toMatch(/an hour/)
    const ever = cli.start(['db', 'prune'], { env: { PRSM_KEEP_RUNS_DAYS: '0' } })
    expect(await ever.ended).toMatchObject({ code: 2, err: expect.stringMatching(/for ever/) })
  })

  test('leaves the rest to another process that prunes already', async () => {
    const { database } = platform.fixture
    const report = await database.transaction(async (sql) => {
      await sql.query({
        text: `select pg_advisory_xact_lock(hashtextextended('prsm-retention', 0))`,
      })
      const request = { endedBefore: 1, textBefore: 1, isDryRun: false }
      return prune({ store: store(), clock: systemClock }, request)
    })
    expect(report).toMatchObject({ runs: 0, isBusy: true })
  })

  test('happens every hour where a process works for everybody', async () => {
    const run = await start(done)
    await until(run, 'completed')
    const clock = createManualClock(systemClock.now())
    const stop = startPruner({
      store: store(),
      clock,
      log: silentLog,
      keepMs: 90 * DAY,
      keepTextMs: DAY,
    })
    expect(await rowsOf(run)).toBeGreaterThan(0)
    clock.advance(3_600_000)
    await expect
      .poll(() => {
        clock.advance(100)
        return rowsOf(run)
      })
      .toBe(0)
    // It may rest between two parts of its work.
    let isOver = false
    const stopped = stop().finally(() => (isOver = true))
    const patience = { timeout: 60_000, interval: 10 }
    await vi.waitUntil(() => (clock.advance(100), isOver), patience)
    await stopped
    expect(clock.pending).toBe(0)
  })
})

const state = fc.record({
  status: fc.constantFrom('completed', 'failed', 'cancelled', 'running', 'waiting', 'paused'),
  isOld: fc.boolean(),
  owner: fc.option(fc.constant('work_1'), { freq: 4 }),
  wakeMs: fc.option(fc.constant(0), { freq: 4 }),
  signals: fc.constantFrom(0, 0, 0, 1),
  parent: fc.option(fc.nat(7), { freq: 3 }),
})

test('never removes anything of a run that has not ended, or whose parent is there', async () => {
  const fixture = await createTestDatabase()
  const { database } = fixture
  await migrate(database, MIGRATIONS)
  await fc.assert(
    fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 8 }), async (runs) => {
      await database.query({ text: 'truncate runs, events' })
      const nameOf = (at: number): string => `run_${at}`
      for (const [at, { status, isOld, owner, wakeMs, signals, parent }] of runs.entries()) {
        const parentName = parent === null || parent >= at ? null : nameOf(parent)
        await database.query({
          text: `insert into runs (id, tenant, name, definition, status, created_ms, ended_ms, owner, wake_ms, signals, parent)
            values ($1, 'acme', 'n', 'd', $2, 1, $3, $4, $5, $6, $7)`,
          values: [nameOf(at), status, isOld ? 5 : 500, owner, wakeMs, signals, parentName],
        })
        await database.query({
          text: `insert into events (tenant, seq, stream, version, kind, at_ms, data) values ('acme', $1, $2, 1, 'run.created', 1, '{}')`,
          values: [at + 1, nameOf(at)],
        })
      }
      const batch = { after: '', below: 'run_z', endedBefore: 100, tenant: undefined, limit: 99 }
      const pruning = createSqlRetentionStore(database)
      for (let round = 0; round < 9; round++) await pruning.prune(batch)
      const gone = new Set<number>()
      for (const [at, { status, isOld, owner, wakeMs, signals, parent }] of runs.entries()) {
        const isFinal = ['completed', 'failed', 'cancelled'].includes(status)
        const isQuiet = owner === null && wakeMs === null && signals === 0
        const isAlone = parent === null || parent >= at || gone.has(parent)
        if (isFinal && isOld && isQuiet && isAlone) gone.add(at)
      }
      const expected = runs.flatMap((_, at) => (gone.has(at) ? [] : [nameOf(at)]))
      const kept = await database.query<{ id: string }>({ text: 'select id from runs order by id' })
      expect(kept.map(({ id }) => id)).toEqual(expected)
      const events = await database.query<{ id: string }>({
        text: 'select stream as id from events order by 1',
      })
      expect(events.map(({ id }) => id)).toEqual(expected)
    }),
    { numRuns: 15 },
  )
  await fixture.drop()
})
