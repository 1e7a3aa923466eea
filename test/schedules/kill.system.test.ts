import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { sleep } from '../../src/kernel/clock.ts'
import { createSeededRandom, integerBelow } from '../../src/kernel/random.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { bundle } from '../support/bundle.ts'
import { flow } from '../support/cli.ts'
import { effectKind } from '../support/effect-kind.ts'
import { openTestPlatform, type TestPlatform } from '../support/platform.ts'

const KILLS = 6
const SECONDS = 20
const PROCESSES = 2

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform({
    role: { worker: 'none', kinds: [effectKind(async () => undefined)] },
  })
  await platform.database.database.query({ text: 'create table effects (key text not null)' })
})
afterAll(() => platform.drop())

test('each time has one run, however many of those that fire are killed', async () => {
  const random = createSeededRandom(5)
  const { schedules } = platform
  const names = ['one', 'two', 'three']
  for (const name of names) {
    await schedules.create({
      tenant: 'default',
      by: 'local',
      name,
      definition: flow({ act: { uses: 'effect', with: { ms: 5 } } }),
      spec: {
        trigger: { kind: 'interval', every: '1s' },
        overlap: 'allow',
        catchUp: { policy: 'all', max: 1_000 },
        maxFires: SECONDS,
      },
    })
  }
  const workers = await Promise.all(Array.from({ length: PROCESSES }, () => startWorker()))
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(systemClock, integerBelow(random, 1_500))
    const victim = integerBelow(random, PROCESSES)
    workers[victim]?.kill('SIGKILL')
    workers[victim] = await startWorker()
  }
  const { database } = platform.database
  const count = async (sql: string): Promise<number> =>
    Number((await database.query<{ count: bigint }>({ text: sql }))[0]?.count)
  const expected = names.length * SECONDS
  await expect
    .poll(() => count(`select count(*) from runs where status = 'completed'`), { timeout: 60_000 })
    .toBe(expected)
  for (const worker of workers) worker.kill('SIGKILL')
  expect(await count('select count(*) from runs')).toBe(expected)
  expect(await count('select count(distinct run) from schedule_fires')).toBe(expected)
  expect(await count(`select count(*) from events where kind = 'schedule.fired'`)).toBe(expected)
  for (const name of names) {
    const { status, createdAt } = await schedules.get('default', name)
    expect(status).toBe('ended')
    const fires = await schedules.listFires('default', name, { limit: 200 })
    expect(fires.map(({ scheduledAt }) => (scheduledAt - createdAt) / 1_000).toReversed()).toEqual(
      Array.from({ length: SECONDS }, (_, index) => index + 1),
    )
  }
}, 240_000)

async function startWorker(): Promise<ChildProcess> {
  const program = await bundle(join(import.meta.dirname, '../support/worker-process.ts'))
  const child = fork(program, [platform.url, platform.config.dataDir], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('error', reject)
  })
}
