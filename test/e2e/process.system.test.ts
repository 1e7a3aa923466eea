import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { type CliResult, flow } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

let folder = ''
let gate: Gate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prsm-process-'))
  gate = await startGate()
})
afterAll(async () => {
  await gate.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
})

interface Spawned {
  readonly child: ChildProcess
  readonly ended: Promise<CliResult & { readonly signal: NodeJS.Signals | null }>
}

/** The command line as users start it, with the database it brings along. */
function prsm(...args: readonly string[]): Spawned {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN, ...args], {
    cwd: folder,
    env: {
      // oxlint-disable-next-line node/no-process-env -- what a shell hands down
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      PRSM_HTTP_ALLOW_PRIVATE: gate.host,
      // How long a worker that was killed is waited for.
      PRSM_LEASE_MS: '1500',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<Awaited<Spawned['ended']>>((end) => {
    child.once('close', (code, signal) => end({ code: code ?? -1, signal, out, err }))
  })
  return { child, ended }
}

const asked = (path: string): number => gate.asked.filter((each) => each === path).length
const PATIENCE = { timeout: 60_000, interval: 20 }

test('from nothing: the first command starts a database, the first workflow runs', async () => {
  expect(await prsm('init').ended).toMatchObject({
    code: 0,
    out: expect.stringContaining('hello.yaml'),
  })
  const run = await prsm('run', 'hello.yaml').ended
  expect([run.code, JSON.parse(run.out)]).toMatchObject([0, { file: 'hello.md' }])
  expect(run.err).toMatch(
    /^this first time, a database is made in \.prsm\n[^]* run completed\n[^]* completed after /,
  )
  // The database is this folder's own, so that nobody else can take a run up.
  expect(await prsm('run', 'hello.yaml', '--detach').ended).toMatchObject({
    code: 4,
    out: '',
    err: expect.stringContaining('code: cli.nobody-there'),
  })
})

test('a run that is interrupted, resumed, killed and resumed again repeats no finished step', async () => {
  const steps = {
    first: { uses: 'http', with: { url: gate.url('/first') } },
    second: { uses: 'http', needs: 'first', with: { url: gate.url('/hold/second') } },
  }
  await writeFile(join(folder, 'held.json'), JSON.stringify(flow(steps)))
  const first = prsm('run', 'held.json')
  await vi.waitUntil(() => asked('/hold/second') === 1, PATIENCE)
  first.child.kill('SIGINT')
  const { code, err } = await first.ended
  expect([code, err]).toEqual([
    130,
    expect.stringMatching(/go on with\n {2}prsm resume run_\w+\n$/),
  ])
  const run = /prsm resume (run_\w+)/.exec(err)?.[1] ?? ''

  const second = prsm('resume', run, '--no-watch')
  await vi.waitUntil(() => asked('/hold/second') === 2, PATIENCE)
  second.child.kill('SIGKILL')
  expect((await second.ended).signal).toBe('SIGKILL')

  gate.open()
  const third = await prsm('resume', 'last').ended
  expect([third.code, third.err]).toMatchObject([
    0,
    expect.stringMatching(/run taken over from a worker that was lost\n[^]* completed after /),
  ])
  expect([asked('/first'), asked('/hold/second')]).toEqual([1, 3])
})

test('a reader that has left ends it without a word', async () => {
  const { child, ended } = prsm('completion', 'bash')
  child.stdout?.destroy()
  expect(await ended).toMatchObject({ code: 0, err: '' })
})
