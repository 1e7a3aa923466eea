import { cp, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { flow, openTestCli, type TestCli } from '../support/cli.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../examples/nightly-batch')

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli()
  await cli.write(
    'echo.yaml',
    flow({ say: { uses: 'transform', with: { value: '{% $inputs.who %}' } } }),
  )
})
afterAll(() => cli.drop())

describe('prsm schedule', () => {
  test('says when it would fire without keeping anything', async () => {
    const berlin = ['--zone', 'Europe/Berlin', '--from', '2026-03-28', '-n', '3']
    const next = await cli.run('schedule', 'next', '--cron', '30 2 * * *', ...berlin)
    expect(next.out.replaceAll(/, .*/g, '')).toBe(
      '2026-03-28 02:30:00 Europe/Berlin\n2026-03-29 03:00:00 Europe/Berlin\n2026-03-30 02:30:00 Europe/Berlin\n',
    )
    expect(await cli.list('schedule', 'ls')).toEqual([])
    expect(await cli.run('schedule', 'ls')).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('there is no schedule yet'),
    })
    expect(await cli.run('schedule', 'next')).toMatchObject({ code: 2 })
  })

  test('is made of a definition and options, changed, paused, resumed and deleted', async () => {
    const file = join(cli.folder, 'echo.yaml')
    const when = ['--cron', '0 * * * *', '--overlap', 'queue', '--jitter', '1m']
    const rest = ['--catch-up', 'all', '--catch-up-max', '5', '--input', 'who=anna']
    const made = await cli.json('schedule', 'create', file, '--name', 'hourly', ...when, ...rest)
    expect(made.value).toMatchObject({
      schedule: {
        name: 'hourly',
        version: 1,
        workflow: 'flow',
        spec: {
          trigger: { kind: 'cron', cron: '0 * * * *' },
          inputs: { who: 'anna' },
          catchUp: { policy: 'all', max: 5 },
          overlap: 'queue',
          jitter: '1m',
        },
      },
    })
    const changed = await cli.json(
      'schedule',
      'update',
      'hourly',
      '--every',
      '2h',
      '--max-fires',
      '9',
    )
    expect(changed.value).toMatchObject({
      schedule: {
        version: 2,
        spec: { trigger: { kind: 'interval', every: '2h' }, overlap: 'queue' },
      },
    })
    expect((await cli.run('schedule', 'pause', 'hourly')).out).toBe('hourly is paused\n')
    expect((await cli.run('schedule', 'resume', 'hourly')).out).toMatch(
      /^hourly fires in [12] h, at /,
    )
    const listed = await cli.run('schedule', 'ls', '--status', 'active')
    expect(listed.out).toMatch(
      /SCHEDULE +WORKFLOW +TRIGGER[\s\S]*hourly +flow +every 2h +active +in [12] h/,
    )
    const shown = await cli.run('schedule', 'show', 'hourly')
    expect(shown.out).toMatch(/version 2, .* by local[\s\S]*version 1/)
    expect(shown.err).toContain('it has not fired yet')
    expect((await cli.run('schedule', 'delete', 'hourly')).out).toBe('hourly is deleted\n')
    expect(await cli.run('schedule', 'show', 'hourly')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no schedule "hourly"'),
    })
  })

  test('tells what is wrong with what it is given', async () => {
    const file = join(cli.folder, 'echo.yaml')
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { code, err } = await cli.run('schedule', ...args)
      expect(code).toBe(2)
      return err
    }
    expect(await refused('create', file)).toContain('nothing says when it is to run')
    expect(await refused('create', file, '--cron', '61 * * * *')).toContain(
      'is not a cron expression',
    )
    expect(await refused('create', file, '--now', '--manual')).toContain(
      'one trigger, not --now and --manual',
    )
    expect(await refused('create', file, '--every', '1h', '--overlap', 'maybe')).toContain(
      'overlap',
    )
    const broken = await cli.write('broken.yaml', 'kind: schedule\nname: x\n')
    expect(await refused('create', broken)).toContain('is not a valid schedule')
    const bare = {
      apiVersion: 'prsm/v1',
      kind: 'schedule',
      name: 'bare',
      trigger: { kind: 'manual' },
    }
    expect(await refused('create', await cli.write('bare.yaml', bare))).toContain(
      'names no workflow',
    )
    expect(await refused('ls', '--status', 'actve')).toContain('did you mean "active"')
  })

  test('fires by hand for events, webhooks and others, and prints where deliveries go', async () => {
    const file = join(cli.folder, 'echo.yaml')
    const hook = await cli.run(
      'schedule',
      'create',
      file,
      '--name',
      'hook',
      '--webhook',
      '--map',
      'who=body.who',
    )
    expect(hook.out).toMatch(/^hook, version 1.*\n\/v1\/hooks\/sch_\w+\/[\w-]{43}\n$/)
    const signed = await cli.run('schedule', 'create', file, '--name', 'signed', '--signed', 'KEY')
    expect(signed.out).toMatch(/\n\/v1\/hooks\/sch_\w+\n$/)
    const event = [
      '--event',
      'run.failed',
      '--where',
      'error.code=http.status',
      '--where',
      'step="a"',
    ]
    await cli.run('schedule', 'create', file, '--name', 'failed', ...event)
    await cli.run('schedule', 'create', file, '--name', 'then', '--after', 'import', '--on', 'any')
    const triggers = (await cli.list('schedule', 'ls')).map(({ spec }) => spec)
    expect(triggers).toMatchObject([
      { trigger: { kind: 'event', where: { 'error.code': 'http.status', step: 'a' } } },
      { trigger: { kind: 'webhook' }, map: { who: 'body.who' } },
      { trigger: { kind: 'webhook', secret: 'KEY' } },
      { trigger: { kind: 'after', workflow: 'import', on: 'any' } },
    ])
    const fired = await cli.run('schedule', 'trigger', 'then', '--input', 'who=ben')
    expect(fired.out).toMatch(/^run_\w+ started\n$/)
    const again = await cli.run('schedule', 'trigger', 'then')
    expect(again.out).toMatch(/skipped: a run of this schedule was still under way/)
    expect((await cli.run('schedule', 'trigger', 'then', '--parked')).err).toContain(
      'no parked fire',
    )
    await cli.run('schedule', 'update', 'then', '--overlap', 'allow', '--budget', '90000 FTNS')
    const parked = await cli.run('schedule', 'trigger', 'then')
    expect(parked).toMatchObject({ code: 1, out: expect.stringContaining('parked: ') })
    const shown = await cli.run('schedule', 'show', 'then', '--status', 'parked')
    expect(shown.out).toMatch(/1 parked[\s\S]*manual +parked/)
    expect(shown.err).toContain('--parked tries parked fires again')
  })

  test('the example runs every night, and fills the nights before', async () => {
    const folder = join(cli.folder, 'nightly-batch')
    await cp(EXAMPLE, folder, { recursive: true })
    const file = join(folder, 'schedule.yaml')
    const settings = [
      '--config',
      await cli.write('roots.yaml', { inputRoots: [join(folder, 'orders')] }),
    ]
    expect(
      (await cli.run('schedule', 'next', file, '--from', '2026-03-29', '-n', '1')).out,
    ).toMatch(/^2026-03-29 03:00:00 Europe\/Berlin/)
    expect((await cli.run('schedule', 'create', file)).out).toMatch(
      /^nightly-batch, version 1: .* 02:00:00/,
    )
    const range = ['nightly-batch', '--from', '2026-03-29', '--to', '2026-03-31']
    const dry = await cli.run('schedule', 'backfill', ...range, '--dry-run')
    expect(dry.out).toBe('2026-03-29 03:00:00 Europe/Berlin\n2026-03-30 02:00:00 Europe/Berlin\n')
    await cli.run('schedule', 'backfill', ...range)
    const worker = cli.start(['worker', ...settings])
    const done = async (): Promise<unknown> =>
      cli.database.query({
        text: `select count(*)::int as runs from runs where name = 'nightly-batch' and status = 'completed'`,
      })
    await expect.poll(done).toEqual([{ runs: 2 }])
    worker.terminal.interrupt()
    await worker.ended
    const { value } = await cli.json('schedule', 'show', 'nightly-batch')
    const runs = (value['latest'] as readonly { run: string }[]).map(({ run }) => run)
    const report = await readFile(join(cli.folder, 'data/runs', runs[1] ?? '', 'report.md'), 'utf8')
    expect(report).toBe(
      '# Orders of 2026-03-29\n\n- harbour: 3 orders, 473.00 euros\n- market-square: 2 orders, 566.00 euros\n- station: 2 orders, 393.00 euros\n\nTo be looked at: HB-104, ST-303\n',
    )
    expect((await cli.run('schedule', 'backfill', ...range)).err).toContain(
      '2 had their run already',
    )
  })
})
