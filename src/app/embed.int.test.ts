import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { toUrl } from '../../test/support/platform.ts'
import { PlatformError } from '../kernel/errors.ts'
import type { Json } from '../kernel/json.ts'
import { systemClock } from '../platform/clock.ts'
import { defineWorkflow } from '../workflow/index.ts'

import { openPrsm, type OpenOptions, type Prsm } from './embed.ts'

let fixture: TestDatabase
let dataDir: string
beforeAll(async () => {
  fixture = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'prsm-embed-'))
})
afterAll(async () => {
  await fixture?.drop()
  await rm(dataDir, { recursive: true, force: true })
})

/** How far the clock of a worker is behind that of the database, milliseconds. */
let lagMs = 0
const clock = { ...systemClock, now: () => systemClock.now() - lagMs }
let tries = 0

/** Asks for a longer wait than a worker keeps a run in memory for. */
class BusyError extends PlatformError {
  readonly code = 'test.busy'
  readonly isTransient = true
  readonly retryAfterMs = 20_000
}

const flaky = defineWorkflow({ name: 'flaky', inputs: z.strictObject({ fails: z.int() }) })
  .step('try', {
    retry: { max: 3 },
    run: async ({ inputs }) => {
      tries += 1
      if (tries <= inputs.fails) throw new BusyError('not yet')
      return tries
    },
  })
  .build()

const opened: Prsm[] = []
async function open(options: OpenOptions = {}): Promise<Prsm> {
  const prsm = await openPrsm({
    dataDir,
    databaseUrl: toUrl(fixture.target),
    workflows: [flaky],
    surroundings: { clock },
    claims: false,
    ...options,
  })
  opened.push(prsm)
  return prsm
}
afterAll(() => Promise.all(opened.map((prsm) => prsm.close(0))))

const flow = (steps: Readonly<Record<string, Json>>): Json => ({
  apiVersion: 'prsm/v1',
  name: 'demo',
  steps,
})
const ASK: Json = { ask: { uses: 'approval', with: { question: 'Go on?' } } }
const start = async ({ platform }: Prsm, definition: Json): Promise<string> =>
  (await platform.workflows.submit({ tenant: 'default', definition, inputs: {} })).id
const until = ({ platform }: Prsm, run: string, status: string): Promise<void> =>
  expect.poll(async () => (await platform.workflows.getRun('default', run)).status).toBe(status)
const approve = ({ platform }: Prsm, run: string): Promise<void> =>
  platform.workflows.signal({
    tenant: 'default',
    run,
    signal: 'approval',
    payload: { approved: true, by: 'ada' },
    by: 'key_1',
  })

test('opens in a folder that is not there yet', async () => {
  const prsm = await open({ dataDir: join(dataDir, 'not', 'there', 'yet') })
  const [worker] = await prsm.platform.queue.workers()
  await prsm.close(0)
  expect(worker?.capacity.storage_gb).toBeGreaterThan(0)
})

describe.each([{ claims: true }, { claims: false }])('a program that waits, %o', ({ claims }) => {
  test('is given what a run gives whose retry was due long after', async () => {
    const prsm = await open({ claims })
    tries = 0
    lagMs = 60_000
    const { id } = await prsm.start(flaky, { fails: 1 })
    const result = prsm.result(id)
    await until(prsm, id, 'waiting')
    lagMs = 0
    expect(await result).toEqual({ try: 2 })
    await prsm.close(0)
  })

  test('is given what a run gives that waited for somebody', async () => {
    const prsm = await open({ claims })
    const run = await start(prsm, flow(ASK))
    const result = prsm.result(run)
    await until(prsm, run, 'waiting')
    await approve(prsm, run)
    expect(await result).toMatchObject({ ask: { approved: true, by: 'ada' } })
    expect(await prsm.result(run)).toMatchObject({ ask: { by: 'ada' } })
    await prsm.close(0)
  })

  test('is given what a run gives whose steps begin other runs', async () => {
    const prsm = await open({ claims })
    const inner = flow({ say: { uses: 'transform', with: { value: 'hello' } } })
    const middle = flow({ in: { uses: 'workflow', with: { definition: inner } } })
    const run = await start(prsm, flow({ in: { uses: 'workflow', with: { definition: middle } } }))
    expect(await prsm.result(run)).toEqual({ in: { in: { say: 'hello' } } })
    await prsm.close(0)
  })
})

describe('a program that waits', () => {
  test('is told how a run failed', async () => {
    const prsm = await open()
    const broken = await start(
      prsm,
      flow({ a: { uses: 'transform', with: { value: '{% 1 + "a" %}' } } }),
    )
    await expect(prsm.result(broken)).rejects.toMatchObject({
      code: 'workflow.run-failed',
      run: { id: broken, status: 'failed' },
    })
  })

  test('hears of a run that another process drives', async () => {
    const [one, other] = [await open(), await open()]
    const run = await start(one, flow(ASK))
    const result = other.result(run)
    await until(one, run, 'waiting')
    await approve(other, run)
    expect(await result).toMatchObject({ ask: { approved: true } })
  })

  test('may give up waiting, and the run goes on', async () => {
    const prsm = await open()
    const run = await start(prsm, flow(ASK))
    const patience = new AbortController()
    const result = prsm.result(run, patience.signal)
    await until(prsm, run, 'waiting')
    patience.abort(new Error('enough'))
    await expect(result).rejects.toThrow('enough')
    await expect(prsm.result(run, patience.signal)).rejects.toThrow('enough')
    await approve(prsm, run)
    expect(await prsm.result(run)).toMatchObject({ ask: { approved: true } })
  })

  test('is told when PRSM is closed first', async () => {
    const prsm = await open()
    const run = await start(prsm, flow(ASK))
    const told = prsm.result(run).catch((fault: unknown) => fault)
    await until(prsm, run, 'waiting')
    await prsm.close(0)
    expect(await told).toMatchObject({ code: 'workflow.run-left' })
    await expect(prsm.result(run)).rejects.toMatchObject({ code: 'workflow.run-left' })
  })
})
