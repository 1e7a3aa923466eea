import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, test, type TestContext } from 'vitest'

import { openPlatform, type Platform } from '../src/app/compose.ts'
import { config } from '../src/app/config.ts'
import { PlatformError } from '../src/kernel/errors.ts'
import type { Json } from '../src/kernel/json.ts'
import { present } from '../src/kernel/present.ts'
import type { RunRecord } from '../src/workflow/index.ts'

import { openTestPlatform, realSurroundings } from './support/platform.ts'

/** What each test has made, undone in reverse. */
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})

/** A file system of its own at `path`; where that is not allowed, the test is skipped. */
function mountAt(path: string, size: string, { skip }: TestContext): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'prsm-test', path], {
      stdio: 'pipe',
    })
  } catch {
    skip('only root, where it may mount file systems, can fill one')
  }
  undo.push(() => execFileSync('umount', ['-l', path]))
}

const flow = (steps: Record<string, Json>): Json => ({
  apiVersion: 'prsm/v1',
  name: 'full',
  steps,
})
const until = async (
  { workflows }: Platform,
  id: string,
  status: RegExp,
  timeout = 20_000,
): Promise<RunRecord> => {
  const find = (): Promise<RunRecord> => workflows.getRun('default', id)
  await expect
    .poll(() => find().then((run) => run.status, String), { timeout, interval: 20 })
    .toMatch(status)
  return find()
}

test('a run whose folder is full fails with its step and path, and goes on when there is room', async (context) => {
  const platform = await openTestPlatform()
  undo.push(() => platform.drop())
  const runs = join(platform.config.dataDir, 'runs')
  await mkdir(runs)
  mountAt(runs, '1m', context)
  const { id } = await platform.workflows.submit({
    tenant: 'default',
    definition: flow({
      small: { uses: 'files.write', with: { path: 'small.txt', content: 'kept' } },
      large: {
        uses: 'files.write',
        needs: 'small',
        with: { path: 'out/large.txt', content: 'x'.repeat(1_500_000) },
      },
    }),
    inputs: {},
  })
  const failed = await until(platform, id, /failed/)
  expect(failed.error).toMatchObject({
    code: 'files.disk-full',
    message: expect.stringContaining('out/large.txt'),
    hint: expect.stringContaining('resume'),
    details: { path: 'out/large.txt' },
  })
  const events = await platform.workflows.listEvents('default', id)
  expect(events.at(-1)?.event).toMatchObject({ kind: 'run.failed', data: { step: 'large' } })
  expect(await readdir(join(runs, id), { recursive: true })).toEqual(['out', 'small.txt'])

  execFileSync('mount', ['-o', 'remount,size=8m', runs])
  await platform.workflows.control('default', id, { action: 'resume', by: 'me' })
  await until(platform, id, /completed/)
  const started = (await platform.workflows.listEvents('default', id)).flatMap(({ event }) =>
    event.kind === 'step.started' ? [event.data.step] : [],
  )
  expect(started).toEqual(['small', 'large', 'large'])
})

test('a database whose disk is full loses nothing that was acknowledged, and goes on when there is room', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-full-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true }))
  mountAt(dataDir, '160m', context)
  const settings = config.parse({ dataDir, leaseMs: 1_000 })
  const platform = await openPlatform(settings, realSurroundings(), { worker: 'all' })
  undo.push(() => platform.close(0))
  const definition = flow({
    list: { uses: 'transform', with: { value: '{% [1..50] %}' } },
    each: {
      uses: 'transform',
      forEach: '{% $steps.list.output %}',
      with: { value: '{% $item & "x" & $pad("", 20000, $string($item)) %}' },
    },
    end: { uses: 'transform', needs: 'each', with: { value: 'done' } },
  })
  const acknowledged: string[] = []
  const faults: unknown[] = []
  const submit = (): Promise<unknown> =>
    platform.workflows.submit({ tenant: 'default', definition, inputs: {} }).then(
      ({ id }) => acknowledged.push(id),
      (fault: unknown) => faults.push(fault),
    )
  await submit()
  await until(platform, present(acknowledged[0]), /completed/)

  const { bavail, bsize } = await statfs(dataDir)
  await writeFile(join(dataDir, 'filler'), new Uint8Array(bavail * bsize - 1_000_000))
  // Some are begun before the last page is taken, and some find it gone.
  for (let n = 0; n < 10; n++) await submit()
  await expect.poll(() => submit().then(() => faults.length)).toBeGreaterThan(0)
  for (const fault of faults) {
    expect(fault).toBeInstanceOf(PlatformError)
    expect(fault).toMatchObject({
      code: expect.stringMatching(/^(?:sql\.|workflow\.not-begun)/),
      hint: expect.any(String),
    })
  }
  await rm(join(dataDir, 'filler'))
  for (const id of acknowledged) await until(platform, id, /completed/, 60_000)
  expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
}, 180_000)
