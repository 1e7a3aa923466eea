import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openTestCli, type TestCli } from '../support/cli.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli({ PRSM_CORES: '2', PRSM_MEMORY_GB: '4', PRSM_STORAGE_GB: '9' })
})
afterAll(() => cli.drop())

const idOf = ({ id }: JsonObject): string => (typeof id === 'string' ? id : '')

const flow = (name: string, step: Record<string, Json>, more: Record<string, Json> = {}): Json => ({
  apiVersion: 'prsm/v1',
  name,
  ...more,
  steps: { work: { uses: 'transform', with: { value: 42 }, ...step } },
})

describe('what waits', () => {
  test('is nothing at first', async () => {
    expect((await cli.run('queue')).err).toMatch(/^nothing waits: /)
    expect((await cli.run('workers')).err).toMatch(/^there is no worker: /)
    expect((await cli.run('queue', 'limit')).err).toMatch(/^nothing is limited /)
    expect((await cli.run('queue', 'share')).err).toBe('everybody is due the same\n')
  })

  test('runs here when this machine has what it asks for', async () => {
    const file = await cli.write('small.json', flow('small', { resources: { cpu_cores: 1 } }))
    const { code, value } = await cli.json('run', file)
    expect([code, value]).toMatchObject([0, { status: 'completed', output: { work: 42 } }])
    expect(await cli.list('queue', 'ls')).toMatchObject([
      { status: 'completed', step: 'work', amounts: { cpu_cores: 1 } },
    ])
  })

  test('waits in its order, until a worker has its label', async () => {
    const file = await cli.write(
      'gpu.json',
      flow('gpu', { runsOn: ['gpu'], resources: { gpu_units: 1 } }),
    )
    const plain = await cli.write('plain.json', flow('plain', {}))
    const night = await cli.json('run', plain, '--detach', '--priority', 'low')
    const first = await cli.json('run', plain, '--detach', '--priority', 'high', '--team', 'lab')
    const gpu = await cli.json('run', file, '--detach')
    expect(await cli.list('queue')).toMatchObject([
      { run: first.value['id'], status: 'queued', priority: 'high', team: 'lab' },
      { run: gpu.value['id'], priority: 'normal' },
      { run: night.value['id'], priority: 'low' },
      { status: 'completed' },
    ])
    await cli.run('worker', '--once')
    const { out } = await cli.run('queue', '--status', 'queued')
    expect(out).toMatch(
      /^STATUS +PRIORITY +WHOSE +RUN +STEP +NEEDS +SINCE\nqueued +normal +default +run_\w+ +work +1 gpu_units, gpu +/,
    )
    expect((await cli.run('queue', 'load')).out).toMatch(
      /^waiting +1, the longest for .+\nrunning +0\nworkers +0, wanted 0\nnobody can run 1 of them: /,
    )
    expect((await cli.run('queue', 'pools')).out).toMatch(/\ngpu_units +0 +0 +1 *\n/)
    await cli.run('worker', '--once', '--labels', 'gpu', '--gpus', '1')
    expect((await cli.json('show', idOf(gpu.value))).value).toMatchObject({
      status: 'completed',
    })
  })

  test('may be a run whose window is shut', async () => {
    const file = await cli.write('later.json', flow('later', {}))
    const hour = (Math.floor(systemClock.now() / 3_600_000) + 12) % 24
    const at = (each: number): string => `${String(each % 24).padStart(2, '0')}:00`
    const { value } = await cli.json(
      'run',
      file,
      '--detach',
      '--window',
      `${at(hour)}-${at(hour + 1)}`,
    )
    expect(value).toMatchObject({ status: 'scheduled' })
    expect((await cli.run('queue', '--status', 'scheduled')).out).toMatch(/scheduled .* begins in /)
    expect((await cli.json('cancel', idOf(value))).code).toBe(0)
  })
})

describe('who is due how much', () => {
  test('is said in limits and shares', async () => {
    await cli.run('queue', 'limit', 'gpu_units', '4')
    const { out } = await cli.run('queue', 'limit', 'cpu_cores', '2', '--team', 'lab')
    expect(out).toBe(
      'RESOURCE   WHOSE         AT ONCE\ngpu_units  all together        4\ncpu_cores  default/lab         2\n',
    )
    expect((await cli.run('queue', 'limit', 'gpu_units', 'none')).out).not.toContain('gpu_units')
    expect((await cli.run('queue', 'share', '3', '--team', 'lab')).out).toBe(
      'WHOSE        WEIGHT\ndefault/lab       3\n',
    )
  })

  test.each([
    [['queue', 'limit', 'gpus', '1'], 'there is no resource "gpus"'],
    [['queue', 'limit', 'gpu_units'], 'say how much may be used at once'],
    [['queue', 'limit', 'gpu_units', 'few'], '"few" is no amount'],
    [['queue', 'share', '0'], '"0" is no weight'],
    [['queue', '--status', 'lost'], 'there is no status "lost"'],
    [['workers', 'drain', 'work_zz'], 'no worker begins with "work_zz"'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await cli.run(...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })

  test.each([
    [['--priority', 'asap'], '--priority'],
    [['--window', '25:00-06:00'], '--window'],
    [['--window', '22:00-06:00', '--zone', 'Mars/Base'], '--window'],
    [['--zone', 'UTC'], '--zone is that of a window'],
    [['--deadline', 'soon'], '--deadline'],
  ])('refuses to run with %j', async (args, message) => {
    const file = await cli.write('plain.json', flow('plain', {}))
    const { code, err } = await cli.run('run', file, ...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })

  test('refuses a run that is expected to cost more than it may', async () => {
    const file = await cli.write(
      'dear.json',
      flow('dear', {
        uses: 'agent',
        with: { task: 'summarise', input: { text: 'One. Two. Three.' } },
      }),
    )
    const { code, err } = await cli.run('run', file, '--max-cost', '0 FTNS')
    expect([code, err]).toEqual([3, expect.stringContaining('is expected to cost')])
  })
})
