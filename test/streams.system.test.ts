import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { bundle } from './support/bundle.ts'
import { effectKind } from './support/effect-kind.ts'
import { openTestPlatform, type TestPlatform } from './support/platform.ts'

test('text of a worker that is killed in the middle is void once another one begins the step anew', async () => {
  const kinds = [effectKind(async () => undefined)]
  const settings = { leaseMs: 1_000 }
  const platform = await openTestPlatform({ role: { worker: 'none', kinds }, settings })
  await platform.fixture.database.query({ text: 'create table effects (key text)' })
  const child = await startWorker(platform)
  const steps = { a: { uses: 'effect', with: { ms: 1, hangs: 1, tells: 'half a ' } } }
  const definition = { apiVersion: 'prsm/v1', name: 'streams', steps }
  const { id } = await platform.workflows.submit({ tenant: 'default', definition, inputs: {} })
  const until = (attempt: number): Promise<void> =>
    expect
      .poll(() => platform.chunks.read({ run: id, after: 0 }, 9))
      .toEqual([{ seq: attempt, step: 'a', attempt, offset: 0, text: 'half a ' }])
  await until(1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await platform.beside({ worker: 'all', kinds }, settings)
  await until(2)
  await expect
    .poll(async () => (await platform.workflows.getRun('default', id)).status)
    .toBe('completed')
  await platform.drop()
})

async function startWorker({ url, config: { dataDir } }: TestPlatform): Promise<ChildProcess> {
  const program = await bundle(join(import.meta.dirname, 'support/worker-process.ts'))
  const child = fork(program, [url, dataDir], { stdio: 'inherit' })
  await once(child, 'message')
  return child
}
