import { join } from 'node:path'

import { expect, test } from 'vitest'

import { sleep } from '../../../kernel/clock.ts'
import { systemClock } from '../../clock.ts'

import { useWorkplace, openHere, processesOf, query, runningServer, until } from './testing.ts'

const place = useWorkplace()

/** Resolves when no server is at work in `dataDir`. */
function stopped(dataDir: string, limitMs?: number): Promise<unknown> {
  return until(async () => (await runningServer(dataDir)) === undefined || undefined, limitMs)
}

test('processes that open a new directory at the same instant get the same server', async () => {
  const dataDir = join(place.folder(), 'data')
  const children = [place.child(), place.child(), place.child()]
  // All have started up before any of them opens.
  await Promise.all(children.map((child) => child.ask('ready')))
  const opened = await Promise.all(children.map((child) => child.ask('open', { dataDir })))
  expect(opened.filter((one) => JSON.stringify(one).includes('"isStarter":true'))).toHaveLength(1)
  const starts = await Promise.all(
    children.map((child) => child.ask('query', 'select pg_postmaster_start_time()::text')),
  )
  expect(new Set(starts.map((start) => JSON.stringify(start))).size).toBe(1)
})

test('users come and go, and the server lives until the last has closed', async () => {
  const dataDir = await place.dataDir()
  const first = await openHere(dataDir)
  const server = await runningServer(dataDir)
  const second = await openHere(dataDir)
  expect([first.isStarter, second.isStarter]).toEqual([true, false])
  await first.close({ wait: true })
  const third = await openHere(dataDir)
  await second.close({ wait: true })
  expect(await query(third.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await runningServer(dataDir)).toBe(server)
  await third.close({ wait: true })
  expect(await runningServer(dataDir)).toBeUndefined()
})

test('closing twice gives up one share', async () => {
  const dataDir = await place.dataDir()
  const [first, second] = [await openHere(dataDir), await openHere(dataDir)]
  await first.close()
  await first.close({ wait: true })
  expect(await query(second.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await second.close({ wait: true })
})

test('opening at any moment of a shutdown gives a server that stays', async () => {
  const dataDir = await place.dataDir()
  let database = await openHere(dataDir)
  let starts = 0
  for (let delayMs = 0; delayMs < 60; delayMs += 5) {
    await database.close()
    await sleep(systemClock, delayMs)
    database = await openHere(dataDir)
    starts += Number(database.isStarter)
    expect(await query(database.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  }
  expect(starts).toBeGreaterThan(3)
  await database.close({ wait: true })
})

test('many openings and closings at once leave one server or none', async () => {
  const dataDir = await place.dataDir()
  const keep = await openHere(dataDir)
  const server = await runningServer(dataDir)
  const visit = async (index: number): Promise<void> => {
    await sleep(systemClock, (index * 7) % 50)
    const visitor = await openHere(dataDir)
    expect(visitor.isStarter).toBe(false)
    await visitor.close({ wait: index % 2 === 0 })
  }
  await Promise.all(Array.from({ length: 40 }, (_, index) => visit(index)))
  expect(await runningServer(dataDir)).toBe(server)
  await keep.close({ wait: true })
})

test('the server is gone within 1.5 s after its only user was killed', async () => {
  const dataDir = await place.dataDir()
  const child = place.child()
  await child.ask('open', { dataDir })
  await child.ask('query', 'create table t as select generate_series(1, 10000) i')
  expect(processesOf(dataDir).supervisors).toHaveLength(2)
  await child.kill()
  await stopped(dataDir, 1_500)
  await until(() => processesOf(dataDir).supervisors.length === 0 || undefined)
})

test('a user that is killed does not take the server from another', async () => {
  const dataDir = await place.dataDir()
  const child = place.child()
  await child.ask('open', { dataDir })
  const here = await openHere(dataDir)
  const server = await runningServer(dataDir)
  await child.kill()
  expect(await query(here.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await runningServer(dataDir)).toBe(server)
  await here.close({ wait: true })
})

test('Ctrl-C in the terminal of the starter does not stop the server of others', async () => {
  const dataDir = await place.dataDir()
  const child = place.child({ detached: true })
  await child.ask('open', { dataDir })
  const here = await openHere(dataDir)
  const server = await runningServer(dataDir)
  // What a terminal does: the signal goes to every process of the group.
  process.kill(-child.pid, 'SIGINT')
  await child.ended
  expect(await query(here.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await runningServer(dataDir)).toBe(server)
  await here.close({ wait: true })
})

test('a service manager that signals every process leaves the users their database', async () => {
  const dataDir = await place.dataDir()
  const here = await openHere(dataDir)
  for (const pid of processesOf(dataDir).supervisors) process.kill(pid, 'SIGTERM')
  expect(await query(here.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await here.close({ wait: true })
  expect(await runningServer(dataDir)).toBeUndefined()
})
