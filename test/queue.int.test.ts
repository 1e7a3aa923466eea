import timers from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { Platform, Role } from '../src/app/compose.ts'
import type { Config } from '../src/app/config.ts'
import { deferred } from '../src/kernel/deferred.ts'
import type { Json, JsonObject } from '../src/kernel/json.ts'
import { toMicroFtns } from '../src/kernel/money.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createSqlTaskStore, type TaskStore, toVector } from '../src/workflow/index.ts'
import { defineStepKind, type RunRecord, type StepKind } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

let platform: TestPlatform
/** Steps that are running now, and the most there were at once. */
let now = 0
let most = 0
let begun: string[] = []
let hold: (() => Promise<void>) | undefined

const probe: StepKind = defineStepKind({
  name: 'probe',
  summary: 'Notes that it runs.',
  with: z.strictObject({
    name: z.string(),
    ms: z.number().default(1),
    fails: z.number().default(0),
    counts: z.number().default(0),
  }),
  async run({ name, ms, fails, counts }, task) {
    begun.push(name)
    now++
    most = Math.max(most, now)
    try {
      if (task.attempt <= fails) throw new Error(`${name} fails on try ${task.attempt}`)
      let count = Number(task.checkpoint?.load() ?? 0)
      const from = count
      while (count < counts) {
        await sleep(ms, task.signal)
        count++
        await task.checkpoint?.save(count)
      }
      await (hold === undefined
        ? sleep(ms, task.signal)
        : Promise.race([hold(), aborted(task.signal)]))
      return { output: { name, from, count } }
    } finally {
      now--
    }
  },
})

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  timers.setTimeout(ms, undefined, { signal })
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

/** Steps end when the returned function is called, and at once from then on. */
const gate = (): (() => void) => {
  const opened = deferred()
  hold = () => opened.promise
  return () => {
    hold = undefined
    opened.resolve()
  }
}

const flow = (steps: JsonObject, more: JsonObject = {}): Json => ({
  apiVersion: 'prsm/v1',
  name: 'queued',
  ...more,
  steps,
})
const step = (name: string, more: JsonObject = {}, parameters: JsonObject = {}): Json => ({
  uses: 'probe',
  with: { name, ...parameters },
  ...more,
})
const GPU = { runsOn: ['gpu'], resources: { gpu_units: 1 } }

const begin = (definition: Json, more: object = {}): Promise<RunRecord> =>
  platform.workflows.submit({ tenant: 'default', definition, inputs: {}, ...more })

const until = async <Value>(look: () => Promise<Value | undefined | false>): Promise<Value> => {
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}
const ended = (run: RunRecord): Promise<RunRecord> =>
  until(async () => {
    const record = await platform.workflows.getRun('default', run.id)
    return record.endedAt !== undefined && record
  })
const kinds = async (run: RunRecord): Promise<readonly string[]> =>
  (await platform.workflows.listEvents('default', run.id)).map(({ event }) => event.kind)
const outputOf = async (run: RunRecord): Promise<Json | undefined> => {
  const last = (await platform.workflows.listEvents('default', run.id)).at(-1)
  return last?.event.kind === 'run.completed' ? last.event.data.output : undefined
}
const statusOf = async (run: RunRecord, name: string): Promise<string | undefined> =>
  (await platform.queue.list({ limit: 100 })).find(
    (entry) => entry.run === run.id && entry.step === name,
  )?.status

const open = async (role: Role['worker'], settings: Partial<Config> = {}): Promise<void> => {
  platform = await openTestPlatform({
    role: { worker: role, kinds: [probe] },
    settings: { cores: 2, memoryGb: 4, storageGb: 1, leaseMs: 1_000, ...settings },
  })
}
const beside = (settings: Partial<Config> = {}): Promise<Platform> =>
  platform.beside({ worker: 'all', kinds: [probe] }, settings)

beforeEach(() => {
  now = 0
  most = 0
  begun = []
  hold = undefined
})
afterEach(() => platform.drop())

describe('a step that asks for a worker', () => {
  test('waits until one with its labels is there, and runs on it', async () => {
    await open('all')
    const run = await begin(
      flow({ train: step('train', GPU), next: step('next', { needs: 'train' }) }),
    )
    await until(async () => (await statusOf(run, 'train')) === 'queued')
    expect(await platform.queue.load()).toMatchObject({ queued: 1, unservable: 1 })
    await beside({ labels: ['gpu'], gpus: 1 })
    expect(await ended(run)).toMatchObject({ status: 'completed' })
    expect(await kinds(run)).toEqual([
      'run.created',
      'run.started',
      'step.waiting',
      'step.assigned',
      'step.completed',
      'step.started',
      'step.completed',
      'run.completed',
    ])
    expect(await statusOf(run, 'train')).toBe('completed')
    expect(await outputOf(run)).toEqual({ next: { name: 'next', from: 0, count: 0 } })
  })

  test('never has more of a resource than there is', async () => {
    await open('all', { cores: 2 })
    const release = gate()
    const fan = step('item', { forEach: [1, 2, 3, 4, 5, 6], resources: { cpu_cores: 1 } })
    const run = await begin(flow({ fan }))
    await until(async () => begun.length === 2)
    release()
    expect(await ended(run)).toMatchObject({ status: 'completed' })
    expect([begun.length, most]).toEqual([6, 2])
  })

  test('is promised more cores than there are when the worker says so', async () => {
    await open('all', { cores: 2, oversubscription: 2 })
    const release = gate()
    const fan = step('item', { forEach: [1, 2, 3, 4, 5], resources: { cpu_cores: 1 } })
    const run = await begin(flow({ fan }))
    await until(async () => begun.length === 4)
    release()
    await ended(run)
    expect(most).toBe(4)
  })

  test('is tried again as its retry says', async () => {
    await open('all')
    const retry = { max: 2, initial: '1ms', on: ['internal'] }
    const run = await begin(
      flow({ a: step('a', { resources: { cpu_cores: 1 }, retry }, { fails: 1 }) }),
    )
    expect(await ended(run)).toMatchObject({ status: 'completed' })
    expect(await kinds(run)).toContain('step.retrying')
    expect(begun).toEqual(['a', 'a'])
  })

  test('fails its run with what it failed with', async () => {
    await open('all')
    const run = await begin(flow({ a: step('a', { resources: { cpu_cores: 1 } }, { fails: 9 }) }))
    expect(await ended(run)).toMatchObject({
      status: 'failed',
      error: { code: 'internal.fault', message: 'a fails on try 1' },
    })
    expect(await statusOf(run, 'a')).toBe('failed')
  })

  test('is stopped at its timeout', async () => {
    await open('all')
    const run = await begin(
      flow({ a: step('a', { resources: { cpu_cores: 1 }, timeout: '30ms' }, { ms: 60_000 }) }),
    )
    expect(await ended(run)).toMatchObject({
      status: 'failed',
      error: { code: 'workflow.timeout' },
    })
  })

  test('leaves the queue when its run is cancelled, whether it waits or runs', async () => {
    await open('all', { cores: 1 })
    const run = await begin(
      flow({
        runs: step('runs', { resources: { cpu_cores: 1 } }, { ms: 60_000 }),
        waits: step('waits', { resources: { cpu_cores: 1 } }),
      }),
    )
    await until(async () => begun.length === 1)
    await platform.workflows.control('default', run.id, { action: 'cancel', by: 'ada' })
    expect(await ended(run)).toMatchObject({ status: 'cancelled' })
    expect([await statusOf(run, 'runs'), await statusOf(run, 'waits')]).toEqual([
      'cancelled',
      'cancelled',
    ])
    expect(now).toBe(0)
  })

  test('gives way to something urgent and goes on later from where it was', async () => {
    await open('all', { cores: 1 })
    const long = await begin(
      flow({
        long: step(
          'long',
          { resources: { cpu_cores: 1 }, preemptible: true },
          { ms: 20, counts: 20 },
        ),
      }),
      { queue: { priority: 'background' } },
    )
    await until(async () => begun.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    hold = () => new Promise((resolve) => setTimeout(resolve, 200))
    const urgent = await begin(flow({ urgent: step('urgent', { resources: { cpu_cores: 1 } }) }), {
      queue: { priority: 'immediate' },
    })
    expect(await until(async () => (await statusOf(long, 'long')) === 'paused')).toBe(true)
    await ended(urgent)
    hold = undefined
    expect(await ended(long)).toMatchObject({ status: 'completed' })
    expect(begun).toEqual(['long', 'urgent', 'long'])
    const { long: result } = (await outputOf(long)) as { long: { from: number; count: number } }
    expect(result.count).toBe(20)
    expect(result.from).toBeGreaterThan(0)
  })
})

describe('workers', () => {
  let tasks: TaskStore
  const profile = { host: 'h', labels: [], models: [], capacity: toVector({ cpu_cores: 9 }) }
  const register = async (worker: string, leaseMs: number): Promise<void> => {
    await platform.database.database.query({
      text: `insert into workers (id, expires_at) values ($1, clock_timestamp() + $2 * interval '1 ms')`,
      values: [worker, leaseMs],
    })
  }
  const leaseAs = async (worker: string) =>
    until(async () => {
      const leased = await tasks.lease({ worker, profile, places: 9, now: systemClock.now() })
      return leased.tasks.length > 0 && leased.tasks
    })

  test('that die leave their steps to others, and cannot write to them any more', async () => {
    await open('all', { cores: 0 })
    tasks = createSqlTaskStore(platform.database.database)
    await register('dead', 60_000)
    const run = await begin(flow({ a: step('a', { resources: { cpu_cores: 1 } }) }))
    const [task] = await leaseAs('dead')
    const held = task?.lease ?? 0
    await platform.database.database.query({
      text: "update workers set expires_at = clock_timestamp() - interval '1 s' where id = 'dead'",
    })
    await beside({ cores: 1 })
    expect(await ended(run)).toMatchObject({ status: 'completed' })
    const late = {
      id: task?.id ?? '',
      worker: 'dead',
      lease: held,
      status: 'completed',
      answer: { status: 'completed', output: 'stale', ms: 1, usage: [] },
      at: systemClock.now(),
    } as const
    expect(await tasks.settle(late)).toBe(false)
    expect(await outputOf(run)).toEqual({ a: { name: 'a', from: 0, count: 0 } })
  })

  test('that die again and again park the step with the reason', async () => {
    await open('all', { cores: 0 })
    tasks = createSqlTaskStore(platform.database.database)
    const run = await begin(flow({ a: step('a', { resources: { cpu_cores: 1 } }) }))
    for (let nth = 1; nth <= 5; nth++) {
      await register(`dead-${nth}`, 60_000)
      const [task] = await leaseAs(`dead-${nth}`)
      expect(task?.workersLost).toBe(nth - 1)
      await platform.database.database.query({
        text: `delete from workers where id = 'dead-${nth}'`,
      })
      await tasks.reapTasks(systemClock.now())
      if (nth === 2) expect(await statusOf(run, 'a')).toBe('retrying')
    }
    expect(await ended(run)).toMatchObject({
      status: 'failed',
      error: { code: 'workflow.worker-lost' },
    })
  })

  test('that drain finish what they have and take nothing new', async () => {
    await open('none')
    const first = await beside({ cores: 1 })
    const release = gate()
    const run = await begin(
      flow({ a: step('a', { forEach: [1, 2], resources: { cpu_cores: 1 } }) }),
    )
    await until(async () => begun.length === 1)
    const [worker] = await platform.queue.workers()
    expect(worker).toMatchObject({ status: 'working', tasks: 1, used: { cpu_cores: 1 } })
    await platform.queue.setDraining(worker?.id ?? '', true)
    release()
    await until(async () => (await platform.queue.workers())[0]?.tasks === 0)
    expect((await platform.queue.workers())[0]).toMatchObject({ status: 'draining' })
    expect(begun).toHaveLength(1)
    await first.close(0)
    await beside({ cores: 1 })
    expect(await ended(run)).toMatchObject({ status: 'completed' })
  })

  test('that end give back what they run, to go on elsewhere at once', async () => {
    await open('none')
    const first = await beside({ cores: 1, leaseMs: 60_000 })
    const run = await begin(
      flow({ a: step('a', { resources: { cpu_cores: 1 } }, { ms: 10, counts: 50 }) }),
    )
    await until(async () => begun.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await first.close(0)
    await beside({ cores: 1, leaseMs: 60_000 })
    expect(await ended(run)).toMatchObject({ status: 'completed' })
    const { a } = (await outputOf(run)) as { a: { from: number; count: number } }
    expect(a.from).toBeGreaterThan(0)
  })

  test('are wanted as many as would hold all that waits', async () => {
    await open('all', { cores: 2 })
    const release = gate()
    const run = await begin(
      flow({ a: step('a', { forEach: [1, 2, 3, 4, 5], resources: { cpu_cores: 1 } }) }),
    )
    await until(async () => begun.length === 2)
    expect(await platform.queue.load()).toMatchObject({
      queued: 3,
      running: 2,
      workers: 1,
      wantedWorkers: 3,
      unservable: 0,
    })
    expect(await platform.queue.pools()).toContainEqual({
      resource: 'cpu_cores',
      capacity: 2,
      used: 2,
      queued: 3,
    })
    release()
    await ended(run)
  })
})

describe('limits', () => {
  test('hold a tenant to what it may use at once', async () => {
    await open('all', { cores: 8 })
    await platform.queue.setLimit({ tenant: 'default', resource: 'cpu_cores', amount: 2 })
    const release = gate()
    const fan = step('item', { forEach: [1, 2, 3, 4], resources: { cpu_cores: 1 } })
    const run = await begin(flow({ fan }))
    await until(async () => begun.length === 2)
    release()
    await ended(run)
    expect(most).toBe(2)
    await platform.queue.setLimit({ tenant: 'default', resource: 'cpu_cores' })
    expect(await platform.queue.limits()).toEqual([])
  })
})

describe('a run', () => {
  const named = (name: string, more: object = {}): Promise<RunRecord> =>
    begin(flow({ a: step(name) }, { name: name.slice(0, 5) }), more)

  test('of a higher priority begins first when there is not room for all', async () => {
    await open('none')
    const runs = [
      await named('low', { queue: { priority: 'low' } }),
      await named('normal'),
      await named('high', { queue: { priority: 'high' } }),
      await named('immediate', { queue: { priority: 'immediate' } }),
    ]
    expect((await platform.queue.list({ limit: 9 })).map(({ priority }) => priority)).toEqual([
      'immediate',
      'high',
      'normal',
      'low',
    ])
    await beside({ maxRuns: 1 })
    await Promise.all(runs.map(ended))
    expect(begun).toEqual(['immediate', 'high', 'normal', 'low'])
  })

  test('shares the workers with those of others', async () => {
    await open('none')
    await platform.ledger.welcome('other', toMicroFtns(1_000_000_000n))
    const mine = [await named('a1'), await named('a2'), await named('a3')]
    const theirs = await platform.workflows.submit({
      tenant: 'other',
      definition: flow({ a: step('b1') }),
      inputs: {},
    })
    await beside({ maxRuns: 2 })
    await Promise.all(mine.map(ended))
    expect(theirs.status).toBe('queued')
    expect(begun.indexOf('b1')).toBeLessThan(2)
  })

  test('with a key waits for the others of that key', async () => {
    await open('all')
    const queue = { key: 'customer-7', limit: 2 }
    const runs = await Promise.all(
      [1, 2, 3, 4, 5].map((nth) => begin(flow({ a: step(`k${nth}`, {}, { ms: 30 }) }), { queue })),
    )
    expect((await Promise.all(runs.map(ended))).map(({ status }) => status)).toEqual(
      Array.from({ length: 5 }, () => 'completed'),
    )
    expect(most).toBe(2)
  })

  test('with a key of its inputs waits only for its own', async () => {
    await open('all')
    const definition = flow(
      { a: step('keyed', {}, { ms: 30 }) },
      { inputs: { type: 'object' }, queue: { key: '{% $inputs.who %}' } },
    )
    const runs = await Promise.all(
      ['x', 'y', 'x'].map((who) =>
        platform.workflows.submit({ tenant: 'default', definition, inputs: { who } }),
      ),
    )
    await Promise.all(runs.map(ended))
    expect(most).toBe(2)
  })

  test('is scheduled until its window opens', async () => {
    await open('all')
    const hour = (Math.floor(systemClock.now() / 3_600_000) + 12) % 24
    const at = (h: number): string => `${String(h % 24).padStart(2, '0')}:00`
    const run = await begin(flow({ a: step('a') }), {
      queue: { window: { from: at(hour), to: at(hour + 1), zone: 'UTC' } },
    })
    expect(run.status).toBe('scheduled')
    const [entry] = await platform.queue.list({ status: 'scheduled', limit: 9 })
    expect(entry).toMatchObject({ run: run.id, notBefore: expect.any(Number) })
    await platform.workflows.control('default', run.id, { action: 'cancel', by: 'ada' })
    expect(await ended(run)).toMatchObject({ status: 'cancelled' })
    expect(begun).toEqual([])
  })

  test('is stopped at its deadline', async () => {
    await open('all')
    const run = await begin(flow({ a: step('a', {}, { ms: 60_000 }) }), {
      queue: { deadline: '50ms' },
    })
    expect(await ended(run)).toMatchObject({
      status: 'failed',
      error: { code: 'workflow.deadline-missed' },
    })
  })
})
