import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { flow, openTestCli, type TestCli } from '../support/cli.ts'
import { drawnPart, renderScreen } from '../support/screen.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent' })
})
afterAll(() => cli.drop())

const wait = (duration: string): { uses: string; with: { for: string } } => ({
  uses: 'wait',
  with: { for: duration },
})

describe('before anything is there', () => {
  test('lists say how to begin', async () => {
    expect(await cli.run('ls')).toEqual({
      code: 0,
      out: '',
      err: 'there is no run yet: prsm init writes a first workflow, prsm run runs it\n',
    })
    expect(await cli.list('ls')).toEqual([])
    expect(await cli.run('ls', '--status', 'failed')).toMatchObject({ err: 'no run fits\n' })
    expect(await cli.run('keys')).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringMatching(/^there is no API key yet/),
    })
    expect(await cli.run('show', 'last')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/there is no run yet\n {2}hint: prsm ls lists runs/),
    })
  })

  test('the first credit is all that has moved', async () => {
    expect((await cli.json('wallet')).value).toMatchObject({
      available: '1000000000',
      held: '0',
      spent: '0',
    })
    expect(await cli.list('wallet', 'transfers')).toMatchObject([
      { reason: 'mint', amount: '1000000000' },
    ])
  })
})

describe('what there is to use', () => {
  test('kinds of step, and what one takes', async () => {
    const all = await cli.run('kinds')
    expect(all.out).toMatch(/^KIND +WHAT IT DOES\n[^]*\napproval +Waits until a person approves/)
    expect(all.err).toBe('\nprsm kinds KIND says what one takes\n')
    const one = await cli.run('kinds', 'approval')
    expect(one.out).toMatch(
      /^approval {2}Waits [^]*\nWITH +TYPE\nquestion \* +string +What the person is asked\n[^]*\* must be given\n$/,
    )
    expect((await cli.json('kinds', 'approval')).value).toMatchObject({
      name: 'approval',
      parameters: { required: ['question'] },
    })
    expect((await cli.list('kinds')).map(({ name }) => name)).toContain('transform')
    expect(await cli.run('kinds', 'modl')).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no kind of step "modl" (did you mean "model"?)'),
    })
  })

  test('the schema, by which editors check a definition', async () => {
    const { out } = await cli.run('schema')
    expect(JSON.parse(out)).toMatchObject({
      $defs: {
        Definition: { title: 'PRSM workflow' },
        Step: {
          properties: {
            uses: { anyOf: expect.arrayContaining([expect.objectContaining({ const: 'agent' })]) },
          },
        },
      },
    })
  })

  test('models and prices', async () => {
    const models = await cli.run('models')
    expect(models.out).toMatch(
      /^PROVIDER +STATE +MODELS\n[^]*\nbuiltin +✔ ready +builtin\n\ndefault: builtin\n$/,
    )
    expect(models.err).toMatch(/^no model key is set/)
    expect((await cli.json('models')).value).toMatchObject({
      default: 'builtin',
      items: expect.any(Array),
    })
    expect((await cli.run('prices')).out).toMatch(
      /builtin:\* +0\.01 FTNS +0\.01 FTNS\n[^]*an hour of one core: 0\.05 FTNS\n$/,
    )
    expect((await cli.json('prices')).value).toMatchObject({ cpuCoreHour: '50000' })
  })

  test('the doctor finds everything well', async () => {
    const { code, out } = await cli.run('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^✔ node +\d+\.[^]*\n✔ data directory [^]*\n✔ database +your PostgreSQL \d+\.\d+, answers in \d+ ms, 0 workers\n✔ secrets [^]*\n▲ models [^]*\n✔ wallet +1000 FTNS free/,
    )
    expect((await cli.json('doctor')).value).toMatchObject({
      ok: true,
      findings: expect.arrayContaining([
        { check: 'wallet', state: 'ok', text: expect.any(String) },
      ]),
    })
  })

  test('the doctor finds a database that is not there, and settings that are not valid', async () => {
    const broken = await cli.json('doctor', '--database-url', 'postgres://nobody@127.0.0.1:1/none')
    expect([broken.code, broken.value]).toMatchObject([
      1,
      {
        ok: false,
        findings: expect.arrayContaining([
          expect.objectContaining({ check: 'database', state: 'fail', hint: expect.any(String) }),
        ]),
      },
    ])
    const file = await cli.write('a-file', '')
    const { code, out } = await cli.run('doctor', '--data-dir', join(file, 'none'))
    expect([code, out]).toMatchObject([
      1,
      expect.stringMatching(/✖ data directory \S+none cannot be written \(ENOTDIR\)[^]*--data-dir/),
    ])
    const bad = await cli.start(['doctor'], { env: { PRSM_POTR: '1' } }).ended
    expect([bad.code, bad.out]).toMatchObject([
      1,
      expect.stringMatching(/✖ settings [^]*PRSM_POTR: [^]*did you mean "PRSM_PORT"/),
    ])
  })
})

describe('a database', () => {
  test('is moved to another one, and never into one that is in use', async () => {
    const dump = join(cli.folder, 'all.dump')
    await cli.run('wallet')
    const out = await cli.run('db', 'export', dump)
    expect(out).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\S+all\.dump holds \d+ rows of \d+ tables\n$/),
    })
    expect(out.err).toMatch(/copy "runs" and "master\.key"/)
    expect(await cli.run('db', 'export', dump)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--force'),
    })
    expect((await cli.json('db', 'export', dump, '--force')).value).toMatchObject({
      file: dump,
      rows: expect.any(Number),
    })
    expect(await cli.run('db', 'import', dump)).toMatchObject({
      code: 3,
      err: expect.stringContaining('code: sql.not-empty'),
    })
    const other = await openTestCli()
    try {
      const read = await other.run('db', 'import', dump)
      expect(read).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^\d+ rows of \d+ tables are read in\n$/),
      })
      expect(await other.list('wallet', 'transfers')).toHaveLength(1)
    } finally {
      await other.drop()
    }
    expect(await cli.run('db', 'import', join(cli.folder, 'none.dump'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.dump cannot be read (ENOENT)'),
    })
    const noDump = await cli.write('no.dump', 'hello')
    expect((await cli.run('db', 'import', noDump)).err).toContain('code: sql.invalid-dump')
    expect((await cli.json('db', 'url')).value).toEqual({ url: cli.env['PRSM_DATABASE_URL'] })
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('of %s is a script that it can read', async (shell) => {
    const { code, out } = await cli.run('completion', shell)
    expect([code, out]).toEqual([0, expect.stringContaining('prsm __complete')])
    const binary = ['/bin', '/usr/bin'].map((folder) => join(folder, shell)).find(existsSync)
    if (binary !== undefined) execFileSync(binary, ['-n'], { input: out })
  })

  test('offers commands, their options and their choices', async () => {
    const offer = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await cli.run('__complete', '--', ...words)).out.trimEnd().split('\n')
    expect(await offer('re')).toEqual(['redrive', 'reject', 'resume'])
    expect(await offer('wallet', '')).toEqual(['balance', 'transfers'])
    expect(await offer('run', 'hello.yaml', '--b')).toEqual(['--budget'])
    expect(await offer('run', '--js')).toEqual(['--json'])
    expect(await offer('completion', '')).toEqual(['bash', 'fish', 'zsh'])
    expect(await offer('run', 'hel')).toEqual([''])
  })
})

describe('help', () => {
  test('names every command, and how each ends', async () => {
    const { code, out } = await cli.run('--help')
    expect(code).toBe(0)
    for (const name of ['init', 'run', 'resume', 'approve', 'serve', 'doctor', 'completion']) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    }
    expect(out).toMatch(/Exit codes:\n {2}0 done +1 failed +2 not understood\n {2}3 refused /)
    expect((await cli.run('help', 'run')).out).toMatch(
      /^Usage: prsm run [^]*--dry-run [^]*Examples:/,
    )
    expect((await cli.run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([60, 80, 120])('fits a terminal of %i columns', async (columns) => {
    for (const args of [['--help'], ['run', '--help'], ['keys', '--help']]) {
      const { out } = await cli.start(args, { columns, isInteractive: true }).ended
      const widest = Math.max(...out.split('\n').map(({ length }) => length))
      expect([args, widest]).toEqual([args, Math.min(widest, columns)])
    }
  })
})

describe('in a terminal', () => {
  const steps = {
    list: { uses: 'transform', with: { value: [1, 2, 3] } },
    each: { uses: 'wait', forEach: '{% $steps.list.output %}', with: { for: '150ms' } },
    quick: { ...wait('50ms') },
    a_step_with_a_name_that_is_longer_than_most: {
      uses: 'transform',
      needs: ['each', 'quick'],
      with: { value: 'the end' },
    },
  }

  test.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])('of %i by %i a run is drawn in place, and the cursor comes back', async (columns, rows) => {
    const file = await cli.write('drawn.json', flow(steps, { name: 'drawn' }))
    const { terminal, ended } = cli.start(['run', file], { isInteractive: true, columns, rows })
    expect((await ended).code).toBe(0)
    const { text } = terminal.err
    const screen = renderScreen(text)
    expect(screen.isCursorShown).toBe(true)
    expect(renderScreen(drawnPart(text)).widest).toBeLessThan(columns)
    expect(text.split('\u001B[?25l')).toHaveLength(2)
    // One picture is left, and it is the last one.
    const titles = screen.lines.filter((line) => line.startsWith('drawn '))
    expect(titles).toEqual([expect.stringMatching(/^drawn {2}run_\S+ completed$/)])
    expect(screen.lines.filter((line) => line.includes('✔ each'))).toHaveLength(1)
    expect(screen.lines.join('\n')).toMatch(/100 %[^]*✔ list [^]*run_\w+ completed after /)
  })

  test('a smaller window, Ctrl-Z and Ctrl-C leave it in order', async () => {
    const file = await cli.write(
      'long.json',
      flow({ long: wait('1h'), other: wait('1h') }, { name: 'long' }),
    )
    const command = cli.start(['run', file], { isInteractive: true })
    await command.until(/◔/)
    command.terminal.resize(40, 10)
    command.terminal.suspend()
    expect(renderScreen(command.terminal.err.text).isCursorShown).toBe(true)
    command.terminal.wake()
    await command.until(/until \d/)
    command.terminal.interrupt()
    const { code, err } = await command.ended
    expect([code, renderScreen(err).isCursorShown]).toEqual([130, true])
    await cli.run('cancel', 'last')
  })

  test('colours are there, unless somebody does not want them', async () => {
    const file = await cli.write('coloured.json', flow({ a: wait('1ms') }))
    const COLOUR = '\u001B[32m'
    const isColoured = async (
      args: readonly string[],
      env = {},
      isInteractive = true,
    ): Promise<boolean> =>
      (await cli.start(['run', file, ...args], { isInteractive, env }).ended).err.includes(COLOUR)
    expect(await isColoured([])).toBe(true)
    expect(await isColoured(['--no-color'])).toBe(false)
    expect(await isColoured([], { NO_COLOR: '1' })).toBe(false)
    expect(await isColoured([], {}, false)).toBe(false)
    expect(await isColoured([], { FORCE_COLOR: '1' }, false)).toBe(true)
  })

  test('that knows ASCII only, nothing else is written', async () => {
    const file = await cli.write('ascii.json', flow(steps, { name: 'ascii' }))
    const { err } = await cli.start(['run', file], { isInteractive: true, env: { LANG: 'C' } })
      .ended
    // oxlint-disable-next-line no-control-regex -- escape sequences are part of it
    expect(err).toMatch(/^[\u0000-\u007F]*$/)
  })

  test('--quiet leaves only the result', async () => {
    const file = await cli.write(
      'quiet.json',
      flow({ a: { uses: 'transform', with: { value: 1 } } }, { output: '{% $steps.a.output %}' }),
    )
    expect(await cli.start(['run', file, '--quiet'], { isInteractive: true }).ended).toEqual({
      code: 0,
      out: '1\n',
      err: '',
    })
  })
})

test('the digest of the examples fits every terminal while it runs', async () => {
  const folder = resolve(import.meta.dirname, '../../examples/literature-digest')
  const { terminal, ended } = cli.start(['run', folder], {
    isInteractive: true,
    columns: 70,
    rows: 20,
  })
  expect((await ended).code).toBe(0)
  const { text } = terminal.err
  expect(renderScreen(text).isCursorShown).toBe(true)
  expect(renderScreen(drawnPart(text)).widest).toBeLessThan(70)
  expect(text).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/)
})
