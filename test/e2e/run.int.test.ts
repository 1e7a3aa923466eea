import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/json.ts'
import { flow, openTestCli, type TestCli } from '../support/cli.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli()
})
afterAll(() => cli.drop())

const give = (value: Json): Json => ({ uses: 'transform', with: { value } })
/** Gives back what it was started with. */
const echo = (properties: JsonObject): JsonObject =>
  flow(
    { echo: give('{% $inputs %}') },
    {
      name: 'echo',
      inputs: { type: 'object', properties, additionalProperties: false },
      output: '{% $steps.echo.output %}',
    },
  )
const EVERY_TYPE: JsonObject = {
  text: { type: 'string' },
  rate: { type: 'number' },
  count: { type: 'integer' },
  isOn: { type: 'boolean' },
  tags: { type: 'array', items: { type: 'string' } },
  numbers: { type: 'array', items: { type: 'integer' } },
  more: { type: 'object' },
}

describe('the first workflow', () => {
  test('is written, checked, quoted, run and looked at', async () => {
    const folder = join(cli.folder, 'first')
    const hello = join(folder, 'hello.yaml')
    const first = await cli.run('init', folder)
    expect([first.code, first.err]).toEqual([0, `\nrun it with: prsm run ${hello}\n`])
    expect(await cli.run('validate', hello)).toMatchObject({
      code: 0,
      out: `✔ ${hello} is valid\n`,
    })
    const quote = await cli.run('quote', hello)
    expect([quote.code, quote.err]).toEqual([0, ''])
    expect(quote.out).toMatch(/^STEP +TIMES +COST\nsummary +1 +0\.\d+ FTNS\nanswer /)

    const run = await cli.run('run', hello)
    expect(run.code).toBe(0)
    expect(JSON.parse(run.out)).toMatchObject({ file: 'hello.md', answer: expect.any(String) })
    expect(run.err).toMatch(/^quote: .* expected, 5 FTNS at most\nno model key is set/)
    expect(run.err).toMatch(/ step letter completed in \d+ms\n.* run completed\n/)
    expect(run.err).toMatch(
      /\nrun_\w{26} completed after .*, cost 0\.\d+ FTNS of 5 FTNS\n1 file in /,
    )

    const list = await cli.run('ls')
    expect(list.out).toMatch(
      /^RUN +WORKFLOW +STATUS +FTNS +TOOK +BEGUN\nrun_\w{26} +hello +completed /,
    )
    expect((await cli.run('show', 'last')).out).toMatch(
      /^hello {2}run_\w{26} completed\n█{30} 100 % [^]*\n✔ summary [^]*\n└ ✔ letter [^]*\noutput\n\{/,
    )
    expect((await cli.run('logs', 'last')).out).toMatch(
      /^\S+ \S+ {2}run created\n[^]* run completed\n$/,
    )
    expect((await cli.run('logs', 'last', '--tail', '1')).out).toMatch(
      /^\S+ \S+ {2}run completed\n$/,
    )
    const logged = (await cli.run('logs', 'last', '--json')).out.trimEnd().split('\n')
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ kind: 'run.completed' })
    expect((await cli.run('files', 'last')).out).toMatch(/^FILE +BYTES +WRITTEN\nhello\.md +\d+ /)
    expect((await cli.run('files', 'last', 'hello.md')).out).toMatch(/^# Summary\n/)
    expect((await cli.run('wallet')).out).toMatch(
      /^free +999\.\d+ FTNS\nset aside +0 FTNS\nspent +0\.\d+ FTNS of 1000 FTNS received\n$/,
    )
    expect((await cli.run('wallet', 'transfers', '--limit', '1')).out).toMatch(
      /^WHEN +WHY +AMOUNT +FROM +TO +FOR\n.* charge +0\.\d+ FTNS +default:wallet +platform:compute +step (?:summary|answer)\n$/,
    )
  })

  test('is not written over what is there, unless that is asked for', async () => {
    const folder = join(cli.folder, 'again')
    await cli.write('again/hello.yaml', 'mine')
    await cli.write('again/.gitignore', 'node_modules')
    expect(await cli.run('init', folder)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /hello\.yaml exists already\n {2}hint: nothing was changed; --force/,
      ),
    })
    expect(await cli.read('again/hello.yaml')).toBe('mine')
    const { code, value } = await cli.json('init', folder, '--force')
    expect([code, value]).toMatchObject([
      0,
      { files: [join(folder, 'hello.yaml'), expect.anything()] },
    ])
    expect(await cli.read('again/hello.yaml')).toMatch(/^# A first workflow/)
    expect(await cli.read('again/.gitignore')).toBe('node_modules\n.prsm/\n')
    // Every line of the settings is a comment, so that they change nothing.
    expect(await cli.run('--config', join(folder, 'prsm.config.yaml'), 'ls')).toMatchObject({
      code: 0,
    })
  })
})

describe('inputs', () => {
  let every = ''
  const value = async (...args: readonly string[]): Promise<Json> => {
    const { value: result } = await cli.json('run', every, ...args)
    return result['output'] ?? result
  }
  beforeAll(async () => {
    every = await cli.write('every.json', echo(EVERY_TYPE))
  })

  test('take the types that the definition gives them', async () => {
    const note = await cli.write('note.txt', 'from a file\n')
    const list = await cli.write('list.json', '[7, 8]')
    const given = [
      'text=5',
      'rate=2.5',
      'count=3',
      'isOn=true',
      'tags=a,b',
      'tags=c',
      'more={"a":1}',
    ]
    expect(await value(...given.flatMap((each) => ['--input', each]))).toEqual({
      text: '5',
      rate: 2.5,
      count: 3,
      isOn: true,
      tags: ['a,b', 'c'],
      more: { a: 1 },
    })
    expect(
      await value('-i', `text=@${note}`, '-i', 'tags=["x"]', '-i', `numbers=@${list}`),
    ).toEqual({
      text: 'from a file\n',
      tags: ['x'],
      numbers: [7, 8],
    })
    expect(await value('-i', 'text=@@home', '-i', 'tags=one', '-i', 'numbers=4')).toEqual({
      text: '@home',
      tags: ['one'],
      numbers: [4],
    })
  })

  test('come from standard input', async () => {
    const { ended } = cli.start(['run', every, '-i', 'text=@-', '--json'], { input: 'typed' })
    expect(JSON.parse((await ended).out)).toMatchObject({ output: { text: 'typed' } })
  })

  test('come from a file, and those given singly outweigh it', async () => {
    const inputs = await cli.write('inputs.yaml', 'text: from the file\ncount: 1\n')
    expect(await value('--inputs', inputs, '-i', 'count=2')).toEqual({
      text: 'from the file',
      count: 2,
    })
  })

  test.each([
    [
      'txet=a',
      /there is no input "txet" \(did you mean "text"\?\)/,
      /this workflow takes: text, rate/,
    ],
    ['text', /"text" is not an input/, /write name=value/],
    ['count=2.5', /input "count": "2\.5" is not an integer/, /whole number such as 3/],
    ['rate=much', /input "rate": "much" is not a number/, /number such as 2\.5/],
    ['isOn=yes', /input "isOn": "yes" is not a boolean/, /true or false/],
    ['more=1', /input "more": "1" is not an object/, /JSON object such as/],
    ['numbers=x', /input "numbers": "x" is not an integer/, /whole number/],
    ['text=@none.txt', /none\.txt cannot be read \(ENOENT\)/, /text=@@none\.txt/],
  ])('refuses %s, and says what would do', async (given, message, hint) => {
    const { code, out, err } = await cli.run('run', every, '--input', given)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).toMatch(hint)
    expect((await cli.json('run', every, '--input', given)).value).toMatchObject({
      error: { code: expect.stringMatching(/^cli\./), message: expect.stringMatching(message) },
    })
  })

  test('that the schema forbids are refused by name', async () => {
    const file = await cli.write('bounded.json', echo({ count: { type: 'integer', maximum: 3 } }))
    const { code, err } = await cli.run('run', file, '-i', 'count=4')
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/count.*3[^]*code: workflow\.invalid-inputs/),
    ])
  })

  test('in a file that is no map, or no YAML, are refused with the place', async () => {
    const list = await cli.write('list.yaml', '- a\n')
    const broken = await cli.write('broken.yaml', 'text: a\n  count: [\n')
    expect(await cli.run('run', every, '--inputs', list)).toMatchObject({
      code: 2,
      err: expect.stringContaining('list.yaml does not hold inputs'),
    })
    expect(await cli.run('run', every, '--inputs', broken)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/broken\.yaml:\d+:\d+: /),
    })
  })
})

describe('a folder', () => {
  test('is run by its workflow.yaml', async () => {
    await cli.write(
      'digest/workflow.yaml',
      'apiVersion: prsm/v1\nname: digest\nsteps:\n  a: { uses: transform, with: { value: hi } }\noutput: "{% $steps.a.output %}"\n',
    )
    expect(await cli.run('run', join(cli.folder, 'digest'), '--quiet')).toEqual({
      code: 0,
      out: 'hi\n',
      err: '',
    })
  })

  test('without one is refused, with the name of the file that is missing', async () => {
    await cli.write('empty/readme.md', '')
    const { code, err } = await cli.run('run', join(cli.folder, 'empty'))
    expect([code, err]).toMatchObject([2, expect.stringContaining('empty/workflow.yaml')])
  })

  test('given as an input is taken from where the caller stands', async () => {
    const file = await cli.write(
      'lister.json',
      flow(
        { list: { uses: 'files.list', with: { path: '{% $inputs.docs %}' } } },
        {
          inputs: { type: 'object', properties: { docs: { type: 'string', format: 'directory' } } },
          output: '{% $steps.list.output.files.path %}',
        },
      ),
    )
    await cli.write('papers/a.md', 'A')
    await cli.write('papers/b.md', 'B')
    const { value } = await cli.json('run', file, '-i', `docs=${join(cli.folder, 'papers')}`)
    expect(value).toMatchObject({
      status: 'completed',
      output: ['docs/a.md', 'docs/b.md'],
    })
  })
})

describe('what a run prints', () => {
  let file = ''
  beforeAll(async () => {
    file = await cli.write(
      'two.json',
      flow(
        { a: give(1), b: give('{% $steps.a.output + 1 %}') },
        { output: '{% $steps.b.output %}' },
      ),
    )
  })

  test('with --json is one record, whose amounts are whole µFTNS', async () => {
    const { code, err, value } = await cli.json('run', file)
    expect([code, err]).toEqual([0, ''])
    expect(value).toEqual({
      id: expect.stringMatching(/^run_\w{26}$/),
      name: 'flow',
      status: 'completed',
      ending: 'ended',
      percent: 100,
      output: 2,
      cost: '0',
      budget: expect.stringMatching(/^\d+$/),
      elapsedMs: expect.any(Number),
      sequentialMs: expect.any(Number),
      files: 0,
    })
  })

  test('of a long list is its tenths, not its items', async () => {
    const steps = {
      each: { uses: 'transform', forEach: '{% [1..100] %}', with: { value: '{% $item %}' } },
    }
    const { err } = await cli.run('run', await cli.write('many.json', flow(steps)))
    const lines = err.split('\n').filter((line) => line.includes('step each'))
    expect(lines[0]).toMatch(/step each has 100 items$/)
    expect(lines.slice(1).map((line) => /(\d+) of 100 items$/.exec(line)?.[1])).toEqual(
      Array.from({ length: 10 }, (_, tenth) => ((tenth + 1) * 10).toString()),
    )
  })

  test('with --watch --json is every event, and the record last', async () => {
    const { out, code } = await cli.run('run', file, '--watch', '--json')
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject)
    const kinds = lines.slice(0, -1).map(({ event }) => (isJsonObject(event) ? event['kind'] : ''))
    expect(kinds.slice(0, 2)).toEqual(['run.created', 'run.started'])
    expect(kinds.filter((kind) => kind === 'step.completed')).toHaveLength(2)
    expect(kinds.at(-1)).toBe('run.completed')
    expect([code, lines.at(-1)]).toMatchObject([0, { status: 'completed', output: 2 }])
  })

  test('with --no-watch is the result without the lines between', async () => {
    const { out, err } = await cli.run('run', file, '--no-watch')
    expect(out).toBe('2\n')
    expect(err).toMatch(/^quote: free\n\nrun_\w+ completed after .*, free\n$/)
  })

  test('with --dry-run is the quote, and nothing runs', async () => {
    const before = await cli.list('ls')
    const dry = await cli.run('run', file, '--dry-run')
    expect(dry).toMatchObject({ code: 0, out: 'nothing in it is priced\n\nquote: free\n' })
    const { value } = await cli.json('run', file, '--dry-run')
    expect(value).toMatchObject({ expected: '0', budget: '0', lines: [] })
    expect((await cli.json('quote', file)).value).toEqual(value)
    expect(await cli.list('ls')).toHaveLength(before.length)
  })
})

describe('a run that is left to others', () => {
  test('is taken up by a worker', async () => {
    const file = await cli.write('left.json', flow({ a: give('done') }, { name: 'left' }))
    const begun = await cli.run('run', file, '--detach')
    expect(begun).toMatchObject({ code: 0, out: expect.stringMatching(/^run_\w{26}\n$/) })
    const id = begun.out.trim()
    expect(begun.err).toContain(`watch it with: prsm logs ${id} --follow`)
    expect((await cli.json('show', id)).value).toMatchObject({ status: 'queued' })
    const follower = cli.start(['logs', id, '--follow'])
    const worker = cli.start(['worker', '--log-level', 'silent'])
    const { code, out } = await follower.ended
    expect([code, out]).toMatchObject([
      0,
      expect.stringMatching(/ run created\n[^]* run completed\n$/),
    ])
    worker.terminal.interrupt()
    expect(await worker.ended).toMatchObject({ code: 0 })
  })

  test('with --json is named by its record', async () => {
    const file = await cli.write('left.json', flow({ a: give('done') }, { name: 'left' }))
    const { value } = await cli.json('run', file, '--detach')
    expect(value).toEqual({ id: expect.stringMatching(/^run_/), name: 'left', status: 'queued' })
    expect((await cli.json('cancel', 'last')).value).toMatchObject({
      id: value['id'],
      status: 'cancelled',
    })
  })
})
