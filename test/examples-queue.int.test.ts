import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { expect, test } from 'vitest'

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

test('a model is trained on a worker with a GPU, and goes on there from where another was stopped', async () => {
  const cli = await openTestCli({ PRSM_CODE_ROOTS: EXAMPLES })
  const begun = await cli.json(
    'run',
    `${EXAMPLES}/gpu-training`,
    '--detach',
    '--input',
    'epochs=60',
  )
  const run = begun.value['id']
  const first = cli.start(['worker', '--labels', 'gpu', '--gpus', '1'])
  const checkpoint = async (): Promise<boolean> => {
    const rows = await cli.database.query<{ kept: boolean }>({
      text: "select checkpoint is not null as kept from tasks where status = 'running'",
    })
    return rows[0]?.kept === true
  }
  while (!(await checkpoint())) await new Promise((again) => setTimeout(again, 20))
  first.terminal.interrupt()
  first.terminal.interrupt()
  await first.ended
  await cli.run('worker', '--once', '--labels', 'gpu', '--gpus', '1')
  const { value } = await cli.json('show', typeof run === 'string' ? run : '')
  await cli.drop()
  expect(value).toMatchObject({ status: 'completed', output: { epochs: 60 } })
  const { accuracy, baseline } = (value as { output: Record<string, number> }).output
  // Held-out examples; the interval of the example's own answer excludes what guessing gives.
  expect(accuracy).toBeGreaterThan((baseline ?? 1) + 0.2)
})
