import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { openPlatform, type Platform } from '../src/app/compose.ts'
import { config } from '../src/app/config.ts'
import { PlatformError } from '../src/kernel/errors.ts'
import type { Json } from '../src/kernel/json.ts'
import { present } from '../src/kernel/present.ts'
import { runningServer } from '../src/platform/sql/embedded/testing.ts'
import type { RunRecord } from '../src/workflow/index.ts'

import { effectKind } from './support/effect-kind.ts'
import { realSurroundings } from './support/platform.ts'

const RUNS = 40
/** µFTNS: builtin tokens are 10,000 for a million. */
const COST = 6_000n

/** Effects outside of the database, by their key. */
const effects = new Map<string, number>()
const kind = effectKind(async (key) => void effects.set(key, (effects.get(key) ?? 0) + 1))

let dataDir: string
let platform: Platform
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-killed-'))
  platform = await openPlatform(config.parse({ dataDir, leaseMs: 1_000 }), realSurroundings(), {
    worker: 'all',
    kinds: [kind],
  })
})
afterAll(async () => {
  await platform.close(0)
  await rm(dataDir, { recursive: true, force: true })
})

const step = (tokens: number, more: Record<string, Json> = {}): Json => ({
  uses: 'effect',
  with: { ms: 25, tokens },
  ...more,
})
const definition: Json = {
  apiVersion: 'prsm/v1',
  name: 'killed',
  steps: {
    a: step(100_000),
    b: step(100_000, { needs: 'a', forEach: { items: [1, 2, 3, 4] } }),
    c: step(100_000, { needs: 'b' }),
  },
}
const list = (): Promise<readonly RunRecord[]> =>
  platform.workflows.listRuns({ tenant: 'default', name: 'killed', limit: 200 })
/** The number of runs that have begun, and of those that go on; -1 while nobody can tell. */
const open = (): Promise<number> =>
  list().then(
    (runs) => runs.filter(({ endedAt }) => endedAt === undefined).length,
    () => -1,
  )
const kill = async (): Promise<void> => {
  process.kill(present(await runningServer(dataDir), 'a server'), 'SIGKILL')
}

test('a database killed under load loses nothing, and nothing is paid twice', async () => {
  const before = present(await platform.ledger.findBalance('default')).available
  const acknowledged: string[] = []
  const faults: unknown[] = []
  const load = { isOver: false }
  const submitting = (async () => {
    while (acknowledged.length < RUNS || !load.isOver) {
      await platform.workflows.submit({ tenant: 'default', definition, inputs: {} }).then(
        ({ id }) => acknowledged.push(id),
        (fault: unknown) => faults.push(fault),
      )
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  for (let kills = 0; kills < 3; kills++) {
    const goal = acknowledged.length + 10
    await expect.poll(() => acknowledged.length).toBeGreaterThan(goal)
    await kill()
    // It is started again by whoever uses it, and the same platform goes on.
    await expect.poll(() => runningServer(dataDir)).toBeDefined()
  }
  await expect.poll(open).toBeGreaterThanOrEqual(0)
  load.isOver = true
  await submitting
  await expect.poll(open, { timeout: 60_000, interval: 50 }).toBe(0)

  expect(faults.length).toBeGreaterThan(0)
  for (const fault of faults) {
    expect(fault).toBeInstanceOf(PlatformError)
    expect(fault).toMatchObject({
      code: expect.stringMatching(/^(?:sql\.|workflow\.not-begun)/),
      hint: expect.any(String),
    })
  }
  await check(acknowledged, before)
})

async function check(acknowledged: readonly string[], before: bigint): Promise<void> {
  const runs = await list()
  expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining([...acknowledged]))
  let spent = 0n
  for (const { id, status, cost } of runs) {
    expect([id, status, cost]).toEqual([id, 'completed', COST])
    spent += cost
    const events = await platform.workflows.listEvents('default', id)
    const completed = events.flatMap(({ event }) =>
      event.kind === 'step.completed' ? [`${event.data.step}[${event.data.index ?? ''}]`] : [],
    )
    expect([id, completed.length, new Set(completed).size]).toEqual([id, 6, 6])
  }
  const keys = [...effects.keys()].filter((key) => runs.some(({ id }) => key.startsWith(`${id}/`)))
  expect(keys).toHaveLength(runs.length * 6)
  expect(before - present(await platform.ledger.findBalance('default')).available).toBe(spent)
  expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  const { database } = platform.database
  expect(
    await database.query({ text: 'select count(*)::int as n from holds where is_open' }),
  ).toEqual([{ n: 0 }])
}
