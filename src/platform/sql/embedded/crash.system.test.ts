import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { present } from '../../../kernel/present.ts'

import { isAlive } from './processes.ts'
import {
  useWorkplace,
  IS_ROOT,
  openHere,
  processesOf,
  query,
  runningServer,
  until,
} from './testing.ts'

const place = useWorkplace()

test('no acknowledged row is lost when the server is killed', async () => {
  const dataDir = await place.dataDir()
  const here = await openHere(dataDir)
  await query(here.connection, 'create table rows (n int)')
  const writer = place.child()
  await writer.ask('open', { dataDir })
  const answers = writer.stream('write', 'rows')
  let acknowledged = 0
  for (;;) {
    const { value } = await answers.next()
    if (value.acknowledged === undefined) break // the server is gone
    acknowledged = value.acknowledged
    if (acknowledged === 300) process.kill(present(await runningServer(dataDir)), 'SIGKILL')
  }
  expect(acknowledged).toBeGreaterThanOrEqual(300)
  const again = await openHere(dataDir)
  expect(again.isStarter).toBe(true)
  const [row] = await query(again.connection, 'select count(*)::int as n, max(n) as last from rows')
  // The row in flight may be there or not.
  expect([acknowledged, acknowledged + 1]).toContain((row as { n: number }).n)
  // Those who used the killed server count as users of the next one.
  await again.close({ wait: true })
  expect(await query(here.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await here.close()
})

test('the server restarts itself when one of its processes is killed', async () => {
  const dataDir = await place.dataDir()
  const here = await openHere(dataDir)
  const server = await runningServer(dataDir)
  const other = processesOf(dataDir).servers.filter((p) => p !== server)
  process.kill(present(other.at(-1)), 'SIGKILL')
  await until(() => query(here.connection, 'select 1').then(Boolean, () => undefined))
  expect(await runningServer(dataDir)).toBe(server)
  await here.close({ wait: true })
  expect(await runningServer(dataDir)).toBeUndefined()
})

test('a server whose supervisor was killed is replaced, for its old users too', async () => {
  const dataDir = await place.dataDir()
  const old = await openHere(dataDir)
  await query(old.connection, 'create table kept as select 7 as n')
  const server = present(await runningServer(dataDir))
  for (const pid of processesOf(dataDir).supervisors) process.kill(pid, 'SIGKILL')
  expect(await query(old.connection, 'select n from kept')).toEqual([{ n: 7 }])
  const next = await openHere(dataDir)
  expect(next.isStarter).toBe(true)
  expect(await runningServer(dataDir)).not.toBe(server)
  expect(await query(next.connection, 'select n from kept')).toEqual([{ n: 7 }])
  await next.close({ wait: true })
  expect(await query(old.connection, 'select n from kept')).toEqual([{ n: 7 }])
  await old.close({ wait: true })
  expect(await runningServer(dataDir)).toBeUndefined()
})

test.each<[string, (dataDir: string) => unknown]>([
  ['it has taken the place', (dataDir) => existsSync(join(dataDir, 'postgres/alive.1'))],
  ['there is a supervisor', (dataDir) => processesOf(dataDir).supervisors.length > 0],
  ['there is a server', (dataDir) => runningServer(dataDir)],
])('a starter that is killed when %s keeps nobody from starting', async (_case, isReached) => {
  const dataDir = await place.dataDir()
  const child = place.child()
  await child.ask('ready')
  const opening = child.stream('open', { dataDir }).next()
  await until(async () => Boolean(await isReached(dataDir)) || undefined)
  await child.kill()
  await opening
  const here = await openHere(dataDir)
  expect(await query(here.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await here.close({ wait: true })
})

test.each<[string, (text: string, stranger: number) => string]>([
  ['names a stranger', (text, stranger) => text.replace(/^\d+/, String(stranger))],
  ['is empty', () => ''],
  ['is as the server left it', (text) => text],
])(
  'after the end of all processes at once a pid file that %s is no obstacle',
  async (_case, change) => {
    const dataDir = await place.dataDir()
    const here = await openHere(dataDir)
    await query(here.connection, 'create table kept as select 7 as n')
    const data = join(dataDir, 'postgres/data')
    for (const pid of Object.values(processesOf(dataDir)).flat()) {
      process.kill(pid, 'SIGKILL')
    }
    await here.close({ wait: true })
    // Of the server's user, whose processes PostgreSQL takes for itself.
    const identity = IS_ROOT ? { uid: 65_534, gid: 65_534 } : {}
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...identity })
    const file = join(data, 'postmaster.pid')
    writeFileSync(file, change(readFileSync(file, 'utf8'), present(stranger.pid)))
    const again = await openHere(dataDir)
    expect(await query(again.connection, 'select n from kept')).toEqual([{ n: 7 }])
    expect(isAlive(present(stranger.pid))).toBe(true)
    stranger.kill()
    await once(stranger, 'exit')
    await again.close({ wait: true })
  },
)

test('a damaged data directory fails at once, with the words of the server', async () => {
  const dataDir = await place.dataDir()
  rmSync(join(dataDir, 'postgres/data/global/pg_control'))
  await expect(openHere(dataDir)).rejects.toMatchObject({
    code: 'sql.engine-failed',
    message: expect.stringContaining('pg_control'),
  })
})
