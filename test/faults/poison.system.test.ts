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
  const settings = stage.places[0]?.settings ?? {}
  const program = await bundle(join(import.meta.dirname, 'worker.ts'))
  seat = createSeat(program, { settings, ...files, skewMs: 0 }, () => undefined)
}, 120_000)
afterAll(async () => {
  await seat?.end()
  await stage?.close()
}, 120_000)

const effect = (more: JsonObject = {}): JsonObject => ({
  uses: 'effect',
  with: { ms: 1, tokens: 1_000, ...more },
})
/** What is named so kills its worker: see worker.ts. */
const FLOWS: Readonly<Record<string, JsonObject>> = {
  step: { a: effect(), deadly: { ...effect(), needs: 'a', retry: { max: 50 } } },
  undo: {
    good: { ...effect(), compensate: effect() },
    'undo-deadly': { ...effect(), compensate: effect() },
    end: { ...effect({ fails: 99 }), needs: ['good', 'undo-deadly'] },
  },
}

test('what kills its worker every time is given up after its budget and parked with the reason, done or undone', async () => {
  const { workflows, rollbacks, ledger } = stage.platform
  const before = (await ledger.findBalance(TENANT))?.available ?? 0n
  const ids: string[] = []
  for (const [name, steps] of Object.entries(FLOWS)) {
    const definition = { apiVersion: 'prsm/v1', name, steps }
    ids.push((await workflows.submit({ tenant: TENANT, definition, inputs: {} })).id)
  }
  const [step = '', undo = ''] = ids
  const statuses = (): Promise<readonly string[]> =>
    Promise.all(ids.map(async (id) => (await again(() => workflows.getRun(TENANT, id))).status))
  let starts = 0
  while ((await statuses()).some((status) => status !== 'failed')) {
    if (!seat.isManned) {
      starts++
      await seat.start(0)
    }
    await pause(50)
  }
  expect(starts).toBeGreaterThanOrEqual(BUDGET)
  expect(starts).toBeLessThanOrEqual(2 * BUDGET + 1)
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
    { reason: 'undo_failed', step: 'undo-deadly' },
  ])
  const runs = await workflows.listRuns({ tenant: TENANT, limit: 10 })
  const spent = runs.reduce((total, { cost }) => total + cost, 0n)
  expect(before - ((await ledger.findBalance(TENANT))?.available ?? 0n)).toBe(spent)
}, 300_000)
