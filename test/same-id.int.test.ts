import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Platform } from '../src/app/compose.ts'
import type { RunRecord, Workflows } from '../src/workflow/index.ts'

import { openTestPlatform, type TestPlatform } from './support/platform.ts'

const definition = {
  apiVersion: 'prsm/v1',
  name: 'once',
  steps: { a: { uses: 'transform', with: { value: 1 } } },
}
let here: TestPlatform
let there: Platform
let apart: Platform
beforeAll(async () => {
  here = await openTestPlatform()
  there = await here.beside({ worker: 'all' })
  apart = await here.beside({ worker: 'none' })
})
afterAll(() => here.drop())

describe('requests with the same id at the same moment', () => {
  const ask = ({ workflows }: { workflows: Workflows }, id: `run_${string}`): Promise<RunRecord> =>
    workflows.submit({ tenant: 'default', definition, inputs: {}, id })

  test('begin one run, in whichever processes they are made', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const id = `run_same${String(turn).padStart(22, '0')}` as const
      const asked = [here, there, apart, here, there, apart].map((platform) => ask(platform, id))
      const records = await Promise.all(asked)
      expect(new Set(records.map((record) => record.id))).toEqual(new Set([id]))
      await expect
        .poll(async () => (await here.workflows.getRun('default', id)).status)
        .toBe('completed')
      const events = await here.workflows.listEvents('default', id)
      const kinds = events.map(({ event }) => event.kind)
      expect(kinds.filter((kind) => kind === 'run.created')).toHaveLength(1)
      expect(kinds.filter((kind) => kind === 'step.completed')).toHaveLength(1)
    }
  })
})
