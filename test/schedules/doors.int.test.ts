import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { config } from '../../src/app/config.ts'
import { type Local, openLocal } from '../../src/app/local.ts'
import {
  ApiError,
  type Client,
  createClient,
  type Fire,
  type Schedule,
} from '../../src/client/index.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { formatTime } from '../../src/workflow/schedule/parse-time.ts'
import type { ScheduleSpec } from '../../src/workflow/schedule/schema.ts'
import { signDelivery } from '../../src/workflow/schedule/webhook.ts'
import { flow } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { realSurroundings, toUrl } from '../support/platform.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSBvcmRlcnM='

let fixture: TestDatabase
let folder: string
let local: Local
let client: Client
let ahead = 0
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }

beforeAll(async () => {
  fixture = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'prsm-schedules-'))
  const secrets = (name: string): string | undefined => (name === 'ORDERS' ? SECRET : undefined)
  local = await openLocal(
    config.parse({ databaseUrl: toUrl(fixture.target), dataDir: folder, durability: 'relaxed' }),
    { ...realSurroundings(), clock, secrets },
    { role: { worker: 'all' }, version: 'test' },
  )
  client = createClient({
    baseUrl: 'http://prsm.test',
    fetch: (url, init) => local.fetch(url, init),
    attempts: 1,
  })
})
afterAll(async () => {
  await local.close(0)
  await fixture.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Tells the time it was meant for and what it was given. */
const echo = flow(
  {
    say: {
      uses: 'transform',
      with: { value: '{% {"at": $run.scheduledAt, "inputs": $inputs} %}' },
    },
  },
  { name: 'echo', output: '{% $steps.say.output %}' },
)
/** Waits until it is told to go on. */
const held = flow({ hold: { uses: 'wait', with: { signal: 'go' } } }, { name: 'held' })

async function make(
  name: string,
  spec: ScheduleSpec,
  definition: JsonObject = echo,
): Promise<Schedule> {
  return (await client.createSchedule({ name, definition, spec })).schedule
}

async function firesOf(name: string): Promise<readonly Fire[]> {
  const found: Fire[] = []
  for await (const fire of client.listFires(name)) found.push(fire)
  return found.toReversed()
}

async function pass(ms: number): Promise<void> {
  ahead += ms
  await local.platform.scheduler?.look()
}

async function outputOf(run: string): Promise<Json> {
  await expect.poll(async () => (await client.getRun(run)).status).toBe('completed')
  for await (const { kind, data } of client.listEvents(run)) {
    if (kind === 'run.completed') return data['output'] ?? null
  }
  return null
}

const statuses = async (name: string): Promise<readonly string[]> =>
  (await firesOf(name)).map(({ status }) => status)
const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call
  } catch (fault) {
    return fault instanceof ApiError ? [fault.status, fault.code] : fault
  }
}

describe('triggers by time', () => {
  test('now fires at once, at and delay once, interval and cron again and again', async () => {
    const now = clock.now()
    const soon = now + 30 * MINUTE
    await make('t-now', { trigger: { kind: 'now' } })
    await make('t-at', { trigger: { kind: 'at', at: formatTime(soon) } })
    await make('t-delay', { trigger: { kind: 'delay', delay: '40m' } })
    const interval = await make('t-interval', { trigger: { kind: 'interval', every: '20m' } })
    const cron = await make('t-cron', {
      trigger: { kind: 'cron', cron: '0 * * * *' },
      zone: 'Europe/Berlin',
    })
    expect(await firesOf('t-now')).toHaveLength(1)
    expect((await client.getSchedule('t-now')).status).toBe('ended')
    expect((await client.nextFires('t-interval', { count: 2 })).fires).toEqual([
      interval.createdAt + 20 * MINUTE,
      interval.createdAt + 40 * MINUTE,
    ])
    for (let step = 0; step < 6; step++) await pass(10 * MINUTE)
    const [at] = await firesOf('t-at')
    expect(at?.scheduledAt).toBe(soon)
    expect(await outputOf(at?.run ?? '')).toEqual({ at: soon, inputs: {} })
    expect(await firesOf('t-delay')).toHaveLength(1)
    expect(await firesOf('t-interval')).toHaveLength(3)
    const [hourly] = await firesOf('t-cron')
    expect(hourly?.scheduledAt).toBe(cron.nextAt)
    expect((cron.nextAt ?? 1) % HOUR).toBe(0)
    for (const name of ['t-at', 't-delay'])
      expect((await client.getSchedule(name)).status).toBe('ended')
    for (const name of ['t-interval', 't-cron']) await client.deleteSchedule(name)
  })

  test('what was missed is caught up as the policy says, and counted', async () => {
    const every = { kind: 'interval', every: '10m' } as const
    await make('c-skip', { trigger: every, catchUp: { policy: 'skip' }, overlap: 'allow' })
    await make('c-last', { trigger: every, overlap: 'allow' })
    await make('c-all', { trigger: every, catchUp: { policy: 'all', max: 3 }, overlap: 'allow' })
    await pass(55 * MINUTE)
    const counts = await Promise.all(
      ['c-skip', 'c-last', 'c-all'].map(async (name) => {
        const { missed, fires } = await client.getSchedule(name)
        return [fires, missed]
      }),
    )
    expect(counts).toEqual([
      [0, 5],
      [1, 4],
      [3, 2],
    ])
    for (const name of ['c-skip', 'c-last', 'c-all']) await client.deleteSchedule(name)
  })

  test('a pause is not made up for, except by a back-fill, which does so once', async () => {
    const { createdAt } = await make('paused', { trigger: { kind: 'interval', every: '10m' } })
    await client.pauseSchedule('paused')
    await pass(35 * MINUTE)
    expect(await firesOf('paused')).toEqual([])
    expect(await client.resumeSchedule('paused')).toMatchObject({
      status: 'active',
      nextAt: createdAt + 40 * MINUTE,
    })
    const range = {
      from: formatTime(createdAt - 20 * MINUTE),
      to: formatTime(createdAt + 35 * MINUTE),
    }
    const times = [-20, -10, 0, 10, 20, 30].map((minutes) => createdAt + minutes * MINUTE)
    const dry = await client.backfillSchedule('paused', { ...range, dryRun: true })
    expect(dry).toEqual({ fires: times, done: 0 })
    expect(await firesOf('paused')).toEqual([])
    expect((await client.backfillSchedule('paused', { ...range, concurrency: 2 })).fires).toEqual(
      times,
    )
    const isUnderWay = async (): Promise<boolean> =>
      (await statuses('paused')).some((status) => status !== 'started')
    for (let look = 0; look < 300 && (await isUnderWay()); look++) {
      await pass(1_000)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    const fires = await firesOf('paused')
    expect(fires.map(({ scheduledAt, cause, status }) => [scheduledAt, cause, status])).toEqual(
      times.map((at) => [at, 'backfill', 'started']),
    )
    expect(await outputOf(fires[0]?.run ?? '')).toMatchObject({ at: times[0] })
    expect(await client.backfillSchedule('paused', range)).toEqual({ fires: [], done: 6 })
    expect(
      await codeOf(client.backfillSchedule('paused', { from: '2026-01-02', to: '2026-01-01' })),
    ).toEqual([422, 'schedule.invalid-backfill'])
    await client.deleteSchedule('paused')
  })
})

describe('triggers by what happens', () => {
  test('an event that fits fires once, and after another workflow its end does', async () => {
    await make('on-event', {
      trigger: {
        kind: 'event',
        event: 'run.completed',
        where: { 'output.inputs.who': ['anna', 'ben'] },
      },
      map: { who: 'event.data.output.inputs.who', from: 'event.stream' },
    })
    await make('on-after', {
      trigger: { kind: 'after', workflow: 'source', on: 'any' },
      map: { run: 'event.stream', kind: 'event.kind' },
      overlap: 'allow',
    })
    const source = { ...echo, name: 'source' }
    const runs: string[] = []
    for (const who of ['anna', 'cleo']) {
      const { id } = await client.createRun({ definition: source, inputs: { who } })
      await outputOf(id)
      runs.push(id)
    }
    await pass(1_000)
    await pass(1_000)
    const byEvent = await firesOf('on-event')
    // The run it began tells of "anna" too; it does not answer itself.
    expect(byEvent).toHaveLength(1)
    expect(await outputOf(byEvent[0]?.run ?? '')).toMatchObject({
      inputs: { who: 'anna', from: runs[0] },
    })
    await pass(1_000)
    const byAfter = await firesOf('on-after')
    const given = await Promise.all(byAfter.map(async ({ run }) => outputOf(run)))
    expect(given).toMatchObject(runs.map((run) => ({ inputs: { run, kind: 'run.completed' } })))
    expect(await firesOf('on-event')).toHaveLength(1)
    for (const name of ['on-event', 'on-after']) await client.deleteSchedule(name)
  })

  test('a webhook takes what holds its secret, once for each delivery', async () => {
    const spec: ScheduleSpec = {
      trigger: { kind: 'webhook' },
      map: { lines: 'body.order.lines', none: 'body.nothing', id: 'delivery' },
    }
    const { hook = '' } = await client.createSchedule({ name: 'hooked', definition: echo, spec })
    const [, , , id = '', secret = ''] = hook.split('/')
    expect(secret.length).toBeGreaterThan(40)
    const body = { order: { lines: [1, 2] } }
    const accepted = await client.deliver(id, secret, { id: 'order-1', body })
    expect(await outputOf(accepted.run)).toMatchObject({
      inputs: { lines: [1, 2], id: 'order-1' },
    })
    const codes = await Promise.all([
      codeOf(client.deliver(id, secret, { id: 'order-1', body })),
      codeOf(client.deliver(id, 'wrong', { id: 'order-2', body })),
      codeOf(client.deliver('sch_none', secret, { id: 'order-2', body })),
      codeOf(client.deliver(id, secret, { id: '', body })),
    ])
    expect(codes).toEqual([
      [409, 'schedule.replayed'],
      [401, 'schedule.unverified'],
      [401, 'schedule.unverified'],
      [401, 'schedule.unverified'],
    ])
    await client.pauseSchedule('hooked')
    expect(await codeOf(client.deliver(id, secret, { id: 'order-3', body }))).toEqual([
      409,
      'schedule.not-possible',
    ])
    expect(await firesOf('hooked')).toHaveLength(1)
    const stored = await fixture.database.query({
      text: `select 1 from schedules where hook_hash = $1 or spec::text like '%' || $1 || '%'`,
      values: [secret],
    })
    expect(stored).toEqual([])
  })

  test('a signed webhook takes what was signed, within five minutes', async () => {
    const spec: ScheduleSpec = { trigger: { kind: 'webhook', secret: 'ORDERS' }, overlap: 'allow' }
    const { schedule, hook } = await client.createSchedule({
      name: 'signed',
      definition: echo,
      spec,
    })
    expect(hook).toBe(`/v1/hooks/${schedule.id}`)
    const text = '{"a":1}'
    const send = (
      id: string,
      more: Partial<Record<'timestamp' | 'signature' | 'text', string>> = {},
    ): Promise<unknown> => {
      const timestamp = more.timestamp ?? Math.floor(clock.now() / 1_000).toString()
      const signature = `v1,bm9uZQ== ${signDelivery(SECRET, { id, timestamp, body: text })}`
      return codeOf(client.deliverSigned(schedule.id, { id, text, timestamp, signature, ...more }))
    }
    expect(await send('d-1')).toMatchObject({ status: 'started' })
    const refused = [401, 'schedule.unverified']
    expect(await send('d-2', { text: '{"a":2}' })).toEqual(refused)
    expect(await send('d-2', { signature: 'v1,bm9uZQ==' })).toEqual(refused)
    const old = Math.floor((clock.now() - 6 * MINUTE) / 1_000).toString()
    expect(await send('d-2', { timestamp: old })).toEqual(refused)
    expect(await codeOf(client.deliver(schedule.id, 'x', { id: 'd-2', body: 1 }))).toEqual(refused)
    expect(await send('d-1')).toEqual([409, 'schedule.replayed'])
  })
})

describe('fires that overlap', () => {
  const manual = { kind: 'manual' } as const
  const go = (run: string): Promise<unknown> => client.signal(run, { signal: 'go' })
  const ended = async (run: string, status: string): Promise<void> => {
    await expect.poll(async () => (await client.getRun(run)).status).toBe(status)
  }

  test('are skipped', async () => {
    await make('o-skip', { trigger: manual }, held)
    const [first] = await client.triggerSchedule('o-skip')
    const [second] = await client.triggerSchedule('o-skip')
    expect(second).toMatchObject({ status: 'skipped', reason: { code: 'schedule.overlap' } })
    await go(first?.run ?? '')
    await ended(first?.run ?? '', 'completed')
    expect(await client.triggerSchedule('o-skip')).toMatchObject([{ status: 'started' }])
  })

  test('wait for each other', async () => {
    await make('o-queue', { trigger: manual, overlap: 'queue' }, held)
    for (let fire = 0; fire < 3; fire++) await client.triggerSchedule('o-queue')
    const fires = await firesOf('o-queue')
    expect(fires.map(({ status }) => status)).toEqual(['started', 'queued', 'queued'])
    expect(await client.getSchedule('o-queue')).toMatchObject({ waiting: 2 })
    await go(fires[0]?.run ?? '')
    await ended(fires[0]?.run ?? '', 'completed')
    await pass(1_000)
    expect(await statuses('o-queue')).toEqual(['started', 'started', 'queued'])
    expect(await client.deleteSchedule('o-queue')).toMatchObject({ status: 'deleted' })
    const { id } = await client.getSchedule((await make('o-queue', { trigger: manual }, held)).id)
    expect(await firesOf(id)).toEqual([])
  })

  test('take the place of what runs', async () => {
    await make('o-cancel', { trigger: manual, overlap: 'cancel_previous' }, held)
    for (let fire = 0; fire < 3; fire++) await client.triggerSchedule('o-cancel')
    const [first, second, third] = await firesOf('o-cancel')
    expect(second).toMatchObject({ status: 'skipped', reason: { code: 'schedule.superseded' } })
    await ended(first?.run ?? '', 'cancelled')
    await pass(1_000)
    expect(await statuses('o-cancel')).toEqual(['started', 'skipped', 'started'])
    expect((await client.getRun(third?.run ?? '')).endedAt).toBeUndefined()
  })

  test('run side by side', async () => {
    await make('o-allow', { trigger: manual, overlap: 'allow' }, held)
    for (let fire = 0; fire < 2; fire++) await client.triggerSchedule('o-allow')
    expect(await statuses('o-allow')).toEqual(['started', 'started'])
  })
})

describe('a fire whose run cannot be begun', () => {
  test('is parked with its reason, and tried again when asked', async () => {
    await make('p-budget', { trigger: { kind: 'manual' }, budget: '900000 FTNS' })
    const [poor] = await client.triggerSchedule('p-budget')
    expect(poor).toMatchObject({
      status: 'parked',
      reason: { code: 'ledger.insufficient-credit' },
    })
    expect(await client.getSchedule('p-budget')).toMatchObject({ parked: 1 })
    await client.updateSchedule('p-budget', { spec: { trigger: { kind: 'manual' } } })
    const [again] = await client.triggerSchedule('p-budget', { parked: true })
    expect(again).toMatchObject({ key: poor?.key, run: poor?.run, status: 'started', version: 2 })
    expect(await client.getSchedule('p-budget')).toMatchObject({ parked: 0, version: 2 })
    expect((await client.listScheduleVersions('p-budget')).map(({ version }) => version)).toEqual([
      2, 1,
    ])

    const typed = { ...echo, inputs: { type: 'object', required: ['day'] } }
    await make('p-inputs', { trigger: { kind: 'manual' } }, typed)
    expect(await client.triggerSchedule('p-inputs')).toMatchObject([
      { status: 'parked', reason: { code: 'workflow.invalid-inputs' } },
    ])
    expect(await client.triggerSchedule('p-inputs', { inputs: { day: 1 } })).toMatchObject([
      { status: 'started' },
    ])

    const { definition } = await make(
      'p-gone',
      { trigger: { kind: 'manual' } },
      { ...echo, name: 'gone' },
    )
    await fixture.database.query({
      text: 'delete from definitions where hash = $1',
      values: [definition],
    })
    expect(await client.triggerSchedule('p-gone')).toMatchObject([
      { status: 'parked', reason: { code: 'schedule.definition-gone' } },
    ])
    const events: string[] = []
    for await (const { kind } of client.listJournal())
      if (kind === 'schedule.parked') events.push(kind)
    expect(events).toHaveLength(3)
  })
})

describe('what makes no sense is refused', () => {
  const cron = (text: string): ScheduleSpec => ({ trigger: { kind: 'cron', cron: text } })
  test.each<[string, ScheduleSpec, readonly unknown[]]>([
    ['bad-cron', cron('61 * * * *'), [422, 'schedule.invalid-cron']],
    ['never', cron('0 0 30 2 *'), [422, 'schedule.never-fires']],
    ['bad-zone', { ...cron('0 2 * * *'), zone: 'Mars/Phobos' }, [422, 'schedule.unknown-zone']],
    ['past', { trigger: { kind: 'at', at: '2020-01-01T00:00Z' } }, [422, 'schedule.never-fires']],
    ['bad-time', { trigger: { kind: 'at', at: 'tomorrow noon' } }, [422, 'schedule.invalid-time']],
    ['fast', { trigger: { kind: 'interval', every: '10ms' } }, [422, 'schedule.never-fires']],
    ['over', { ...cron('0 2 * * *'), end: '2020-01-01' }, [422, 'schedule.never-fires']],
  ])('%s', async (name, spec, expected) => {
    expect(await codeOf(client.createSchedule({ name, definition: echo, spec }))).toEqual(expected)
  })

  test('a name that is taken, a schedule that is not there, one that has ended', async () => {
    await make('taken', { trigger: { kind: 'now' } })
    const again = client.createSchedule({
      name: 'taken',
      definition: echo,
      spec: { trigger: { kind: 'now' } },
    })
    expect(await codeOf(again)).toEqual([409, 'schedule.exists'])
    expect(await codeOf(client.getSchedule('nobody'))).toEqual([404, 'schedule.unknown'])
    expect(await codeOf(client.pauseSchedule('taken'))).toEqual([409, 'schedule.not-possible'])
    expect(await codeOf(client.triggerSchedule('taken'))).toEqual([409, 'schedule.not-possible'])
  })

  test('a request that is repeated makes one schedule and one fire', async () => {
    const spec: ScheduleSpec = { trigger: { kind: 'manual' }, overlap: 'allow' }
    const key = { idempotencyKey: 'schedule-once' }
    const one = await client.createSchedule({ name: 'once', definition: echo, spec }, key)
    expect(await client.createSchedule({ name: 'once', definition: echo, spec }, key)).toEqual(one)
    const fire = await client.triggerSchedule('once', {}, { idempotencyKey: 'fire-once' })
    expect(await client.triggerSchedule('once', {}, { idempotencyKey: 'fire-once' })).toEqual(fire)
    expect(await firesOf('once')).toHaveLength(1)
  })
})
