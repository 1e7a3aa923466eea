import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../src/kernel/json.ts'
import { type CliResult, flow, openTestCli, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

let cli: TestCli
let gate: Gate
beforeAll(async () => {
  gate = await startGate()
  cli = await openTestCli({ PRSM_LOG_LEVEL: 'silent', PRSM_HTTP_ALLOW_PRIVATE: gate.host })
})
afterAll(async () => {
  await cli.drop()
  await gate.close()
})

const transform = (value: string): JsonObject => ({ uses: 'transform', with: { value } })
const write = (name: string, steps: JsonObject, head: JsonObject = {}): Promise<string> =>
  cli.write(`${name}.json`, flow(steps, { name, ...head }))
const wf = (...args: readonly string[]): Promise<CliResult & { value: JsonObject }> =>
  cli.json('workflow', ...args)
const statusOf = async (name: string): Promise<unknown> => (await wf('show', name)).value['status']

describe('versions', () => {
  test('every change is one, with who, why and from which; the same again is none', async () => {
    expect((await cli.run('workflow')).err).toMatch(/^there is no saved workflow/)
    const file = await write('greet', { say: transform('hello') })
    expect((await cli.run('workflow', 'save', file, '-m', 'first')).out).toBe(
      'greet is saved, version 1\n',
    )
    await write('greet', { say: transform('goodbye'), more: transform('x') })
    await wf('save', file, '-m', 'second')
    await wf('save', file, '-m', 'nothing new')
    expect(await cli.list('workflow', 'versions', 'greet')).toMatchObject([
      { version: 2, parent: 1, message: 'second', author: 'default/local', isDraft: false },
      { version: 1, message: 'first', hash: expect.stringMatching(/^sha256:/) },
    ])
    expect((await cli.run('workflow', 'versions', 'greet')).out).toMatch(/VERSION +WHEN[^]*second/)
    expect(JSON.parse(await cli.read('greet.json'))).toMatchObject({ name: 'greet' })
  })

  test('a diff says what changed, for people and programs', async () => {
    const told = '+ step more\n    + uses: "transform"\n    + with: {"value":"x"}\n'
    expect((await cli.run('workflow', 'diff', 'greet')).out).toBe(
      `${told}~ step say\n    ~ with.value: "hello" → "goodbye"\n`,
    )
    expect((await wf('diff', 'greet', '2', '1')).value).toMatchObject({
      isEqual: false,
      steps: [
        { step: 'more', change: 'removed' },
        { step: 'say', fields: [{ path: 'with.value', before: 'goodbye', after: 'hello' }] },
      ],
    })
    expect((await cli.run('workflow', 'diff', 'greet', '1', '1')).out).toBe('nothing differs\n')
  })

  test('runs are pinned to the version or tag they name', async () => {
    expect((await cli.run('workflow', 'tag', 'greet@1', 'prod')).out).toBe(
      'greet@prod is version 1\n',
    )
    expect((await cli.json('run', 'greet@prod')).value).toMatchObject({ output: { say: 'hello' } })
    expect((await cli.json('run', 'greet')).value).toMatchObject({ output: { say: 'goodbye' } })
    expect((await cli.json('quote', 'greet@2')).value).toMatchObject({ workflow: 'greet' })
    expect(await cli.list('workflow', 'versions', 'greet')).toMatchObject([
      { version: 2, runs: 1, tags: [] },
      { version: 1, runs: 1, tags: ['prod'] },
    ])
    expect((await cli.run('workflow', 'tag', 'greet', 'prod')).out).toMatch(/is version 2/)
    expect((await cli.json('run', 'greet@prod')).value).toMatchObject({
      output: { say: 'goodbye' },
    })
    expect((await cli.run('workflow', 'tag', 'greet', 'prod', '--remove')).code).toBe(0)
    expect(await cli.run('run', 'greet@prod')).toMatchObject({
      code: 1,
      err: expect.stringContaining('workflow "greet" has no version "prod"'),
    })
  })

  test('an older one becomes the newest again as a version of its own', async () => {
    expect((await wf('restore', 'greet', '1')).value).toMatchObject({ version: 3 })
    expect(await cli.list('workflow', 'versions', 'greet')).toMatchObject([
      { version: 3, parent: 1, message: 'restores version 1' },
      { version: 2 },
      { version: 1 },
    ])
    expect((await cli.run('workflow', 'show', 'greet@2', '--definition')).out).toContain(
      'value: goodbye',
    )
  })

  test('whoever did not see the newest one does not write over it', async () => {
    expect(await wf('save', `${cli.folder}/greet.json`, '--expect', '2')).toMatchObject({
      code: 1,
      value: { error: { code: 'library.stale-version', details: { newest: 3 } } },
    })
  })

  test('old ones go, but for those with a tag or a run', async () => {
    const file = await write('many', { a: transform('0') })
    for (const text of ['1', '2', '3', '4']) {
      await wf('save', file)
      await write('many', { a: transform(text) })
    }
    await wf('tag', 'many@1', 'keep')
    await cli.json('run', 'many@2')
    expect((await wf('prune', 'many', '--older-than', '1d')).value).toMatchObject({ removed: [] })
    expect((await wf('prune', 'many', '--keep', '1')).value).toEqual({ removed: [3], kept: 3 })
    expect(await cli.run('workflow', 'prune', 'many')).toMatchObject({ code: 2 })
  })
})

describe('statuses', () => {
  const approval: JsonObject = { ask: { uses: 'approval', with: { question: 'go?' } } }

  test('draft: it has problems, which are kept and shown; it is not run', async () => {
    const file = await write('rough', { a: { uses: 'transfrom' } })
    expect(await cli.run('workflow', 'save', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no kind of step "transfrom"'),
    })
    expect((await wf('save', file, '--draft')).value).toMatchObject({
      status: 'draft',
      problems: [{ path: 'steps.a.uses' }],
    })
    expect((await cli.run('workflow', 'show', 'rough')).out).toMatch(/problem +steps\.a\.uses: /)
    expect(await cli.run('run', 'rough')).toMatchObject({ code: 3 })
    expect(await cli.run('workflow', 'tag', 'rough', 'prod')).toMatchObject({ code: 3 })
  })

  test('saved, completed and failed', async () => {
    const file = await write('rough', { a: transform('{% $inputs.fail ? $error("no") : 1 %}') })
    expect((await wf('save', file)).value).toMatchObject({ status: 'saved', problems: [] })
    await cli.run('run', 'rough')
    expect(await statusOf('rough')).toBe('completed')
    await cli.run('run', 'rough', '--input', 'fail=yes')
    expect(await statusOf('rough')).toBe('failed')
  })

  test('active while a run works, and paused when it was stopped', async () => {
    gate.shut()
    const held = { uses: 'http', with: { url: gate.url('/hold/library') } }
    await wf('save', await write('held', { a: held }))
    const command = cli.start(['run', 'held'])
    await expect.poll(() => gate.asked.length).toBe(1)
    expect(await statusOf('held')).toBe('active')
    command.terminal.interrupt()
    await command.ended
    expect(await statusOf('held')).toBe('paused')
    expect(await cli.run('workflow', 'rm', 'held')).toMatchObject({
      code: 1,
      err: expect.stringContaining('"held" has 1 run under way'),
    })
  })

  test('checkpointed while it only waits; what was cancelled says nothing', async () => {
    await wf('save', await write('slow', approval))
    await cli.run('run', 'slow')
    expect(await statusOf('slow')).toBe('checkpointed')
    await cli.run('cancel', 'last')
    expect(await statusOf('slow')).toBe('saved')
    expect((await cli.run('workflow', 'rm', 'slow')).out).toBe('slow and its versions are gone\n')
    expect(await cli.run('workflow', 'show', 'slow')).toMatchObject({ code: 1 })
  })

  test('archived: it is neither run nor changed until it is taken back', async () => {
    expect((await wf('archive', 'greet')).value).toMatchObject({ status: 'archived' })
    expect(await cli.run('run', 'greet')).toMatchObject({ code: 3 })
    expect(await cli.run('workflow', 'save', `${cli.folder}/greet.json`)).toMatchObject({ code: 3 })
    expect(
      (await cli.list('workflow', 'ls', '--status', 'archived')).map((w) => w['name']),
    ).toEqual(['greet'])
    expect((await cli.run('workflow', 'unarchive', 'greet')).out).toBe('greet is completed\n')
  })
})

describe('check-upgrade', () => {
  test('says which runs under way a change would break, and why', async () => {
    const approval: JsonObject = { uses: 'approval', with: { question: 'go?' } }
    const steps: JsonObject = { first: transform('1'), ask: approval, last: transform('2') }
    const file = await write('change', { ...steps, last: { ...transform('2'), needs: 'ask' } })
    await wf('save', file)
    await cli.run('run', 'change')
    const { value: run } = await cli.json('show', 'last')
    const verdict = async (changed: JsonObject, head: JsonObject = {}): Promise<unknown> => {
      const next = await write('changed', changed, head)
      const { code, value } = await wf('check-upgrade', 'change', next)
      const [only] = value['runs'] as readonly JsonObject[]
      return [code, only]
    }
    expect(await verdict({ ...steps, more: transform('3') })).toMatchObject([
      0,
      { run: run['id'], verdict: 'safe', reasons: [], version: 1 },
    ])
    expect(await verdict({ ...steps, first: transform('9') })).toMatchObject([
      0,
      { verdict: 'differs', reasons: ['step "first" has begun with another with'] },
    ])
    expect(await verdict({ ask: approval })).toMatchObject([
      1,
      { verdict: 'breaks', reasons: ['step "first" has begun, and is not there any more'] },
    ])
    expect(await verdict({ ...steps, ask: { uses: 'wait', with: { signal: 'x' } } })).toMatchObject(
      [1, { verdict: 'breaks', reasons: [expect.stringContaining('its uses changed')] }],
    )
    const inputs = { type: 'object', required: ['new'], properties: { new: { type: 'string' } } }
    expect(await verdict(steps, { inputs })).toMatchObject([
      1,
      { verdict: 'breaks', reasons: [expect.stringContaining('its inputs do not fit any more')] },
    ])
    const told = await cli.run('workflow', 'check-upgrade', 'change', `${cli.folder}/changed.json`)
    expect(told.out).toMatch(/\+ inputs: [^]*\n\nrun_\S+ {2}breaks\n {2}its inputs/)
    await cli.run('cancel', 'last')
  })
})

describe('templates', () => {
  test('a workflow becomes one, and it a workflow again, with other values or its own', async () => {
    await wf('save', await write('hail', { say: transform('hello'), end: transform('x') }))
    const args = [
      'template create --from hail --param text=/steps/say/with/value'.split(' '),
      '--category education --licence MIT --description Greets.'.split(' '),
    ]
    const made = await cli.json(...args.flat())
    expect(made.value).toMatchObject({ name: 'hail', category: 'education', revision: 1, uses: 0 })
    await cli.json('template', 'use', 'hail', '--as', 'hail-again')
    const { value: original } = await wf('show', 'hail')
    expect((await wf('show', 'hail-again')).value['hash']).toBe(original['hash'])
    const other = await cli.json('template', 'use', 'hail', '--set', 'text=hi')
    expect(other.value).toMatchObject({ definition: { steps: { say: { with: { value: 'hi' } } } } })
    expect((await cli.run('template', 'use', 'hail', '--set', 'text=hi')).out).toContain(
      'value: hi',
    )
    expect(await cli.run('template', 'use', 'hail', '--set', 'txt=hi')).toMatchObject({ code: 2 })
    expect((await cli.json('template', 'show', 'hail')).value).toMatchObject({ uses: 3 })
    expect((await cli.run('template', 'show', 'hail')).out).toMatch(/licence +MIT[^]*\$param: text/)
  })

  test('is written into a file once', async () => {
    const out = `${cli.folder}/blank.yaml`
    expect((await cli.run('template', 'use', 'blank', '--out', out)).out).toBe(
      `${out} is written\n`,
    )
    expect((await cli.json('run', out)).value).toMatchObject({ output: 'hello' })
    expect(await cli.run('template', 'use', 'blank', '--out', out)).toMatchObject({ code: 2 })
  })

  test('a file of a template is kept with its price in FTNS; problems are named', async () => {
    const file = await cli.write(
      'priced.yaml',
      `name: priced
category: custom
price: 2 FTNS
public: true
parameters: { type: object, properties: { v: { default: 1 } } }
definition:
  apiVersion: prsm/v1
  name: priced
  steps: { a: { uses: transform, with: { value: { $param: v } } } }
`,
    )
    expect((await cli.json('template', 'create', file)).value).toMatchObject({ price: '2000000' })
    expect((await cli.json('template', 'create', file)).value).toMatchObject({ revision: 2 })
    const broken = await cli.write(
      'broken.yaml',
      (await cli.read('priced.yaml')).replace('v }', 'w }'),
    )
    expect(await cli.run('template', 'create', broken)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no parameter "w"'),
    })
    expect(await cli.run('template', 'create')).toMatchObject({ code: 2 })
    expect(await cli.run('template', 'ls', '--category', 'analyses')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "analysis"?'),
    })
  })

  test('of another tenant is paid, forked with its lineage, and rated once by each user', async () => {
    const as = (
      tenant: string,
      ...args: readonly string[]
    ): Promise<CliResult & { value: JsonObject }> =>
      cli.json('template', ...args, '--tenant', tenant)
    const used = await as('other', 'use', 'default/priced', '--as', 'mine')
    expect(used.value).toMatchObject({ paid: '2000000', workflow: { tenant: 'other' } })
    expect((await cli.json('wallet', '--tenant', 'other')).value).toMatchObject({
      spent: '2000000',
    })
    const [movement] = await cli.list('wallet', 'transfers')
    expect(movement).toMatchObject({ credit: 'default:wallet', amount: '2000000' })
    expect((await as('other', 'fork', 'default/priced', '--as', 'fork')).value).toMatchObject({
      tenant: 'other',
      forkedFrom: 'default/priced@2',
      price: '0',
      public: false,
    })
    await as('other', 'rate', 'default/priced', '2')
    expect((await as('other', 'rate', 'default/priced', '5')).value).toMatchObject({ rating: 5 })
    expect((await as('third', 'rate', 'default/priced', '2')).value).toMatchObject({
      rating: 3.5,
      ratings: 2,
      uses: 1,
    })
    expect(await cli.run('template', 'rate', 'priced', '5')).toMatchObject({ code: 3 })
    expect(await as('third', 'use', 'other/fork')).toMatchObject({
      code: 1,
      value: { error: { code: 'library.unknown-template' } },
    })
    expect(await as('third', 'rm', 'default/priced')).toMatchObject({ code: 3 })
    expect((await cli.run('template', 'rm', 'priced')).out).toBe('priced is gone\n')
  })
})
