import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import {
  administer,
  createTestDatabase,
  type TestDatabase,
} from '../../../test/support/database.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { JournalEvent, StoredEvent } from '../../kernel/journal.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../clock.ts'

import { type Database, openDatabase } from './database.ts'
import { isUniqueViolation } from './faults.ts'
import {
  createGroupCommit,
  type GroupCommit,
  type Guard,
  type Sender,
  write,
} from './group-commit.ts'
import { JOURNAL_MIGRATIONS, openJournal, type SqlJournal } from './journal.ts'
import { migrate, type Migration } from './migrate.ts'

let fixture: TestDatabase
let database: Database

beforeAll(async () => {
  fixture = await createTestDatabase()
  database = fixture.database
})
afterAll(() => fixture.drop())

describe('database', () => {
  test('commits what resolves and rolls back what rejects', async () => {
    await database.query({ text: 'create table t (n int primary key)' })
    await database.transaction((sql) => sql.query({ text: 'insert into t values (1)' }))
    const broken = database.transaction(async (sql) => {
      await sql.query({ text: 'insert into t values (2)' })
      throw new Error('no')
    })
    await expect(broken).rejects.toThrow('no')
    expect(await database.query({ text: 'select n from t' })).toEqual([{ n: 1 }])
  })

  test('compiles no statements, whatever the server does by itself', async () => {
    const text = `select setting, source from pg_settings where name = 'jit'`
    expect(await database.query({ text })).toEqual([{ setting: 'off', source: 'client' }])
  })

  test('builds typed queries', async () => {
    interface Tables {
      readonly t: { readonly n: number }
    }
    const tables = await database.tables<Tables>()
    expect(await tables.selectFrom('t').selectAll().where('n', '<', 2).execute()).toEqual([
      { n: 1 },
    ])
  })

  test('names the SQLSTATE of a refused statement', async () => {
    const twice = database.query({ text: 'insert into t values (1)' })
    await expect(twice).rejects.toMatchObject({ code: 'sql.statement-failed', sqlState: '23505' })
    await twice.catch((fault: unknown) => expect(isUniqueViolation(fault)).toBe(true))
  })

  test('runs a transaction again after a serialisation failure', async () => {
    await database.query({ text: 'create table counter (n int); insert into counter values (0)' })
    const add = (): Promise<void> =>
      database.transaction(async (sql) => {
        await sql.query({ text: 'set transaction isolation level serializable' })
        const [row] = await sql.query<{ n: number }>({ text: 'select n from counter' })
        await sql.query({ text: 'update counter set n = $1', values: [(row?.n ?? 0) + 1] })
      })
    await Promise.all(Array.from({ length: 6 }, add))
    expect(await database.query({ text: 'select n from counter' })).toEqual([{ n: 6 }])
  })

  test('a lock excludes other processes', async () => {
    const other = await fixture.open()
    const order: string[] = []
    let release = (): void => undefined
    const held = database.withLock('x', async () => {
      order.push('first in')
      await new Promise<void>((resolve) => (release = resolve))
      order.push('first out')
    })
    await expect.poll(() => order).toEqual(['first in'])
    const second = other.withLock('x', async () => void order.push('second in'))
    await other.withLock('y', async () => void order.push('other lock'))
    release()
    await Promise.all([held, second])
    expect(order).toEqual(['first in', 'other lock', 'first out', 'second in'])
  })

  test('notifications reach other processes, also after the connection broke', async () => {
    const other = await fixture.open()
    const heard: string[] = []
    const stop = await other.listen('news', (payload) => heard.push(payload))
    await database.notify('news', 'one')
    await expect.poll(() => heard).toEqual(['one'])
    await database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`,
    })
    // After a reconnect the listener is told to look for itself.
    await expect.poll(() => heard).toEqual(['one', ''])
    await database.notify('news', 'two')
    await expect.poll(() => heard).toEqual(['one', '', 'two'])
    stop()
  })

  test('a listener whose server is away tries again, once at a time', async () => {
    const other = await fixture.open()
    const heard: string[] = []
    await other.listen('back', (payload) => heard.push(payload))
    const [{ name } = { name: '' }] = await database.query<{ name: string }>({
      text: 'select current_database() as name',
    })
    const server = inject('postgres')
    await administer(server, `alter database ${name} allow_connections false`)
    await database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen "back"%'`,
    })
    await expect(other.listen('meanwhile', (payload) => heard.push(payload))).resolves.toBeTypeOf(
      'function',
    )
    // Long enough for tries that double each time to be told from tries that do not.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    await administer(server, `alter database ${name} allow_connections true`)
    await expect.poll(() => heard).toEqual(['', ''])
    await database.notify('meanwhile', 'there')
    await expect.poll(() => heard).toEqual(['', '', 'there'])
    const listeners = await database.query({
      text: `select pid from pg_stat_activity where query in ('listen "back"', 'listen "meanwhile"')`,
    })
    expect(listeners).toHaveLength(1)
  })

  test('a connection that breaks between two statements fails the next one, and not the process', async () => {
    const broken = database.transaction(async (sql) => {
      const [{ pid } = { pid: 0 }] = await sql.query<{ pid: number }>({
        text: 'select pg_backend_pid() as pid',
      })
      await administer(inject('postgres'), `select pg_terminate_backend(${pid})`)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await sql.query({ text: 'select 1' })
    })
    await expect(broken).rejects.toMatchObject({ code: 'sql.connection-lost' })
    expect(await database.query({ text: 'select 1 as n' })).toEqual([{ n: 1 }])
  })

  test('says where nothing answers', async () => {
    const target = { host: '127.0.0.1', port: 1, user: 'x', database: 'y' }
    await expect(
      openDatabase({ target, clock: systemClock, log: silentLog }),
    ).rejects.toMatchObject({
      code: 'sql.unreachable',
      message: expect.stringContaining('127.0.0.1:1/y'),
    })
  })

  test('relaxed durability is a setting of the connection', async () => {
    const relaxed = await openDatabase({
      target: fixture.target,
      clock: systemClock,
      log: silentLog,
      durability: 'relaxed',
    })
    expect(await relaxed.query({ text: 'show synchronous_commit' })).toEqual([
      { synchronous_commit: 'off' },
    ])
    expect(await database.query({ text: 'show synchronous_commit' })).toEqual([
      { synchronous_commit: 'on' },
    ])
    await relaxed.close()
  })
})

describe('migrations', () => {
  const one: Migration = { id: '90-a', sql: 'create table a (n int); insert into a values (1)' }
  const two: Migration = { id: '91-b', sql: 'create table b (n int)' }

  test('run once, in order, from many processes at once', async () => {
    const others = await Promise.all([fixture.open(), fixture.open(), fixture.open()])
    const applied = await Promise.all(
      [database, ...others].map((each) => migrate(each, [two, one])),
    )
    expect(applied.flat()).toEqual(['90-a', '91-b'])
    expect(await database.query({ text: 'select n from a' })).toEqual([{ n: 1 }])
    expect(await migrate(database, [one, two])).toEqual([])
  })

  test('leave nothing behind when one of them fails', async () => {
    const bad: Migration = { id: '93-bad', sql: 'select 1/0' }
    const good: Migration = { id: '92-good', sql: 'create table c (n int)' }
    await expect(migrate(database, [one, two, good, bad])).rejects.toMatchObject({
      code: 'sql.statement-failed',
    })
    expect(await database.query({ text: `select to_regclass('c') as c` })).toEqual([{ c: null }])
  })

  test('refuse a database of a newer version, and an edited migration', async () => {
    await expect(migrate(database, [one])).rejects.toMatchObject({
      code: 'sql.newer-schema',
      message: expect.stringContaining('91-b'),
    })
    await expect(
      migrate(database, [one, { ...two, sql: 'create table b (n text)' }]),
    ).rejects.toMatchObject({ code: 'sql.changed-migration' })
  })
})

describe('group commit', () => {
  let batches: number[][] = []
  const guard: Guard<number> = {
    name: 'guard',
    async apply(_sql, rows) {
      const refused = new Map<number, ErrorRecord>()
      for (const [index, n] of rows.entries()) {
        if (n < 0) refused.set(index, { code: 'test.negative', message: `${n}` })
      }
      return refused
    },
  }
  const numbers: Sender<number> = {
    name: 'numbers',
    send: (sql, rows) =>
      void sql.query({ text: 'insert into numbers select unnest($1::int[])', values: [rows] }),
    committed: (rows) => void batches.push([...rows]),
  }
  let group: GroupCommit

  beforeAll(async () => {
    await database.query({ text: 'create table numbers (n int primary key)' })
    group = createGroupCommit({ database, writers: [guard, numbers], log: silentLog })
  })

  test('many callers share few transactions, few callers one', async () => {
    batches = []
    await Promise.all(Array.from({ length: 64 }, (_, n) => group.commit([write(numbers, [n])])))
    expect(batches).toHaveLength(1)
    await Promise.all(
      Array.from({ length: 436 }, (_, n) => group.commit([write(numbers, [n + 64])])),
    )
    expect(batches.length).toBeLessThan(8)
    expect(await database.query({ text: 'select count(*)::int as n from numbers' })).toEqual([
      { n: 500 },
    ])
  })

  test('one bad caller fails alone', async () => {
    const results = await Promise.allSettled(
      [600, 601, 1, 602, 603].map((n) => group.commit([write(numbers, [n])])),
    )
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(
      await database.query({ text: 'select count(*)::int as n from numbers where n >= 600' }),
    ).toEqual([{ n: 4 }])
  })

  test('a refused caller has none of its rows written', async () => {
    const [good, bad] = await Promise.all([
      group.commit([write(numbers, [700])]),
      group.commit([write(numbers, [701]), write(guard, [-1])]),
    ])
    expect(good.ok).toBe(true)
    expect(bad).toEqual({ ok: false, refusal: { code: 'test.negative', message: '-1' } })
    expect(await database.query({ text: 'select n from numbers where n >= 700' })).toEqual([
      { n: 700 },
    ])
  })

  test('a broken connection is told apart from a refusal, and the next call works', async () => {
    const slow: Sender<number> = {
      name: 'slow',
      send: (sql) => void sql.query({ text: 'select pg_terminate_backend(pg_backend_pid())' }),
    }
    const fragile = createGroupCommit({ database, writers: [slow, numbers], log: silentLog })
    await expect(fragile.commit([write(slow, [1]), write(numbers, [800])])).rejects.toMatchObject({
      code: 'sql.commit-unknown',
    })
    await expect(fragile.commit([write(numbers, [801])])).resolves.toMatchObject({ ok: true })
    expect(await database.query({ text: 'select n from numbers where n >= 800' })).toEqual([
      { n: 801 },
    ])
  })

  test('drain waits for what was handed in', async () => {
    const done: number[] = []
    for (let n = 900; n < 905; n++)
      void group.commit([write(numbers, [n])]).then(() => done.push(n))
    await group.drain()
    await Promise.resolve()
    expect(done).toHaveLength(5)
  })
})

describe('journal', () => {
  let own: TestDatabase
  let journal: SqlJournal
  let group: GroupCommit
  const event = (tenant: string, stream: string, version: number): JournalEvent => ({
    tenant,
    stream,
    version,
    kind: 'test.happened',
    at: 5,
    data: { version },
  })

  beforeAll(async () => {
    // A database of its own: the migrations above are of this test, not of the journal's list.
    own = await createTestDatabase()
    await migrate(own.database, JOURNAL_MIGRATIONS)
    journal = await openJournal({ database: own.database, clock: systemClock })
    group = createGroupCommit({ database: own.database, writers: [journal.writer], log: silentLog })
    return async () => {
      journal.close()
      await own.drop()
    }
  })

  test('numbers the events of each tenant without gaps, in the order of commit', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        group.commit([write(journal.writer, [event(n % 2 === 0 ? 'a' : 'b', `s${n}`, 1)])]),
      ),
    )
    const a = await journal.read({ tenant: 'a', afterSeq: 0 }, 100)
    expect(a.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
    expect((await journal.read({ tenant: 'b', afterSeq: 28 }, 100)).map(({ seq }) => seq)).toEqual([
      29, 30,
    ])
    expect(a[0]).toEqual({
      tenant: 'a',
      seq: 1,
      stream: 's0',
      version: 1,
      kind: 'test.happened',
      at: 5,
      data: { version: 1 },
    })
  })

  test('never keeps two events of one version, and a failed commit leaves no gap', async () => {
    await group.commit([write(journal.writer, [event('c', 'x', 1)])])
    await expect(group.commit([write(journal.writer, [event('c', 'x', 1)])])).rejects.toMatchObject(
      {
        sqlState: '23505',
      },
    )
    await group.commit([write(journal.writer, [event('c', 'x', 2)])])
    expect(
      (await journal.read({ tenant: 'c', afterSeq: 0 }, 10)).map(({ seq, version }) => [
        seq,
        version,
      ]),
    ).toEqual([
      [1, 1],
      [2, 2],
    ])
  })

  test('a follower sees what was there and what comes, once, until it stops', async () => {
    await group.commit([write(journal.writer, [event('d', 'y', 1)])])
    const stop = new AbortController()
    const seen: StoredEvent[] = []
    const following = (async () => {
      for await (const each of journal.follow({ stream: 'y', afterVersion: 0 }, stop.signal)) {
        seen.push(each)
        if (each.version === 3) stop.abort()
      }
    })()
    await expect.poll(() => seen.length).toBe(1)
    await group.commit([write(journal.writer, [event('d', 'y', 2), event('d', 'y', 3)])])
    await following
    expect(seen.map(({ version }) => version)).toEqual([1, 2, 3])
  })

  test('a follower in another process is woken', async () => {
    const elsewhere = await openJournal({ database: await own.open(), clock: systemClock })
    const seen: number[] = []
    const stop = new AbortController()
    const following = (async () => {
      for await (const { version } of elsewhere.follow({ tenant: 'e', afterSeq: 0 }, stop.signal)) {
        seen.push(version)
      }
    })()
    await group.commit([write(journal.writer, [event('e', 'z', 1)])])
    await expect.poll(() => seen, { timeout: 1_500 }).toEqual([1])
    stop.abort()
    await following
    elsewhere.close()
  })
})

test('administer runs on the server itself', async () => {
  await expect(administer(fixture.target, 'select 1')).resolves.toBeUndefined()
})
