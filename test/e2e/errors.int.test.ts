import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { flow, openTestCli, type TestCli } from '../support/cli.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli()
})
afterAll(() => cli.drop())

const ESCAPE = '\u001B'

describe('a definition with problems', () => {
  test('that is no YAML is shown in its place', async () => {
    const file = await cli.write(
      'broken.yaml',
      'apiVersion: prsm/v1\nname: broken\nsteps:\n  a: [uses: x\n',
    )
    for (const command of ['validate', 'run', 'quote']) {
      const { code, out, err } = await cli.run(command, file)
      expect([command, code, out]).toEqual([command, 1, ''])
      expect(err).toMatch(/^broken\.yaml:\d+:\d+ ✖ error: [^\n]+\n +\d+ \| [^\n]*\n +\| +\^+\n/)
    }
    const { code, value } = await cli.json('run', file)
    expect([code, value]).toMatchObject([
      1,
      {
        error: {
          code: 'workflow.invalid-definition',
          details: { problems: [{ file, line: expect.any(Number), column: expect.any(Number) }] },
        },
      },
    ])
  })

  test('names every one of them, each in its place with what may be meant', async () => {
    const file = await cli.write(
      'wrong.yaml',
      `apiVersion: prsm/v1
name: wrong
steps:
  a:
    uses: transfrom
    with: { value: 1 }
  b:
    uses: transform
    needs: aa
    with: { value: '{% $steps.c.output %}' }
`,
    )
    const { code, err } = await cli.run('validate', file)
    expect(code).toBe(1)
    expect(err).toMatch(/wrong\.yaml:5:\d+ ✖ error: [^\n]*transfrom[^\n]*\n[^]*transform/)
    expect(err).toMatch(/wrong\.yaml:9:\d+ ✖ error: [^\n]*aa/)
    expect(err).toMatch(/wrong\.yaml:10:\d+ ✖ error: [^\n]*\bc\b/)
    expect(err).toMatch(/\n\S+wrong\.yaml has 3 problems\n$/)
    const good = await cli.write(
      'good.json',
      flow({ a: { uses: 'transform', with: { value: 1 } } }),
    )
    const { value } = await cli.json('validate', good, file)
    expect(value).toMatchObject({
      valid: false,
      files: [
        { file: good, valid: true, problems: [] },
        { file, valid: false, problems: [{ line: 5 }, { line: 9 }, { line: 10 }] },
      ],
    })
  })

  test.each([
    ['nothing', '', /empty\.yaml ✖ error: a definition is a map/],
    ['a list', '- a\n', /empty\.yaml:1:1 ✖ error: a definition is a map/],
    [
      'a circle',
      'apiVersion: prsm/v1\nname: c\nsteps:\n  a: { uses: transform, needs: b, with: { value: 1 } }\n  b: { uses: transform, needs: a, with: { value: 1 } }\n',
      /a → b → a|b → a → b/,
    ],
    [
      'a bomb of aliases',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replaceAll(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdefghi'[at]}, `.repeat(9)}x]\n`)}`,
      /alias/i,
    ],
  ])('that holds %s says so', async (_case, text, message) => {
    const file = await cli.write('empty.yaml', text)
    const { code, err } = await cli.run('run', file)
    expect([code, err]).toMatchObject([1, expect.stringMatching(message)])
  })

  test('that is not there is a mistake in the command', async () => {
    expect(await cli.run('run', 'none.yaml')).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /✖ error: \S+none\.yaml cannot be read \(ENOENT\)[^]*code: workflow\.unreadable\n$/,
      ),
    })
  })
})

describe('a command that is not understood', () => {
  test.each([
    [[], /^Usage: prsm [^]*130 interrupted\n$/],
    [['db'], /^Usage: prsm db [^]* import /],
    [['rnu', 'x'], /unknown command 'rnu' \(Did you mean run\?\)/],
    [['help', 'rnu'], /✖ error: there is no such command/],
    [['serve', '--port', '99999'], /--port: .*65535/],
    [['run'], /missing required argument 'workflow'/],
    [['run', 'x', '--bugdet', '1'], /unknown option '--bugdet' \(Did you mean --budget\?\)/],
    [['ls', 'x'], /too many arguments/],
    [['ls', '--limit', 'many'], /--limit takes a whole number from 1 to 10000, not "many"/],
    [['ls', '--status', 'runing'], /runs are never "runing" \(did you mean "running"\?\)/],
    [['completion', 'tcsh'], /bash, zsh, fish/],
    [['show', 'nothing'], /no run fits "nothing"/],
    [['ls', '--log-level', 'loud'], /--log-level: /],
    [['ls', '--server', 'here'], /--server: write http:\/\/host:port/],
    [['ls', '--config', 'none.yaml'], /none\.yaml: cannot be read \(ENOENT\)/],
    [['signal', 'last', 'x', '--index', '-1'], /--index/],
  ])('%j says what would be', async (args, message) => {
    const { code, out, err } = await cli.run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    const record = await cli.json(...args)
    expect([record.code, record.err, record.value]).toMatchObject([
      2,
      '',
      { error: { code: expect.stringMatching(/^(?:cli|config)\./), message: expect.any(String) } },
    ])
  })

  test('for want of a good amount', async () => {
    const file = await cli.write('a.json', flow({ a: { uses: 'transform', with: { value: 1 } } }))
    expect(await cli.run('run', file, '--budget', 'much')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/"much" is not an amount[^]*code: money\.invalid-amount/),
    })
  })

  test('for settings that do not exist, with the line they stand in', async () => {
    const config = await cli.write('prsm.config.yaml', '# mine\nprot: 80\n')
    expect(await cli.run('ls', '--config', config)).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /prsm\.config\.yaml:2: there is no setting "prot" \(did you mean "port"\?\)/,
      ),
    })
  })
})

describe('what cannot be reached', () => {
  test('a database', async () => {
    const { code, err } = await cli.run(
      'ls',
      '--database-url',
      'postgres://nobody:secret@127.0.0.1:1/none',
    )
    expect([code, err]).toMatchObject([4, expect.stringMatching(/code: sql\.unreachable\n$/)])
    expect(err).not.toContain('secret')
  })

  test('a server', async () => {
    expect(await cli.run('ls', '--server', 'http://127.0.0.1:1')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/127\.0\.0\.1:1[^]*code: client\.unreachable\n$/),
    })
  })
})

describe('text that a step has written', () => {
  test('cannot steer the terminal', async () => {
    const evil = `${ESCAPE}[2J${ESCAPE}]0;owned\u0007`
    const steps = {
      a: { uses: 'transform', with: { value: `${evil}fine` } },
      b: { uses: 'approval', needs: 'a', with: { question: `${evil}Really?` } },
    }
    const file = await cli.write('evil.json', flow(steps, { name: 'evil' }))
    const asked = await cli.start(['run', file], { isInteractive: false }).ended
    expect(asked.err).toContain('Really?')
    expect(asked.err).not.toContain(ESCAPE)
    await cli.run('approve', 'last')
    const end = cli.start(['resume', 'last', '--no-color', '--no-watch'], { isInteractive: true })
    expect((await end.ended).code).toBe(0)
    const { out } = await cli.start(['show', 'last', '--no-color'], { isInteractive: true }).ended
    expect(out).toContain('output')
    expect(out).not.toContain(ESCAPE)
  })
})
