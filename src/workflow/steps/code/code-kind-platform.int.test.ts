import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  openTestPlatform,
  realSurroundings,
  type TestPlatform,
} from '../../../../test/support/platform.ts'
import type { Json } from '../../../kernel/json.ts'

import { type CodeKind, createCodeKind } from './code-kind.ts'
import { type OneStepRun, runOneStep } from './testing.ts'

let root: string
let kind: CodeKind
let platform: TestPlatform
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'prsm-code-'))
  kind = createCodeKind({ roots: [root], clock: realSurroundings().clock })
  platform = await openTestPlatform({ role: { worker: 'all', kinds: [kind] } })
})
afterAll(async () => {
  await platform.drop()
  await kind.close()
  await rm(root, { recursive: true, force: true })
})

const run = async (step: Record<string, Json>, source: string): Promise<OneStepRun> => {
  const module = join(root, 'm.mjs')
  await writeFile(module, source)
  return runOneStep(platform.workflows, {
    uses: 'code',
    with: { module, input: { n: 20 } },
    ...step,
  })
}

describe('a workflow with a code step', () => {
  test('gives what the function returned and pays for its core time', async () => {
    const { record, output } = await run(
      {},
      `export default ({ n }) => {
         const end = Date.now() + 300
         while (Date.now() < end);
         return n + 1
       }`,
    )
    expect([record.status, output]).toEqual(['completed', 21])
    const events = await platform.workflows.listEvents('default', record.id)
    expect(JSON.stringify(events)).toContain('"resource":"cpu_cores"')
  })

  test('ends an endless loop at its timeout', async () => {
    const { record } = await run({ timeout: '1s' }, 'export default () => { for (;;); }')
    expect(record).toMatchObject({ status: 'failed', error: { code: 'workflow.timeout' } })
  })

  test('tries again what the author says is transient', async () => {
    const { output } = await run(
      { retry: { max: 2, initial: '10ms' } },
      `export default (_, { attempt }) => {
         if (attempt < 3) throw Object.assign(new Error('busy'), { isTransient: true })
         return attempt
       }`,
    )
    expect(output).toBe(3)
  })

  test('fails with what its function threw', async () => {
    const { record } = await run({}, 'export default () => { throw new Error("no") }')
    expect(record).toMatchObject({ status: 'failed', error: { code: 'code.threw' } })
  })
})
