import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type StartedCommand, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

let cli: TestCli
let gate: Gate
let server: StartedCommand
let url = ''
let key = ''
beforeAll(async () => {
  gate = await startGate()
  cli = await openTestCli({ PRSM_HTTP_ALLOW_PRIVATE: gate.host, PRSM_LOG_LEVEL: 'silent' })
  server = cli.start(['serve', '--port', '0'])
  url = (await server.until(/listening on (\S+),/))[1] ?? ''
  key = (await server.until(/^(prsm_\S+)\n/))[1] ?? ''
})
afterAll(async () => {
  await cli.drop()
  await gate.close()
})

const away = (): readonly string[] => ['--server', url, '--api-key', key]
const held = (name: string): JsonObject =>
  flow({ a: { uses: 'http', with: { url: gate.url(`/hold/${name}`) } } }, { name })

describe('commands through a server', () => {
  test('run a workflow to its end, and show it', async () => {
    gate.open()
    const steps = {
      a: { uses: 'files.write', with: { path: 'a.md', content: '# A' } },
      b: { uses: 'transform', with: { value: '{% $steps.a.output.path %}' } },
    }
    const file = await cli.write('a.json', flow(steps, { output: '{% $steps.b.output %}' }))
    const run = await cli.run('run', file, ...away())
    expect([run.code, run.out]).toEqual([0, 'a.md\n'])
    expect(run.err).toMatch(
      /step b completed in [^]*run_\w+ completed after .*, free\n1 file on the server\n/,
    )
    expect((await cli.run('ls', ...away())).out).toMatch(/\nrun_\w+ +flow +completed /)
    expect((await cli.run('show', 'last', ...away())).out).toMatch(/✔ a [^]*1 file on the server/)
    expect((await cli.run('files', 'last', 'a.md', ...away())).out).toBe('# A')
    expect((await cli.run('files', 'last', ...away())).err).toBe('')
    expect((await cli.run('wallet', ...away())).out).toMatch(/^free +1000 FTNS\n/)
    expect((await cli.run('validate', file, ...away())).code).toBe(0)
    expect((await cli.run('kinds', 'http', ...away())).out).toMatch(/^http {2}Calls a URL/)
  })

  test('leave the run to the server when they are interrupted', async () => {
    gate.shut()
    const file = await cli.write('held.json', held('left'))
    const command = cli.start(['run', file, ...away()])
    await command.until(/step a started/)
    command.terminal.interrupt()
    const { code, err } = await command.ended
    expect(code).toBe(130)
    expect(err).toMatch(
      /goes on without being watched[^]*watch it again with\n {2}prsm logs run_\w+ --follow\n$/,
    )
    const follower = cli.start(['logs', 'last', '--follow', ...away()])
    await follower.until(/step a started/)
    gate.open()
    expect(await follower.ended).toMatchObject({
      code: 0,
      out: expect.stringMatching(/run completed\n$/),
    })
  })

  test('begin, pause, resume and cancel what the server runs', async () => {
    gate.shut()
    const file = await cli.write('held.json', held('steered'))
    const { value } = await cli.json('run', file, '--detach', ...away())
    const run = idOf(value)
    await expect.poll(() => gate.asked).toContain('/hold/steered')
    expect(await cli.run('pause', run, ...away())).toMatchObject({
      out: `${run} paused\n`,
      code: 0,
    })
    gate.open()
    const resumed = await cli.run('resume', run, ...away())
    expect([resumed.code, resumed.err]).toMatchObject([
      0,
      expect.stringMatching(/ completed after /),
    ])
    gate.shut()
    const other = await cli.json(
      'run',
      await cli.write('held.json', held('ended')),
      '--detach',
      ...away(),
    )
    expect((await cli.run('cancel', idOf(other.value), ...away())).out).toMatch(/ cancelled\n$/)
  })

  test('find PRSM and its models well', async () => {
    const { code, out } = await cli.run('doctor', ...away())
    expect([code, out]).toMatchObject([0, expect.stringMatching(/✔ server +PRSM \S+ at http/)])
  })

  test('that work on a database are refused', async () => {
    expect(await cli.run('db', 'url', '--server', url)).toMatchObject({
      code: 2,
      err: expect.stringContaining('not through a server'),
    })
  })

  test('without a good key are refused, and say what is missing', async () => {
    const { code, err } = await cli.run('ls', '--server', url, '--api-key', 'prsm_no')
    expect([code, err]).toMatchObject([3, expect.stringMatching(/code: access\.unauthenticated/)])
    expect((await cli.run('ls', '--server', url)).code).toBe(3)
  })
})

describe('keys', () => {
  test('are made, listed, used and revoked', async () => {
    const made = await cli.run(
      'keys',
      'create',
      'reader',
      '--scope',
      'read',
      '--expires',
      '30d',
      ...away(),
    )
    const token = made.out.trim()
    expect(made).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^key_\w+ may read; its token is not shown again\n$/),
    })
    const id = /key_\w+/.exec(made.err)?.[0] ?? ''
    expect((await cli.run('keys', 'ls', ...away())).out).toMatch(
      /^KEY +NAME +SCOPES +MADE +LAST USED +STATE\n[^]*key_\w+ +reader +read +\S.* never +expires in 29 d/,
    )
    const file = await cli.write('a.json', flow({ a: { uses: 'transform', with: { value: 1 } } }))
    const asReader = ['--server', url, '--api-key', token]
    expect((await cli.run('ls', ...asReader)).code).toBe(0)
    expect(await cli.run('run', file, '--detach', ...asReader)).toMatchObject({
      code: 3,
      err: expect.stringContaining('access.missing-scope'),
    })
    expect((await cli.run('keys', 'revoke', id, ...away())).out).toBe(`${id} (reader) is revoked\n`)
    expect((await cli.run('ls', ...asReader)).code).toBe(3)
    const { value } = await cli.json('keys', 'create', 'other', ...away())
    expect(value).toMatchObject({
      token: expect.stringMatching(/^prsm_/),
      key: { scopes: ['run'] },
    })
    expect(await cli.list('keys', ...away())).toHaveLength(3)
  })

  test.each([
    [
      ['keys', 'create', 'x', '--scope', 'reed'],
      2,
      /there is no scope "reed" \(did you mean "read"\?\)/,
    ],
    [['keys', 'create', 'x', '--expires', 'soon'], 2, /soon/],
    [['keys', 'revoke', 'key_none'], 1, /key_none/],
  ])('%s is refused', async (args, exitCode, message) => {
    const { code, err } = await cli.run(...args)
    expect([code, err]).toMatchObject([exitCode, expect.stringMatching(message)])
  })
})

describe('a server', () => {
  test('prints its first key once, and ends when it is asked to', async () => {
    const again = cli.start(['serve', '--port', '0', '--no-worker', '--json'])
    const [line = ''] = await again.until(/^\{.*\}\n/)
    expect(JSON.parse(line)).toEqual({ url: expect.stringMatching(/^http:/) })
    again.terminal.interrupt()
    expect((await again.ended).code).toBe(0)
  })

  test('whose port is taken says so', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { code, err } = await cli.run('serve', '--port', port.toString())
    expect([code, err]).toMatchObject([
      1,
      expect.stringMatching(/port \d+ on 127\.0\.0\.1 is in use/),
    ])
    await new Promise((resolve) => void other.close(resolve))
  })

  test('that is asked to end lets running steps end, and is gone afterwards', async () => {
    gate.shut()
    const file = await cli.write('held.json', held('graceful'))
    const { value } = await cli.json('run', file, '--detach', ...away())
    await expect.poll(() => gate.asked).toContain('/hold/graceful')
    server.terminal.interrupt()
    await server.until(/ending: running steps get 10 s/)
    gate.open()
    expect((await server.ended).code).toBe(0)
    const { code, err } = await cli.run('ls', ...away())
    expect([code, err]).toMatchObject([
      4,
      expect.stringMatching(/✖ error: [^]*code: client\.unreachable/),
    ])
    const { steps } = (await cli.json('show', idOf(value))).value
    expect(steps).toMatchObject([{ name: 'a', status: 'completed' }])
    expect((await cli.run('run', file, ...away())).code).toBe(4)
  })
})

test('a worker that ends by itself does what is there first', async () => {
  gate.open()
  const file = await cli.write('once.json', held('once'))
  const { value } = await cli.json('run', file, '--detach')
  const worker = await cli.run('worker', '--once')
  expect([worker.code, worker.err]).toEqual([
    0,
    expect.stringMatching(/^working on your PostgreSQL \d+\.\d+; Ctrl-C ends it\n$/),
  ])
  expect((await cli.json('show', idOf(value))).value).toMatchObject({ status: 'completed' })
})
