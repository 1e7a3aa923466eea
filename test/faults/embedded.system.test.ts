import { join } from 'node:path'

import { expect, test } from 'vitest'

import { bundle } from '../support/bundle.ts'

import { POINTS } from './director.ts'
import { disturb } from './disturb.ts'
import { FAULTS } from './messages.ts'

const RUNS = 60

test(`${RUNS} random runs whose workers are killed, stopped, cut off and given wrong clocks, and whose database fails, come to what they must`, async () => {
  const { deviations, strikes, passes } = await disturb({
    host: 'embedded',
    seed: 20_261_126,
    runs: RUNS,
    faults: FAULTS,
    workers: 3,
    width: 30,
    every: 30,
    program: await bundle(join(import.meta.dirname, 'worker.ts')),
    say: () => undefined,
  })
  expect(deviations).toEqual([])
  expect(strikes.length).toBeGreaterThan(3)
  expect(POINTS.filter((point) => !passes.has(point))).toEqual([])
}, 900_000)
