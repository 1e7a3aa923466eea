import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { config } from '../../src/app/config.ts'
import { openStores, type Stores } from '../../src/app/stores.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { parseFtns } from '../../src/kernel/money.ts'
import { createSeededRandom, integerBelow, type Random } from '../../src/kernel/random.ts'
import { createPricing, DEFAULT_PRICES } from '../../src/pricing/index.ts'
import {
  createScheduler,
  createSchedules,
  createStarter,
  createWorkflows,
  FLOW_KINDS,
  type Scheduler,
  type Schedules,
  type ScheduleStore,
  type Workflows,
} from '../../src/workflow/index.ts'
import { flow } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { noSealing } from '../support/no-sealing.ts'
import { realSurroundings, toUrl } from '../support/platform.ts'

const TENANT = 'default'
/** The first of January 2026. */
const START = 1_767_225_600_000
const SECOND = 1_000

/** What a process does not survive. */
class Crash extends Error {}

/** Calls that a process dies before or after, as chance has it; once dead, it does nothing more. */
function crashing<Port extends object>(
  port: Port,
  random: Random,
  life: { isOver: boolean },
): Port {
  const die = (when: string): never => {
    life.isOver = true
    throw new Crash(when)
  }
  return new Proxy(port, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        const fate = integerBelow(random, 16)
        if (life.isOver || fate === 0) die(`before ${String(name)}`)
        const result: unknown = await Reflect.apply(value, target, args)
        if (fate === 1) die(`after ${String(name)}`)
        return result
      }
    },
  })
}

interface Process {
  readonly scheduler: Scheduler
  readonly schedules: Schedules
}

let fixture: TestDatabase
let now = START
const clock: Clock = {
  now: () => now,
  after: (delayMs, callback) => realSurroundings().clock.after(delayMs, callback),
}
const opened: Stores[] = []

async function openProcess(
  random: Random,
  mayCrash: boolean,
): Promise<Process & { readonly stores: Stores }> {
  const settings = config.parse({ databaseUrl: toUrl(fixture.target), durability: 'relaxed' })
  const stores = opened[Number(mayCrash)] ?? (await openStores(settings, { clock, log: silentLog }))
  if (!opened.includes(stores)) opened.push(stores)
  const ids = createIds({ clock, random: realSurroundings().random })
  const workflows = createWorkflows({
    store: stores.runs,
    kinds: new Map(FLOW_KINDS.map((kind) => [kind.name, kind])),
    pricing: createPricing(DEFAULT_PRICES),
    leastBudget: parseFtns('5 FTNS'),
    clock,
    ids,
    engine: undefined,
    sealing: noSealing,
  })
  const life = { isOver: false }
  const maybe = <Port extends object>(port: Port): Port =>
    mayCrash ? crashing(port, random, life) : port
  const store: ScheduleStore = maybe(stores.schedules)
  const starter = createStarter({
    store,
    workflows: maybe<Pick<Workflows, 'submit' | 'control'>>(workflows),
    runs: stores.runs,
    inflate: async (value) => value,
    clock,
    log: silentLog,
  })
  return {
    stores,
    scheduler: createScheduler({ store, starter, clock, log: silentLog }),
    schedules: createSchedules({
      store,
      starter,
      runs: stores.runs,
      workflows,
      secrets: () => undefined,
      clock,
      ids,
      random,
    }),
  }
}

beforeAll(async () => {
  fixture = await createTestDatabase()
})
afterAll(async () => {
  for (const stores of opened) await stores.close()
  await fixture.drop()
})

const nothing = flow({ a: { uses: 'transform', with: { value: 1 } } })

describe('two schedulers on one database that crash again and again', () => {
  test('fire each time and each event once: neither lost nor doubled', async () => {
    const random = createSeededRandom(11)
    const steady = await openProcess(random, false)
    const everySecond = { kind: 'interval', every: '1s' } as const
    for (const name of ['one', 'two', 'three']) {
      await steady.schedules.create({
        tenant: TENANT,
        by: 'local',
        name,
        definition: nothing,
        spec: {
          trigger:
            name === 'three'
              ? { kind: 'event', event: 'schedule.fired', where: { cause: 'time' } }
              : everySecond,
          overlap: 'allow',
          catchUp: { policy: 'all', max: 1_000 },
        },
      })
    }
    let crashes = 0
    for (let round = 0; round < 20; round++) {
      now += SECOND
      const processes = await Promise.all([openProcess(random, true), openProcess(random, true)])
      const looks = await Promise.allSettled(processes.map(({ scheduler }) => scheduler.look()))
      crashes += looks.filter(({ status }) => status === 'rejected').length
    }
    // What the dead had taken is free again when its lease is over.
    now += 30 * SECOND
    for (let look = 0; look < 4; look++) {
      await steady.scheduler.look()
      now += 1
    }
    const times = 50
    for (const name of ['one', 'two']) {
      const fires = await steady.schedules.listFires(TENANT, name, { limit: 200 })
      expect(fires.map(({ scheduledAt }) => (scheduledAt - START) / SECOND).toReversed()).toEqual(
        Array.from({ length: times }, (_, index) => index + 1),
      )
      expect(new Set(fires.map(({ status }) => status))).toEqual(new Set(['started']))
    }
    const fires = await steady.schedules.listFires(TENANT, 'three', { limit: 200 })
    expect(fires).toHaveLength(2 * times)
    const count = async (sql: string): Promise<number> =>
      Number((await fixture.database.query<{ count: bigint }>({ text: sql }))[0]?.count)
    expect(await count(`select count(*) from runs`)).toBe(4 * times)
    expect(await count(`select count(*) from events where kind = 'run.created'`)).toBe(4 * times)
    expect(await count(`select count(*) from events where kind = 'schedule.fired'`)).toBe(4 * times)
    expect(await count(`select count(*) from schedule_fires f join runs r on r.id = f.run`)).toBe(
      4 * times,
    )
    expect(crashes).toBeGreaterThan(10)
  })
})
