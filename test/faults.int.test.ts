import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

import type { Json } from '../src/kernel/json.ts'
import { createSeededRandom, integerBelow } from '../src/kernel/random.ts'
import type { RunEvent, RunRecord } from '../src/workflow/index.ts'

import { bundle } from './support/bundle.ts'
import { effectKind } from './support/effect-kind.ts'
import { openTestPlatform, type TestPlatform } from './support/platform.ts'

/** Kills in all; the suite of services asks for more. */
// oxlint-disable-next-line node/no-process-env -- the runner's own settings
const KILLS = Number(process.env['PRSM_TEST_KILLS'] ?? '6')
const RUNS = 24
const SEED = 20_261_124

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform({
    role: { worker: 'none', kinds: [effectKind(async () => undefined)] },
  })
  await platform.database.database.query({ text: 'create table effects (key text not null)' })
})
afterAll(() => platform.drop())

const effect = (ms: number, more: Record<string, Json> = {}): Json => ({
  uses: 'effect',
  with: { ms, ...more },
})
const step = (ms: number, more: Record<string, Json>, rest: Record<string, Json>): Json => ({
  uses: 'effect',
  with: { ms, ...more },
  ...rest,
})

/** Every way of a step through the machine: chains, fans, retries, timers, loops, children, undoing. */
const good: Json = {
  apiVersion: 'prsm/v1',
  name: 'faults-good',
  concurrency: 4,
  steps: {
    a: effect(5, { tokens: 1_000_000 }),
    list: { uses: 'transform', needs: 'a', with: { value: [1, 2, 3, 4, 5] } },
    fan: step(
      8,
      { tokens: 100_000 },
      { forEach: { items: '{% $steps.list.output %}', maxConcurrency: 3 } },
    ),
    flaky: step(
      3,
      { fails: 1 },
      { needs: 'a', retry: { max: 3, initial: '20ms', on: ['internal'] } },
    ),
    pause: { uses: 'wait', needs: 'flaky', with: { for: '60ms' } },
    loop: step(
      3,
      { gives: 1 },
      { needs: 'pause', repeat: { until: '{% $pass = 3 %}', max: 5, delay: '10ms' } },
    ),
    child: {
      uses: 'workflow',
      needs: 'a',
      with: {
        definition: {
          apiVersion: 'prsm/v1',
          name: 'faults-child',
          steps: { c: effect(5, { tokens: 200_000 }) },
        },
      },
    },
    end: step(3, {}, { needs: ['fan', 'loop', 'child'] }),
  },
  output: {
    fan: '{% $count($steps.fan.output) %}',
    loop: '{% $steps.loop.output %}',
    end: '{% $steps.end.output.step %}',
  },
}
const bad: Json = {
  apiVersion: 'prsm/v1',
  name: 'faults-bad',
  steps: {
    a: step(
      5,
      { tokens: 500_000 },
      { compensate: { uses: 'effect', with: { ms: 3, gives: 'undone', tokens: 200_000 } } },
    ),
    b: step(
      5,
      {},
      {
        needs: 'a',
        compensate: { uses: 'effect', with: { ms: 3, gives: 'undone', tokens: 100_000 } },
      },
    ),
    c: step(5, { fails: 99 }, { needs: 'b' }),
  },
}
/** What undisturbed runs give and cost, µFTNS: builtin tokens are 10,000 for a million. */
const EXPECTED = {
  'faults-good': {
    status: 'completed',
    cost: 10_000n + 5n * 1_000n + 2_000n,
    output: { fan: 5, loop: 1, end: 'end' },
  },
  'faults-bad': { status: 'failed', cost: 5_000n + 2_000n + 1_000n, undone: ['b', 'a'] },
} as const

async function startWorker(): Promise<ChildProcess> {
  const program = await bundle(join(import.meta.dirname, 'support/worker-process.ts'))
  const child = fork(program, [platform.url, platform.config.dataDir], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (code) => reject(new Error(`worker exited with ${code}`)))
  })
}

const kill = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

const list = (name: string): Promise<readonly RunRecord[]> =>
  platform.workflows.listRuns({ tenant: 'default', name, limit: 200 })
const open = async (): Promise<number> => {
  const runs = await Promise.all(['faults-good', 'faults-bad', 'faults-child'].map(list))
  return runs.flat().filter(({ endedAt }) => endedAt === undefined).length
}

const countCompleted = async (): Promise<number> => {
  const { database } = platform.database
  const text = `select count(*)::int as n from events where kind = 'step.completed'`
  return (await database.query<{ n: number }>({ text }))[0]?.n ?? 0
}
/**
 * Waits for so many steps more, or for as long as timers may hold all runs up.
 *
 * @remarks A worker that lives for a time gets nothing done on a slow machine, and then steps are
 * given up as those that kill workers.
 */
async function hasDone(steps: number): Promise<void> {
  const least = (await countCompleted()) + steps
  const limit = performance.now() + 3_000
  while ((await countCompleted()) < least && performance.now() < limit)
    await new Promise((resolve) => setTimeout(resolve, 10))
}

test(`${KILLS} kills at random points change neither results nor balances, and nothing acts twice for good`, async () => {
  const random = createSeededRandom(SEED)
  const before = (await platform.ledger.findBalance('default'))?.available ?? 0n
  const submit = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      await platform.workflows.submit({
        tenant: 'default',
        definition: n % 4 === 3 ? bad : good,
        inputs: {},
      })
    }
  }
  await submit(RUNS)
  for (let killed = 0; killed < KILLS; killed++) {
    const worker = await startWorker()
    await hasDone(integerBelow(random, 40))
    await new Promise((resolve) => setTimeout(resolve, integerBelow(random, 30)))
    await kill(worker)
    // New work keeps coming, so that every kill finds runs at every stage.
    if ((await open()) < RUNS / 2) await submit(RUNS / 2)
  }
  const last = await startWorker()
  await expect.poll(open, { timeout: 60_000, interval: 100 }).toBe(0)
  await kill(last)
  await checkRuns(before)
}, 600_000)

/** Whether a step of the run, its undoing, or the run that it began, has met too many kills. */
function isParked(event: RunEvent): boolean {
  if (event.kind !== 'step.failed' && event.kind !== 'undo.failed') return false
  const { code, details } = event.data.error
  const cause = z.object({ error: z.object({ code: z.string() }) }).safeParse(details)
  return [code, cause.data?.error.code].includes('workflow.worker-lost')
}

async function checkRuns(before: bigint): Promise<void> {
  let spent = 0n
  let [all, parked] = [0, 0]
  for (const name of ['faults-good', 'faults-bad'] as const) {
    const expected = EXPECTED[name]
    for (const run of await list(name)) {
      all++
      const events = await platform.workflows.listEvents('default', run.id)
      // A step that three kills met in a row is parked by rule: its run is no measure of the others.
      if (events.some(({ event }) => isParked(event))) {
        parked++
        spent += run.cost
        continue
      }
      expect([run.id, run.status, run.cost]).toEqual([run.id, expected.status, expected.cost])
      spent += run.cost
      const completed = events.flatMap(({ event }) =>
        event.kind === 'step.completed' ? [`${event.data.step}[${event.data.index ?? ''}]`] : [],
      )
      expect([run.id, completed]).toEqual([run.id, [...new Set(completed)]])
      const last = events.at(-1)?.event
      if ('output' in expected) expect(last).toMatchObject({ data: { output: expected.output } })
      const undone = events.flatMap(({ event }) =>
        event.kind === 'undo.completed' ? [event.data.step] : [],
      )
      if ('undone' in expected) expect(undone).toEqual(expected.undone)
    }
  }
  expect(parked).toBeLessThan(all / 4)
  expect(before - ((await platform.ledger.findBalance('default'))?.available ?? 0n)).toBe(spent)
  expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  const { database } = platform.database
  expect(
    await database.query({ text: `select count(*)::int as n from holds where is_open` }),
  ).toEqual([{ n: 0 }])
  expect(
    await database.query({
      text: `select count(*)::int as n from runs where owner is not null or wake_ms is not null`,
    }),
  ).toEqual([{ n: 0 }])
  expect(await database.query({ text: `select count(*)::int as n from signals` })).toEqual([
    { n: 0 },
  ])
}
