import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent' })
})
afterAll(() => cli.drop())

const set = (name: string, input: string, ...more: readonly string[]): ReturnType<TestCli['run']> =>
  cli.start(['secrets', 'set', name, ...more], { input }).ended
const keyFile = (): string => join(cli.env['PRSM_DATA_DIR'] ?? '', 'master.key')

describe('secrets', () => {
  test('are kept from standard input, listed and forgotten, and never shown', async () => {
    expect(await cli.run('secrets')).toMatchObject({
      code: 0,
      out: '',
      err: 'there is no secret yet: prsm secrets set NAME keeps one\n',
    })
    expect(await set('TOKEN', 'geheim-123\n')).toMatchObject({
      code: 0,
      out: 'TOKEN is kept\n',
      err: expect.stringContaining('{ $secret: TOKEN }; its value is not shown again'),
    })
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
    const kept = await set('OTHER', 'geheim-456', '--json')
    expect(JSON.parse(kept.out)).toMatchObject({ name: 'OTHER', key: expect.any(String) })
    const { out } = await cli.run('secrets', 'ls')
    expect(out).toMatch(/^SECRET +CHANGED +KEY\nOTHER +\S.*seal_\w+\nTOKEN +\S.*seal_\w+\n$/)
    expect(await cli.list('secrets', 'ls')).toMatchObject([{ name: 'OTHER' }, { name: 'TOKEN' }])
    expect((await cli.run('secrets', 'rm', 'OTHER')).out).toBe('OTHER is forgotten\n')
    expect(await cli.run('secrets', 'rm', 'OTHER')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no secret "OTHER"\n {2}hint: prsm secrets ls/),
    })
  })

  test('are typed by a person who sees the question and not the answer', async () => {
    const typed = await cli.start(['secrets', 'set', 'TYPED'], {
      input: 'by-hand',
      isInteractive: true,
    }).ended
    expect(typed).toMatchObject({ code: 0, err: expect.stringContaining('Value of TYPED') })
    expect(typed.out + typed.err).not.toContain('by-hand')
  })

  test.each([
    ['token', 'x', /capital letters/],
    ['EMPTY', '\n', /there is no value for "EMPTY"/],
  ])('%s is refused', async (name, input, message) => {
    const { code, err } = await set(name, input)
    expect([code === 0, err]).toMatchObject([false, expect.stringMatching(message)])
  })

  test('are used by steps, and stay readable when keys are rotated', async () => {
    const step = {
      uses: 'http',
      with: { url: 'http://[::1]:9/', headers: { a: { $secret: 'TOKEN' } } },
    }
    const file = await cli.write('uses.json', flow({ step }, { secrets: ['TOKEN'] }))
    const before = await cli.run('run', file, '--no-watch')
    expect(before.err).toContain('http.network')
    const [first] = await cli.list('secrets', 'ls')
    expect((await cli.run('secrets', 'rotate')).out).toMatch(
      /^\d secrets lie under a new key now, seal_/,
    )
    expect((await cli.json('secrets', 'rotate')).value).toMatchObject({ isNew: true })
    const [second] = await cli.list('secrets', 'ls')
    expect(second?.['key']).not.toBe(first?.['key'])
    const keys = await readFile(keyFile(), 'utf8')
    expect((await cli.run('secrets', 'rotate', '--master')).out).toMatch(
      /^3 keys are wrapped by the master key mk_\w+ now\n$/,
    )
    const after = await readFile(keyFile(), 'utf8')
    expect(after.split('\n')).toEqual(expect.arrayContaining(keys.trim().split('\n')))
    const again = await cli.run('run', file, '--no-watch')
    expect(again.err).toContain('http.network')
  })

  test('the doctor names the master key, and says when it is missing or open to others', async () => {
    const well = await cli.run('doctor')
    expect(well.out).toMatch(/✔ secrets +master key mk_\w+ in .*master\.key/)
    await chmod(keyFile(), 0o644)
    expect((await cli.run('doctor')).out).toMatch(/secrets +others on this machine can read/)
    await chmod(keyFile(), 0o600)
    const elsewhere = ['--data-dir', join(cli.folder, 'elsewhere')]
    const lost = await cli.run('doctor', ...elsewhere)
    expect([lost.code, lost.out]).toMatchObject([
      1,
      expect.stringMatching(
        /secrets +sealed values need the master key mk_\w+[^]*copy the master key/,
      ),
    ])
    const refused = await cli.start(['secrets', 'set', 'NEW', ...elsewhere], { input: 'x' }).ended
    expect([refused.code === 0, refused.err]).toMatchObject([
      false,
      expect.stringMatching(/vault\.master-key-missing|copy the file "master\.key"/),
    ])
  })

  test('master keys of the settings take the place of the file', async () => {
    const own = await openTestCli({
      PRSM_LOG_LEVEL: 'silent',
      PRSM_MASTER_KEYS: Buffer.alloc(32, 7).toString('base64'),
    })
    await own.start(['secrets', 'set', 'TOKEN'], { input: 'x' }).ended
    expect((await own.run('doctor')).out).toMatch(/secrets +master key mk_\w+ in PRSM_MASTER_KEYS/)
    expect(await own.run('secrets', 'rotate', '--master')).toMatchObject({
      code: expect.toSatisfy((code: number) => code !== 0),
      err: expect.stringContaining('PRSM_MASTER_KEYS'),
    })
    await own.drop()
  })
})

test('sensitive inputs are shown to nobody', async () => {
  const file = await cli.write(
    'sealed.json',
    flow(
      { a: { uses: 'transform', with: { value: { got: '{% $inputs.password %}' } } } },
      {
        inputs: {
          type: 'object',
          properties: { password: { type: 'string', writeOnly: true } },
        },
      },
    ),
  )
  const ran = await cli.run('run', file, '-i', 'password=geheim-789')
  const [run] = await cli.list('ls')
  const id = idOf(run)
  const told = await Promise.all([
    cli.run('show', id),
    cli.run('show', id, '--json'),
    cli.run('logs', id),
    cli.run('logs', id, '--json'),
  ])
  const all = [ran, ...told].map(({ out, err }) => out + err).join('\n')
  expect(all).not.toContain('geheim-789')
  expect(all).toContain('[sealed]')
  expect(all).toContain('[secret]')
})
