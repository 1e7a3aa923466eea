import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { config } from '../../src/app/config.ts'
import { openLocal } from '../../src/app/local.ts'
import { createClient } from '../../src/client/index.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'
import { realSurroundings } from '../support/platform.ts'

let cli: TestCli
let run: string
let file: string
beforeAll(async () => {
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent', LANG: 'C.UTF-8' })
  const steps = {
    a: { uses: 'transform', with: { value: 1 } },
    nap: { uses: 'wait', needs: 'list', with: { for: '60ms' } },
    list: { uses: 'transform', needs: 'a', forEach: [1, 2, 3], with: { value: 2 } },
    end: { uses: 'transform', needs: 'nap', with: { value: 3 } },
  }
  file = await cli.write('flow.json', flow(steps, { name: 'nightly' }))
  run = idOf((await cli.json('run', file)).value)
  await cli.run('run', file)
})
afterAll(() => cli.drop())

describe('a run that has ended', () => {
  test('is shown in the words of other systems', async () => {
    const { value } = await cli.json('show', run)
    expect(value).toMatchObject({ state: 'completed', percent: 100, slow: [] })
    expect(value['steps']).toMatchObject([
      { name: 'a', state: 'completed' },
      { name: 'list', state: 'completed' },
      { name: 'nap', state: 'completed' },
      { name: 'end', state: 'completed' },
    ])
    expect((await cli.run('show', run)).out).toMatch(/\nbegun [^\n]*\ncompleted\n/)
  })

  test('stands on a line of time', async () => {
    const { out } = await cli.run('show', run, '--gantt')
    expect(out).toMatch(/^nightly {2}run_\w+\n +0 /)
    expect(out).toMatch(/\n▶ nap +[·─]+ +\d+ms\n/)
    expect(out).toMatch(/\n[▶ ] list\[2\] /)
    expect((await cli.json('show', run, '--gantt')).value).toMatchObject({
      run,
      hasEnded: true,
      units: expect.arrayContaining([
        expect.objectContaining({ name: 'nap', isCritical: true, outcome: 'completed' }),
      ]),
    })
  })

  test('says what held it up', async () => {
    const { out } = await cli.run('show', run, '--bottlenecks')
    expect(out).toMatch(
      /^nightly took [\d.]+m?s: [^]*\nHELD UP BY [^]*\nnap +wait +[\d.]+m?s +\d+ %/,
    )
    expect((await cli.json('show', run, '--bottlenecks')).value).toMatchObject({
      run,
      path: [
        { name: 'a' },
        { name: expect.stringMatching(/^list/) },
        { name: 'nap' },
        { name: 'end' },
      ],
    })
    expect(await cli.run('show', run, '--gantt', '--bottlenecks')).toMatchObject({ code: 2 })
  })

  test('is exported for trace viewers and for OpenTelemetry', async () => {
    expect(JSON.parse((await cli.run('export', run)).out)).toMatchObject({
      displayTimeUnit: 'ms',
      traceEvents: expect.arrayContaining([expect.objectContaining({ ph: 'X', name: 'list[1]' })]),
    })
    const spans = `${cli.folder}/spans.json`
    expect(await cli.run('export', run, '--format', 'otel', '-o', spans)).toEqual({
      code: 0,
      out: '',
      err: `written to ${spans}\n`,
    })
    expect(JSON.parse(await cli.read('spans.json'))).toMatchObject({ resourceSpans: [{}] })
    expect(await cli.run('export', run, '-o', `${cli.folder}/no/such/folder`)).toMatchObject({
      code: 2,
    })
  })
})

test('runs are summed up, of one workflow or of all', async () => {
  const { out } = await cli.run('stats', 'nightly', '--since', '1h')
  expect(out).toMatch(/^nightly {2}2 runs since [^]*\nsuccess rate +100 %\n/)
  expect(out).toMatch(/\nresources +not measured\n/)
  expect((await cli.json('stats', '--by', 'hour')).value).toMatchObject({
    runs: 2,
    metrics: { success_rate: 1, execution_time: { n: 2 } },
    trends: expect.arrayContaining([expect.objectContaining({ by: 'hour' })]),
  })
  expect((await cli.run('stats', 'other')).err).toBe('no run has ended in the last 7d\n')
  expect(await cli.run('stats', '--since', 'soon')).toMatchObject({ code: 2 })
})

describe('a promise', () => {
  test('needs something that is promised', async () => {
    expect(await cli.run('sla', 'set', 'nightly')).toMatchObject({ code: 2 })
    expect(await cli.run('sla', 'set', 'nightly', '--success', 'often')).toMatchObject({ code: 2 })
    expect(
      await cli.run('sla', 'set', 'nightly', '--finish-by', '06:00', '--zone', 'Moon/Far'),
    ).toMatchObject({ code: 2 })
    expect((await cli.run('sla')).err).toMatch(/^nothing is promised/)
    expect(await cli.run('sla', 'rm', 'nightly')).toMatchObject({
      code: 1,
      err: expect.stringContaining('progress.unknown-sla'),
    })
  })

  test('that is broken is told once, seen, resolved and reported', async () => {
    const set = ['sla', 'set', 'nightly', '--finish-by', '06:00', '--zone', 'Europe/Berlin']
    const more = ['--duration', '1ms', '--success', '99%', '--cost', '5 FTNS']
    expect((await cli.json(...set, ...more)).value).toMatchObject({
      workflow: 'nightly',
      finishBy: { time: '06:00', zone: 'Europe/Berlin' },
      durationMs: 1,
      successShare: 0.99,
      cost: '5000000',
    })
    expect((await cli.run('sla')).out).toMatch(/nightly +06:00 Europe\/Berlin +1ms +99 % +5 FTNS/)
    await cli.run('run', file)
    const [alert, ...others] = await cli.list('alerts')
    expect([alert, others]).toMatchObject([{ kind: 'sla.breached', severity: 'error' }, []])
    expect(await cli.list('alerts')).toHaveLength(1)
    const id = idOf(alert)
    expect(await cli.run('alerts', 'ack', id.slice(0, 12))).toMatchObject({
      err: `${id} is acknowledged\n`,
    })
    expect((await cli.run('alerts')).out).toMatch(/too late \(duration\) +seen\n$/)
    expect((await cli.json('alerts', 'resolve', id)).value).toMatchObject({
      acknowledgedBy: 'local',
      resolvedBy: 'local',
    })
    expect((await cli.run('alerts')).err).toBe('there is nothing to tell\n')
    expect(await cli.list('alerts', 'ls', '--all')).toHaveLength(1)
    expect(await cli.run('alerts', 'ack', 'alrt_none')).toMatchObject({ code: 2 })
    const report = await cli.run('sla', 'report')
    expect([report.code, report.out]).toEqual([
      1,
      expect.stringMatching(/✖ +nightly +within 1ms +0 +3 +0 %\n/),
    ])
    expect(await cli.list('sla', 'rm', 'nightly')).toEqual([])
    expect(await cli.run('sla', 'report', 'nightly')).toMatchObject({ code: 1 })
  })
})

test('a run that waits is told of by the API and the client', async () => {
  const steps = { ask: { uses: 'approval', with: { question: 'Go?' } } }
  const settings = config.parse({
    databaseUrl: cli.env['PRSM_DATABASE_URL'],
    dataDir: cli.env['PRSM_DATA_DIR'],
  })
  const role = { worker: 'own', isOwn: true } as const
  const local = await openLocal(settings, realSurroundings(), { role, version: '0.0.0' })
  try {
    const client = createClient({
      baseUrl: 'http://prsm.local',
      fetch: (url, init) => local.fetch(url, init),
    })
    const definition: JsonObject = flow(steps, { name: 'asks' })
    const { id } = await client.createRun({ definition })
    for await (const { kind } of client.watchRun(id)) if (kind === 'step.waiting') break
    expect(await client.progress(id)).toMatchObject({
      state: 'waiting',
      steps: [{ name: 'ask', state: 'waiting_dependency' }],
    })
    expect((await client.timeline(id)).units).toMatchObject([
      { name: 'ask', stretches: expect.arrayContaining([]), outcome: 'open' },
    ])
    expect(await client.trace(id, 'otel')).toHaveProperty('resourceSpans')
    expect((await client.stats({ workflow: 'asks' })).runs).toBe(0)
    expect((await client.slaReport()).workflows).toEqual([])
    await expect(client.progress('run_none')).rejects.toMatchObject({ status: 404 })
    await expect(client.resolveAlert('alrt_none')).rejects.toMatchObject({
      status: 404,
      code: 'progress.unknown-alert',
    })
    await client.cancel(id)
    for await (const { kind } of client.watchRun(id)) if (kind === 'run.cancelled') break
    expect(await client.progress(id)).toMatchObject({ state: 'cancelled' })
  } finally {
    await local.close(0)
  }
})
