import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { expect, test } from 'vitest'
import { z } from 'zod'

import { openTestCli } from './support/cli.ts'

const EXAMPLES = resolve(import.meta.dirname, '../examples')

test('a thousand lines are read side by side and summed up', async () => {
  const cli = await openTestCli()
  const { code, value } = await cli.json('run', `${EXAMPLES}/map-reduce`)
  await cli.drop()
  const lines = readFileSync(`${EXAMPLES}/map-reduce/requests.log`, 'utf8').trimEnd().split('\n')
  const runs = lines.map((line) => line.split(' ')).filter((parts) => parts[2] === '/v1/runs')
  expect([code, value]).toMatchObject([
    0,
    {
      output: {
        requests: lines.length,
        paths: expect.arrayContaining([
          {
            path: '/v1/runs',
            requests: runs.length,
            errors: runs.filter((parts) => Number(parts[3]) >= 500).length,
            slowestMs: Math.max(...runs.map((parts) => Number(parts[4]))),
            meanMs: expect.any(Number),
          },
        ]),
      },
    },
  ])
})

test('a model is trained on a worker with a GPU, and does better than guessing on what it has not seen', async () => {
  const cli = await openTestCli({ PRSM_LABELS: 'gpu', PRSM_GPUS: '1' })
  const { code, value } = await cli.json('run', `${EXAMPLES}/gpu-training`, '--input', 'epochs=10')
  await cli.drop()
  const { output } = z.object({ output: result }).parse(value)
  expect([code, output.epochs]).toEqual([0, 10])
  // The whole 95 % interval, of held-out examples.
  expect(output.interval[0]).toBeGreaterThan(output.baseline)
})

const result = z.object({
  accuracy: z.number(),
  baseline: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  epochs: z.number(),
})
