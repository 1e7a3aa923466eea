import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from '../src/kernel/json.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const STEPS = 100_000
const LENGTH = 500
const CHAINS = STEPS / LENGTH

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform()
})
afterAll(() => platform.drop())

/** Chains side by side that meet in one step: wide and deep. */
function chains(): Record<string, Json> {
  const steps: Record<string, Json> = {}
  for (let chain = 0; chain < CHAINS; chain++) {
    for (let n = 0; n < LENGTH; n++) {
      const needs = n === 0 ? {} : { needs: `s${chain}_${n - 1}` }
      steps[`s${chain}_${n}`] = { uses: 'transform', with: { value: n }, ...needs }
    }
  }
  const needs = Array.from({ length: CHAINS }, (_, chain) => `s${chain}_${LENGTH - 1}`)
  return { ...steps, end: { uses: 'transform', needs, with: { value: 'done' } } }
}

test(`a graph of ${STEPS} steps is checked, quoted and run to its end`, async () => {
  const steps = chains()
  const definition = { apiVersion: 'prsm/v1', name: 'large', concurrency: 1_000, steps }
  const checked = platform.workflows.check(JSON.stringify(definition), 'large.json')
  expect(checked.ok && checked.value.steps.size).toBe(CHAINS * LENGTH + 1)
  const request = { tenant: 'default', definition, inputs: {} }
  expect(await platform.workflows.quote(request)).toMatchObject({ expected: 0n, lines: [] })

  const { id } = await platform.workflows.submit(request)
  const find = async (): Promise<string> => (await platform.workflows.getRun('default', id)).status
  await expect.poll(find, { timeout: 300_000, interval: 100 }).toBe('completed')
  const last = (await platform.workflows.listEvents('default', id)).at(-1)
  expect(last?.event).toMatchObject({ kind: 'run.completed', data: { output: { end: 'done' } } })
}, 400_000)

test(`a mistake in a graph of ${STEPS} steps is found with its place`, () => {
  const steps = chains()
  steps['s0_0'] = { uses: 'transform', needs: 's0_1', with: { value: 0 } }
  steps['s9_9'] = { uses: 'transform', needs: 's9_x', with: { value: '{% $steps.s9_y.output %}' } }
  const text = JSON.stringify({ apiVersion: 'prsm/v1', name: 'large', steps }, null, 1)
  const checked = platform.workflows.check(text, 'large.json')
  expect(checked.ok ? [] : checked.refusal).toMatchObject([
    { code: 'workflow.unknown-step', path: 'steps.s9_9.with.value', file: 'large.json' },
    { code: 'workflow.unknown-step', path: 'steps.s9_9.needs', file: 'large.json' },
    { code: 'workflow.cycle', message: expect.stringContaining('s0_0 → ') },
  ])
  for (const { line } of checked.ok ? [] : checked.refusal) expect(line).toBeGreaterThan(1)
})
