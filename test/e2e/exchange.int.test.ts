import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'

const FIXTURES = resolve(import.meta.dirname, '../fixtures/import')

let cli: TestCli
beforeAll(async () => {
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent' })
})
afterAll(() => cli.drop())

const runWith = async (name: string, inputs: Json): Promise<JsonObject> => {
  const file = await cli.write('inputs.json', inputs)
  return (await cli.json('run', name, '--inputs', file)).value
}

describe('a state machine', () => {
  test('in JSONata runs as it would there: choices, branches, items, waits, retries, catches', async () => {
    await cli.write(
      'check.mjs',
      `export function check({ total }) {
        if (total < 4) throw Object.assign(new Error('too small'), { name: 'TooSmallError' })
        if (total === 6) throw new Error('six')
        return 'checked ' + total
      }`,
    )
    const uses = { uses: 'code', with: { module: './check.mjs', function: 'check' } }
    const map = await cli.write('map.json', { resources: { check: uses } })
    const file = join(FIXTURES, 'order.asl.json')
    const linted = await cli.run('workflow', 'lint', file, '--map', map)
    expect(linted).toMatchObject({ code: 0, out: `${file}: 1 finding\n` })
    expect(linted.err).toMatch(/#\/States\/Impossible warning: it fails with/)
    const imported = await cli.json('workflow', 'import', file, '--map', map)
    expect(imported.value).toMatchObject({ name: 'order', status: 'saved', problems: [] })
    const order = (...items: readonly string[]): Promise<JsonObject> =>
      runWith('order', { customer: 'Ada', items: [...items] })
    expect((await order('apple', 'melon'))['output']).toEqual({
      for: 'Ada',
      what: ['shipped to Ada', 'billed 11'],
    })
    expect((await order('apple'))['output']).toEqual({ for: 'Ada', what: 'checked 5' })
    expect((await order('fig'))['output']).toEqual({ for: 'Ada', what: ['TooSmallError'] })
    expect(await order('banana')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('Impossible: for Ada') },
    })
  })

  test('in JSONPath runs as it would there, where the mapping is exact', async () => {
    await cli.json('workflow', 'import', join(FIXTURES, 'greet-paths.asl.json'), '--as', 'paths')
    const greet = async (user: JsonObject): Promise<Json | undefined> =>
      (await runWith('paths', { user, greeting: { tone: 'warm' } }))['output']
    expect(await greet({ name: 'Ada', age: 36 })).toEqual({
      user: { name: 'Ada', age: 36 },
      greeting: { tone: 'warm', words: { title: 'dear', who: 'Ada' } },
    })
    expect(await greet({ name: 'Bo' })).toEqual({
      user: { name: 'Bo' },
      greeting: { title: 'hey' },
    })
    expect(await greet({ name: 'nobody' })).toEqual({ name: 'nobody' })
  })

  test('that does not fit is not taken in, or as a draft with its problems', async () => {
    const file = join(FIXTURES, 'misfit.asl.json')
    const linted = await cli.json('workflow', 'lint', file)
    expect(linted).toMatchObject({ code: 1, value: { format: 'states-language' } })
    expect(await cli.run('workflow', 'import', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('steps do not lead back'),
    })
    expect((await cli.json('workflow', 'import', file, '--draft')).value).toMatchObject({
      status: 'draft',
      problems: [{ code: 'workflow.unknown-kind' }],
    })
  })
})

test('a WfFormat instance is written into a file, or runs as its graph', async () => {
  const file = join(FIXTURES, 'diamond.wf.json')
  const out = join(cli.folder, 'diamond.yaml')
  expect((await cli.run('workflow', 'import', file, '--out', out)).out).toBe(`${out} is written\n`)
  expect((await cli.json('run', out)).value).toMatchObject({ output: { join_1: { task: 'join' } } })
  expect(await cli.run('workflow', 'import', await cli.write('none.json', { a: 1 }))).toMatchObject(
    {
      code: 2,
      err: expect.stringContaining('neither a state machine nor a WfFormat instance'),
    },
  )
})

describe('a bundle', () => {
  test('takes a workflow with versions and tags elsewhere, if its signer is trusted', async () => {
    const save = async (value: string): Promise<void> => {
      const step = { uses: 'transform', with: { value } }
      await cli.run(
        'workflow',
        'save',
        await cli.write('take.json', flow({ a: step }, { name: 'take' })),
      )
    }
    await save('one')
    await save('two')
    await cli.run('workflow', 'tag', 'take@1', 'prod')
    const file = join(cli.folder, 'take.bundle')
    expect((await cli.run('workflow', 'export', 'take', '--out', file)).code).toBe(0)
    expect((await cli.run('workflow', 'export', 'take')).out).toBe(await readFile(file, 'utf8'))
    const [own] = await cli.list('signers')
    const key = JSON.stringify(own?.['publicKey']).slice(1, -1)
    expect(own).toMatchObject({ isOwn: true, name: 'this installation' })

    const away = await openTestCli({ PRSM_LOG_LEVEL: 'silent' })
    try {
      expect(await away.json('workflow', 'import', file)).toMatchObject({
        code: 3,
        value: { error: { code: 'library.untrusted-signer', details: { signer: own?.['id'] } } },
      })
      const spoilt = (await readFile(file, 'utf8')).replace('"one"', '"0ne"')
      expect(
        await away.json('workflow', 'import', await away.write('x', spoilt), '--trust'),
      ).toMatchObject({
        code: 1,
        value: { error: { code: 'library.invalid-bundle' } },
      })
      expect(await away.list('signers')).toHaveLength(1)
      expect((await away.json('workflow', 'import', file, '--trust')).value).toMatchObject({
        signer: own?.['id'],
        workflow: {
          name: 'take',
          version: 2,
          tags: { prod: 1 },
          forkedFrom: `signer:${idOf(own)}`,
        },
      })
      expect((await away.json('run', 'take@prod')).value).toMatchObject({ output: { a: 'one' } })
      expect(await away.list('workflow', 'versions', 'take')).toMatchObject([
        { version: 2, parent: 1 },
        { version: 1, author: 'default/local' },
      ])
      expect(await away.run('workflow', 'import', file)).toMatchObject({
        code: 1,
        err: expect.stringContaining('there is something of the name "take" already'),
      })
      expect((await away.run('workflow', 'import', file, '--as', 'again')).out).toBe(
        'again is saved, version 2\n',
      )
      expect((await away.run('signers', 'rm', idOf(own))).out).toMatch(/not trusted any more/)
      expect(await away.run('workflow', 'import', file, '--as', 'third')).toMatchObject({ code: 3 })
      const trusted = await away.run('signers', 'trust', key, '--name', 'home')
      expect(trusted.out).toMatch(/\(home\) is trusted/)
      expect((await away.run('signers')).out).toMatch(/SIGNER +NAME[^]*home/)
    } finally {
      await away.drop()
    }
  })
})
