import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../src/kernel/json.ts'
import { bundle } from '../support/bundle.ts'

import { createSeat, type Seat } from './crew.ts'
import { again, pause } from './play.ts'
import { openStage, type Stage } from './stage.ts'

const TENANT = 'default'
/** Workers that may be lost to one unit. */
const BUDGET = 5

let stage: Stage
let seat: Seat
beforeAll(async () => {
  stage = await openStage('embedded', 1)
  const files = { acts: join(stage.dataDir, 'acts.log'), passes: join(stage.dataDir, 'passes.log') }
  // Few slots: those that are kept apart must not keep them from the others.
  const settings = { ...stage.places[0]?.settings, slots: 4 }
  const program = await bundle(join(import.meta.dirname, 'worker.ts'))
  seat = createSeat(program, { settings, ...files, skewMs: 0 }, () => undefined)
})
afterAll(async () => {
  await seat?.end()
  await stage?.close()
})

const effect = (more: JsonObject = {}): JsonObject => ({
  uses: 'effect',
  with: { ms: 1, tokens: 1_000, ...more },
})
/** What is named so kills its worker: see worker.ts. */
const FLOWS: Readonly<Record<string, JsonObject>> = {
  step: { a: effect(), deadly: { ...effect(), needs: 'a', retry: { max: 50 } } },
  undo: {
    undo_deadly: { ...effect(), compensate: effect() },
    end: { ...effect({ fails: 99 }), needs: 'undo_deadly' },
  },
}

test('what kills its worker every time is given up after its budget and parked with the reason, done or undone', async () => {
  const { workflows, rollbacks, ledger } = stage.platform
  const before = (await ledger.findBalance(TENANT))?.available ?? 0n
  const [step = '', undo = ''] = await inTurn(Object.entries(FLOWS), async ([name, steps]) => {
    const definition = { apiVersion: 'prsm/v1', name, steps }
    const { id } = await workflows.submit({ tenant: TENANT, definition, inputs: {} })
    await workUntilEnded([id])
    return id
  })
  expect(await workflows.getRun(TENANT, step)).toMatchObject({
    error: {
      code: 'workflow.worker-lost',
      message: expect.stringContaining('"deadly"'),
      hint: expect.any(String),
    },
  })
  const begun = (await workflows.listEvents(TENANT, step)).filter(
    ({ event }) => event.kind === 'step.started' && event.data.step === 'deadly',
  )
  expect(begun).toHaveLength(BUDGET)
  expect(await rollbacks.listIncidents({ tenant: TENANT, run: undo, limit: 10 })).toMatchObject([
    { reason: 'undo_failed', step: 'undo_deadly' },
  ])
  const runs = await workflows.listRuns({ tenant: TENANT, limit: 10 })
  const spent = runs.reduce((total, { cost }) => total + cost, 0n)
  expect(before - ((await ledger.findBalance(TENANT))?.available ?? 0n)).toBe(spent)
}, 300_000)

/** Steps that do not need one another go on after a failure. */
const LENIENT = { failFast: false }
/** The work of a run beside which something else kills the worker again and again. */
const BESIDE = Array.from({ length: 24 }, (_, n) => [`beside${n}`, effect({ ms: 150 })] as const)

test('what only runs beside it ends well', async () => {
  const { workflows } = stage.platform
  const begin = async (name: string, steps: JsonObject, more = {}): Promise<string> => {
    const definition = { apiVersion: 'prsm/v1', name, ...more, steps }
    return (await workflows.submit({ tenant: TENANT, definition, inputs: {} })).id
  }
  const deadly = { deadly: { ...effect({ ms: 100 }), retry: { max: 50 } } }
  const beside = await begin('neighbour', Object.fromEntries(BESIDE))
  const within = await begin('within', { ...Object.fromEntries(BESIDE), ...deadly }, LENIENT)
  await workUntilEnded([beside, within])
  expect(await workflows.getRun(TENANT, beside)).toMatchObject({ status: 'completed' })
  expect(await workflows.getRun(TENANT, within)).toMatchObject({
    status: 'failed',
    error: { code: 'workflow.worker-lost', message: expect.stringContaining('"deadly"') },
  })
  const failed = (await workflows.listEvents(TENANT, within)).filter(
    ({ event }) => event.kind === 'step.failed',
  )
  expect(failed).toHaveLength(1)
}, 300_000)

/** One after the other. */
async function inTurn<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = []
  for (const item of items) values.push(await work(item))
  return values
}

async function workUntilEnded(ids: readonly string[]): Promise<void> {
  const { workflows } = stage.platform
  const isOver = async (id: string): Promise<boolean> =>
    ['failed', 'completed'].includes((await again(() => workflows.getRun(TENANT, id))).status)
  while ((await Promise.all(ids.map(isOver))).includes(false)) {
    if (!seat.isManned) await seat.start(0)
    await pause(50)
  }
}
