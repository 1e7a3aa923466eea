import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { config } from '../src/app/config.ts'
import { openStores, type Stores } from '../src/app/stores.ts'
import { createIds } from '../src/kernel/ids.ts'
import type { Json, JsonObject } from '../src/kernel/json.ts'
import { toMicroFtns } from '../src/kernel/money.ts'
import { present } from '../src/kernel/present.ts'
import { createPricing, DEFAULT_PRICES } from '../src/pricing/index.ts'
import { createSlots } from '../src/workflow/host/slots.ts'
import { createStop } from '../src/workflow/host/stop.ts'
import {
  createWorkflows,
  FLOW_KINDS,
  type RunEvent,
  type Workflows,
} from '../src/workflow/index.ts'
import { commit, decide } from '../src/workflow/restate/decide.ts'
import { type Bench, execute } from '../src/workflow/restate/execute.ts'
import type { Decision, Dispatch, Known, TurnInput } from '../src/workflow/restate/messages.ts'
import { createSeats } from '../src/workflow/restate/seats.ts'

import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { effectKind } from './support/effect-kind.ts'
import { realBreakers } from './support/guards.ts'
import { noSealing } from './support/no-sealing.ts'
import { realSurroundings, toUrl } from './support/platform.ts'

const acts: string[] = []
let fixture: TestDatabase
let dataDir: string
let stores: Stores
let workflows: Workflows
beforeAll(async () => {
  fixture = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-turns-'))
  const settings = config.parse({ dataDir, databaseUrl: toUrl(fixture.target) })
  stores = await openStores(settings, realSurroundings())
  await stores.ledger.welcome('default', toMicroFtns(1_000_000n))
  workflows = createWorkflows({ ...deps(), engine: undefined, leastBudget: toMicroFtns(50_000n) })
})
afterAll(async () => {
  await stores.close()
  await fixture.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const kinds = new Map(
  [...FLOW_KINDS, effectKind(async (key) => void acts.push(key))].map((kind) => [kind.name, kind]),
)
const pricing = createPricing(DEFAULT_PRICES)

function deps() {
  const surroundings = realSurroundings()
  const { runs: store, tasks, artifacts } = stores
  const ids = createIds(surroundings)
  return {
    ...surroundings,
    store,
    tasks,
    artifacts,
    kinds,
    pricing,
    ids,
    folderOf: async () => dataDir,
    sealing: noSealing,
    breakers: realBreakers(),
    board: stores.board,
    chunks: stores.chunks,
  }
}

/** A worker of this host, without a server: what Restate would do stands in the tests. */
function worker(name: string): Bench {
  let turns = 0
  return {
    host: deps(),
    inbox: stores.inbox,
    slots: 100,
    room: createSlots({ total: 100 }),
    seats: createSeats(100),
    workflows: new Map(),
    worker: name,
    budgetOf: async () => 0n,
    nextMark: () => `${name}:${++turns}`,
  }
}

const step = (more: JsonObject = {}, rest: JsonObject = {}): Json => ({
  uses: 'effect',
  with: { ms: 1, ...more },
  ...rest,
})

async function begin(steps: JsonObject): Promise<string> {
  const definition = { apiVersion: 'prsm/v1', name: 'turns', steps }
  return (await workflows.submit({ tenant: 'default', definition, inputs: {} })).id
}

/** What Restate keeps of a run: its turns follow one another, and so do these. */
class Restate {
  known: Known | undefined
  readonly waiting: Dispatch[] = []
  readonly #run: string

  constructor(run: string) {
    this.#run = run
  }

  async turn(bench: Bench, input: TurnInput = { kind: 'look' }): Promise<Decision | undefined> {
    const decision = await decide(bench, { run: this.#run, known: this.known, input })
    if (decision === undefined) return undefined
    expect(await commit(bench, decision)).toBe('done')
    this.follow(decision)
    return decision
  }

  follow({ version, mark, rest, dispatches }: Decision): void {
    this.waiting.push(...dispatches)
    this.known =
      rest.kind === 'ended' ? undefined : { version, mark, isWaiting: rest.kind === 'wait' }
  }

  /** Executes what waits, by the worker whose turn it is, until nothing waits any more. */
  async drive(...benches: readonly Bench[]): Promise<void> {
    await this.turn(present(benches[0]))
    for (let n = 1; this.waiting.length > 0; n++) {
      const bench = present(benches[n % benches.length])
      const dispatch = present(this.waiting.shift())
      const ending = await execute(bench, dispatch, createStop())
      await this.turn(present(benches[(n + 1) % benches.length]), {
        kind: 'ended',
        dispatch,
        ending,
      })
    }
  }
}

async function eventsOf(run: string): Promise<readonly RunEvent[]> {
  return (await workflows.listEvents('default', run)).map(({ event }) => event)
}
const actsOf = (run: string): readonly string[] => acts.filter((key) => key.startsWith(`${run}/`))

const fan: JsonObject = {
  a: step({ tokens: 100_000 }),
  each: step({}, { needs: 'a', forEach: { items: [1, 2, 3] } }),
  end: {
    uses: 'transform',
    needs: 'each',
    with: { value: '{% $sum($steps.each.output.index) %}' },
  },
}

describe('turns of a run', () => {
  test('come to the same end whoever takes them', async () => {
    for (const benches of [[worker('one')], [worker('one'), worker('two'), worker('three')]]) {
      const run = await begin(fan)
      await new Restate(run).drive(...benches)
      expect(await workflows.getRun('default', run)).toMatchObject({
        status: 'completed',
        cost: 1_000n,
      })
      expect((await eventsOf(run)).at(-1)).toMatchObject({ data: { output: { end: 3 } } })
      expect(actsOf(run)).toHaveLength(4)
    }
  })

  test('are committed once, also when the commit is tried again', async () => {
    const run = await begin(fan)
    const [bench, restate] = [worker('one'), new Restate(run)]
    const decision = present(await restate.turn(bench))
    const before = await eventsOf(run)
    expect(await commit(bench, decision)).toBe('done')
    expect(await commit(worker('two'), decision)).toBe('done')
    expect(await eventsOf(run)).toEqual(before)
  })

  test('leave nothing behind when their decision is not kept', async () => {
    const run = await begin(fan)
    const [bench, restate] = [worker('one'), new Restate(run)]
    const lost = await decide(bench, { run, known: undefined, input: { kind: 'look' } })
    expect(lost).toMatchObject({ version: 3, dispatches: [{ step: 'a' }] })
    expect(await eventsOf(run)).toHaveLength(1)
    await restate.drive(worker('two'), bench)
    expect(await workflows.getRun('default', run)).toMatchObject({ status: 'completed' })
    expect(actsOf(run)).toHaveLength(4)
  })

  test('give way when somebody else has written to the run', async () => {
    const run = await begin(fan)
    const [one, two] = [worker('one'), worker('two')]
    const input = { kind: 'look' } as const
    const mine = present(await decide(one, { run, known: undefined, input }))
    await new Promise((resolve) => setTimeout(resolve, 5))
    await new Restate(run).turn(two)
    expect(await commit(one, mine)).toBe('foreign')
  })

  test('take a result once, and only of the try that the run waits for', async () => {
    const run = await begin({ a: step(), b: step({}, { needs: 'a' }) })
    const [bench, restate] = [worker('one'), new Restate(run)]
    await restate.turn(bench)
    const dispatch = present(restate.waiting.shift())
    const ending = await execute(bench, dispatch, createStop())
    await restate.turn(bench, { kind: 'ended', dispatch, ending })
    const before = await eventsOf(run)
    await restate.turn(bench, { kind: 'ended', dispatch, ending })
    await restate.turn(bench, { kind: 'ended', dispatch: { ...dispatch, attempt: 9 }, ending })
    expect(await eventsOf(run)).toEqual(before)
    expect(await execute(bench, dispatch, createStop())).toEqual({ kind: 'stopped' })
    expect(actsOf(run)).toHaveLength(1)
  })

  test('begin again what Restate has forgotten', async () => {
    const run = await begin({ a: step(), b: step({}, { needs: 'a' }) })
    await new Restate(run).turn(worker('one'))
    await new Restate(run).drive(worker('two'))
    expect(await workflows.getRun('default', run)).toMatchObject({ status: 'completed' })
    expect((await eventsOf(run)).map(({ kind }) => kind)).toContain('run.resumed')
  })
})

test('what a step shows is written by whoever executes it, before its end is recorded', async () => {
  const run = await begin({ a: step({ tells: 'hello' }) })
  const [one, two, restate] = [worker('one'), worker('two'), new Restate(run)]
  await restate.turn(one)
  const dispatch = present(restate.waiting.shift())
  const read = (): Promise<readonly object[]> => stores.chunks.read({ run, after: 0 }, 9)
  const piece = { step: 'a', offset: 0, text: 'hello' }
  // Restate has it executed again when it has not heard of the first end.
  await execute(one, dispatch, createStop())
  expect(await read()).toEqual([{ ...piece, seq: 1, attempt: 1 }])
  const ending = await execute(two, dispatch, createStop())
  expect(await read()).toEqual([{ ...piece, seq: 2, attempt: 2 }])
  await restate.turn(one, { kind: 'ended', dispatch, ending })
  expect(await workflows.getRun('default', run)).toMatchObject({ status: 'completed' })
})

test('a try at which workers are lost again and again fails', async () => {
  const run = await begin({ a: step() })
  const [bench, restate] = [worker('one'), new Restate(run)]
  await restate.turn(bench)
  const dispatch = present(restate.waiting.shift())
  const key = `${run}/a/do/1/1`
  for (let lost = 0; lost < 5; lost++) await stores.inbox.countTry(key)
  const ending = await execute(bench, dispatch, createStop())
  await restate.turn(bench, { kind: 'ended', dispatch, ending })
  expect(await workflows.getRun('default', run)).toMatchObject({
    status: 'failed',
    error: { code: 'workflow.worker-lost' },
  })
  expect(actsOf(run)).toEqual([])
  expect(await stores.inbox.countTry(key)).toBe(1)
  await stores.inbox.forgetTry(key)
})

test('a run that is cancelled stops what runs and ends with it', async () => {
  const run = await begin({ a: step({ ms: 60_000 }) })
  const [bench, restate] = [worker('one'), new Restate(run)]
  await restate.turn(bench)
  const dispatch = present(restate.waiting.shift())
  const stop = createStop()
  const executing = execute(bench, dispatch, stop)
  await workflows.control('default', run, { action: 'cancel', by: 'me' })
  expect(await restate.turn(bench)).toMatchObject({ stops: ['a'] })
  stop.stop(new Error('stopped'))
  expect(await executing).toMatchObject({ kind: 'failed' })
  await restate.turn(bench, { kind: 'ended', dispatch, ending: { kind: 'stopped' } })
  expect(await workflows.getRun('default', run)).toMatchObject({ status: 'cancelled' })
  expect(actsOf(run)).toEqual([])
})

test('a budget that cannot be raised for want of credit leaves the run as it was', async () => {
  const definition = {
    apiVersion: 'prsm/v1',
    name: 'turns',
    steps: { a: step({ tokens: 9_000_000 }) },
  }
  const budget = toMicroFtns(10_000n)
  const { id: run } = await workflows.submit({ tenant: 'default', definition, inputs: {}, budget })
  const [bench, restate] = [worker('one'), new Restate(run)]
  await restate.turn(bench)
  expect(await workflows.getRun('default', run)).toMatchObject({ status: 'paused' })
  const before = await eventsOf(run)
  const much = { action: 'resume', by: 'me', budget: toMicroFtns(10n ** 12n) } as const
  await workflows.control('default', run, much)
  const input = { kind: 'look' } as const
  const decision = present(await decide(bench, { run, known: restate.known, input }))
  expect(await commit(bench, decision)).toBe('refused')
  expect(await eventsOf(run)).toEqual(before)
  expect(await stores.inbox.listSignals(run)).toEqual([])
  await workflows.control('default', run, { action: 'cancel', by: 'me' })
  await restate.turn(bench)
  expect(await workflows.getRun('default', run)).toMatchObject({ status: 'cancelled' })
})
