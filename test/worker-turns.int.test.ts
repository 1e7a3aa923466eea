import timers from 'node:timers/promises'

import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'

import type { Clock } from '../src/kernel/clock.ts'
import type { Json } from '../src/kernel/json.ts'
import { type Log, silentLog } from '../src/kernel/log.ts'
import { systemClock } from '../src/platform/clock.ts'
import { defineStepKind } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const TENANT = 'default'
const nap = defineStepKind({
  name: 'nap',
  summary: 'Takes its time, and fails at first if it is to.',
  with: z.strictObject({ ms: z.number(), fails: z.boolean().default(false) }),
  async run({ ms, fails }, { signal, attempt }) {
    await timers.setTimeout(ms, undefined, { signal })
    if (fails && attempt === 1) throw new Error('at first')
    return { output: ms }
  },
})

let platform: TestPlatform
const submit = async (step: Json): Promise<string> => {
  const definition = { apiVersion: 'prsm/v1', name: 'turns', steps: { a: step } }
  return (await platform.workflows.submit({ tenant: TENANT, definition, inputs: {} })).id
}
const statusOf = async (run: string): Promise<string> =>
  (await platform.workflows.getRun(TENANT, run)).status
afterEach(() => platform.drop())

test('a worker that stops while it looks for those that were lost ends that first', async () => {
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (event) => void errors.push(event) }
  platform = await openTestPlatform({ settings: { leaseMs: 1_000 }, surroundings: { log } })
  const { database } = platform.database
  const query = database.query.bind(database)
  const looks = { begun: 0, goOn: (): void => undefined }
  const slow: typeof query = async (statement) => {
    const rows = await query<never>(statement)
    if (statement.text.includes('with dead as')) {
      looks.begun++
      await new Promise<void>((resolve) => (looks.goOn = resolve))
    }
    return rows
  }
  Object.assign(database, { query: slow })
  await expect.poll(() => looks.begun).toBe(1)
  let isStopped = false
  const stopped = platform.engine?.stop(0).then(() => (isStopped = true))
  await timers.setTimeout(100)
  expect(isStopped).toBe(false)
  looks.goOn()
  await stopped
  await platform.close(0)
  expect(errors).toEqual([])
})

test('a try that is due while no slot is free costs no turns', async () => {
  let atOnce = 0
  const clock: Clock = {
    ...systemClock,
    after(delayMs, callback) {
      if (delayMs < 2) atOnce++
      return systemClock.after(delayMs, callback)
    },
  }
  platform = await openTestPlatform({
    role: { worker: 'all', kinds: [nap] },
    settings: { slots: 1 },
    surroundings: { clock },
  })
  const flaky = await submit({
    uses: 'nap',
    with: { ms: 20, fails: true },
    retry: { max: 1, initial: '1ms', on: ['*'] },
  })
  const long = await submit({ uses: 'nap', with: { ms: 800 } })
  await expect.poll(() => statusOf(long)).toBe('running')
  const before = atOnce
  await expect.poll(() => statusOf(long)).toBe('completed')
  expect(atOnce - before).toBeLessThan(20)
  await expect.poll(() => statusOf(flaky)).toBe('completed')
})
