import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { present } from '../../../kernel/present.ts'

import {
  useWorkplace,
  IS_ROOT,
  openHere,
  query,
  runningServer,
  STRANGER,
  until,
} from './testing.ts'

const place = useWorkplace()

describe('a new data directory', () => {
  test('answers, and speaks UTF-8 whatever the locale of the system', async () => {
    const database = await openHere(join(place.folder(), 'made/on/the/way'))
    expect(database).toMatchObject({ version: expect.stringMatching(/^18\.\d+$/), isStarter: true })
    const sql = `select current_user u, current_database() d, lower('ÄÉ') l, 'b' < 'Ä' o`
    expect(await query(database.connection, sql)).toEqual([
      { u: 'prsm', d: 'prsm', l: 'äé', o: true },
    ])
    await database.close({ wait: true })
  })

  test('keeps what was written over a restart, and its indexes are sound', async () => {
    const dataDir = place.folder()
    const first = await openHere(dataDir)
    await query(first.connection, 'create table kept as select 7 as row')
    await first.close({ wait: true })
    expect(await runningServer(dataDir)).toBeUndefined()
    const second = await openHere(dataDir)
    expect(await query(second.connection, 'select row from kept')).toEqual([{ row: 7 }])
    // Free space and visibility maps are left out of the template.
    await query(second.connection, 'create extension amcheck')
    await query(second.connection, 'vacuum')
    const sound = `select count(bt_index_check(c.oid, true)) > 100 as many from pg_class c
      join pg_am a on a.oid = c.relam where a.amname = 'btree' and c.relpersistence = 'p' and c.relkind = 'i'`
    expect(await query(second.connection, sound)).toEqual([{ many: true }])
    await second.close({ wait: true })
  })

  test('is served with every safeguard of what is acknowledged, and on no network port', async () => {
    const database = await openHere(await place.dataDir())
    const sql = `select name, setting from pg_settings where name in
      ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses') order by 1`
    expect(await query(database.connection, sql)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
    await database.close()
  })

  test('is made whole although the process that made it was killed', async () => {
    const dataDir = place.folder()
    const child = place.child()
    const opening = child.stream('open', { dataDir }).next()
    await until(
      () => readdirSync(dataDir).some((name) => name.startsWith('postgres.new-')) || undefined,
    )
    await child.kill()
    await opening
    const database = await openHere(dataDir)
    expect(await query(database.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    await database.close({ wait: true })
  })

  test('is cleaned of what a crash has left half-made, when that is ten minutes old', async () => {
    const dataDir = place.folder()
    const [old, young] = ['postgres.new-old', 'postgres.new-young'].map((name) =>
      join(dataDir, name),
    )
    for (const draft of [old, young]) mkdirSync(join(present(draft), 'data'), { recursive: true })
    utimesSync(present(old), 1, 1)
    const database = await openHere(dataDir)
    expect(readdirSync(dataDir).toSorted()).toEqual(['postgres', 'postgres.new-young'])
    await database.close()
  })

  test('may lie deeper than a socket address is long', async () => {
    const dataDir = join(place.folder(), ...Array.from({ length: 6 }, () => 'x'.repeat(40)))
    const database = await openHere(dataDir)
    expect(database.connection.host.length).toBeLessThan(90)
    expect(await query(database.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    await database.close({ wait: true })
    expect(() => statSync(database.connection.host)).toThrow('ENOENT')
  })
})

describe.skipIf(!IS_ROOT)('as root (skipped: the suite does not run as root)', () => {
  test('the server runs as nobody, in a folder below one that only root may enter', async () => {
    const above = place.folder()
    chmodSync(above, 0o700)
    const dataDir = join(above, 'data')
    const database = await openHere(dataDir)
    expect(await query(database.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    const status = readFileSync(`/proc/${await runningServer(dataDir)}/status`, 'utf8')
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m)
    expect(status).toMatch(/^Groups:\t *$/m)
    await database.close({ wait: true })
  })

  test('a user without an entry in the password file can use it', async () => {
    const dataDir = join(place.folder(), 'data')
    const child = place.child(STRANGER)
    await child.ask('open', { dataDir })
    expect(await child.ask('query', 'select 1 as one')).toEqual([{ one: 1 }])
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(STRANGER.uid)
    // Root joins in, and later starts the server as that user.
    const here = await openHere(dataDir)
    expect(here.isStarter).toBe(false)
    await here.close()
    await child.ask('close', 'wait')
    const again = await openHere(dataDir)
    expect(statSync(`/proc/${await runningServer(dataDir)}`).uid).toBe(STRANGER.uid)
    await again.close({ wait: true })
    await child.ask('open', { dataDir })
    await child.ask('close', 'wait')
  })

  test('a directory of a user that root opens first is as good for that user', async () => {
    const dataDir = place.folder()
    chownSync(dataDir, STRANGER.uid, STRANGER.gid)
    await (await openHere(dataDir)).close({ wait: true })
    const child = place.child(STRANGER)
    await child.ask('open', { dataDir })
    expect(await child.ask('query', 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

test('an opening that is given up leaves no server', async () => {
  const dataDir = await place.dataDir()
  const controller = new AbortController()
  const giveUp = async (): Promise<void> => {
    await until(() => runningServer(dataDir))
    controller.abort(new Error('enough'))
  }
  const opening = openHere(dataDir, { signal: controller.signal })
  await Promise.all([expect(opening).rejects.toThrow('enough'), giveUp()])
  await until(async () => (await runningServer(dataDir)) === undefined || undefined)
})
