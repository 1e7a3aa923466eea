import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

let cli: TestCli
let gate: Gate
beforeAll(async () => {
  gate = await startGate()
  cli = await openTestCli({ PRSM_HTTP_ALLOW_PRIVATE: gate.host })
})
afterAll(async () => {
  await cli.drop()
  await gate.close()
})

const ask = (path: string, more: JsonObject = {}): Json => ({
  uses: 'http',
  with: { url: gate.url(path) },
  ...more,
})
const count = (path: string): number => gate.asked.filter((each) => each === path).length
const value = (text: string, more: JsonObject = {}): Json => ({
  uses: 'transform',
  with: { value: text },
  ...more,
})
const inputs = {
  type: 'object',
  properties: { topic: { type: 'string' }, style: { type: 'string', default: 'plain' } },
  required: ['topic'],
}
const run = async (name: string, definition: JsonObject, ...more: string[]): Promise<string> => {
  const file = await cli.write(`${name}.json`, definition)
  return idOf((await cli.json('run', file, ...more)).value)
}

describe('fork', () => {
  const report = (style = '{% $inputs.style %}'): JsonObject =>
    flow(
      {
        fetch: ask('/fork/fetch'),
        topic: value('about {% $inputs.topic %}', { needs: 'fetch' }),
        list: { uses: 'transform', forEach: [1, 2, 3], with: { value: '{% $item * 10 %}' } },
        write: value(`{% $steps.topic.output %} in ${style}`, { needs: 'list' }),
        end: value('{% $uppercase($steps.write.output) %}'),
      },
      { name: 'report', inputs, output: '{% $steps.end.output %}' },
    )
  let source: string
  beforeAll(async () => {
    source = await run('report', report(), '--input', 'topic=cats')
  })

  test('from a step takes over what came before it, and names where it comes from', async () => {
    const before = count('/fork/fetch')
    const forked = await cli.json('fork', source, '--from', 'write', '--input', 'style=verse')
    expect(forked.value).toMatchObject({ status: 'completed', output: 'ABOUT CATS IN VERSE' })
    expect(count('/fork/fetch')).toBe(before)
    const id = idOf(forked.value)
    expect((await cli.json('show', id)).value).toMatchObject({ forkedFrom: source })
    expect((await cli.run('show', id)).out).toContain(`forked from ${source}`)
    expect((await cli.run('logs', id)).out).toContain(`step fetch taken over from ${source}`)
    expect((await cli.run('debug', id, '--verify')).out).toMatch(/adopted {3}5 results/)
  })

  test('begins anew what reads an input that differs, and what needs that', async () => {
    const args = ['fork', source, '--from', 'end', '--input', 'topic=dogs']
    const plan = await cli.json(...args, '--dry-run')
    expect(plan.value).toMatchObject({
      kept: ['fetch', 'list'],
      begun: [
        { step: 'topic', why: 'inputs', because: 'topic' },
        { step: 'write', why: 'after', because: 'topic' },
        { step: 'end', why: 'from' },
      ],
    })
    expect((await cli.json(...args)).value).toMatchObject({ output: 'ABOUT DOGS IN PLAIN' })
  })

  test('takes another definition, or other parameters of a step', async () => {
    const better = await cli.write('better.json', report('rhyme'))
    const plan = await cli.json(
      'fork',
      source,
      '--from',
      'end',
      '--definition',
      better,
      '--dry-run',
    )
    expect(plan.value).toMatchObject({
      begun: [
        { step: 'write', why: 'definition' },
        { step: 'end', why: 'from' },
      ],
    })
    const forked = await cli.json('fork', source, '--from', 'end', '--set', 'end.value=done')
    expect(forked.value).toMatchObject({ status: 'completed', output: 'done' })
  })

  test('of a failed run goes past what failed', async () => {
    const broken = flow(
      {
        a: ask('/fork/a'),
        b: value('{% $error("no") %}', { needs: 'a' }),
        c: value('c', { needs: 'b' }),
      },
      { name: 'broken' },
    )
    const failed = await run('broken', broken)
    const plan = await cli.json('fork', failed, '--from', 'c', '--dry-run')
    expect(plan.value).toMatchObject({ kept: ['a'], begun: [{ step: 'b', why: 'unfinished' }, {}] })
    const forked = await cli.json('fork', failed, '--from', 'b', '--set', 'b.value=yes')
    expect(forked.value).toMatchObject({ status: 'completed', output: { c: 'c' } })
    expect(count('/fork/a')).toBe(1)
  })

  test('from a step that is not there, or with an input that does not fit, is refused', async () => {
    expect(await cli.run('fork', source, '--from', 'nowhere')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no place "nowhere"'),
    })
    expect((await cli.run('fork', source, '--from', 'end', '--input', 'other=1')).code).toBe(2)
    expect((await cli.run('fork', source, '--from', 'end', '--set', 'nonsense')).code).toBe(2)
  })
})

describe('why', () => {
  test('says what a run waits for and what would help, over HTTP as well; without one, of all', async () => {
    const steps = { sure: { uses: 'approval', with: { question: 'send it?' } } }
    const id = await run('asking', flow(steps, { name: 'asking' }))
    const { code, out } = await cli.run('why', id)
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /waiting\n {2}step "sure" asks for approval: send it\? .*\n {4}prsm approve run_\w+ sure\n/,
      ),
    ])
    expect(await cli.list('why')).toMatchObject([{ run: id, reasons: [{ kind: 'approval' }] }])
    await cli.run('cancel', id)
    expect((await cli.json('why', id)).value).toMatchObject({ reasons: [{ kind: 'ended' }] })
  })

  test('finds a run that nobody claims', async () => {
    const file = await cli.write('left.json', flow({ a: value('a') }, { name: 'left' }))
    const id = (await cli.run('run', file, '--detach')).out.trim()
    expect((await cli.json('why', id)).value).toMatchObject({
      reasons: [{ kind: 'unclaimed', command: 'prsm worker' }],
    })
    expect((await cli.run('cancel', id)).code).toBe(0)
  })
})

describe('debug', () => {
  const steps = {
    read: value('{% $inputs.topic %}'),
    each: { uses: 'transform', forEach: '{% [1, 2] %}', with: { value: '{% $item + 1 %}' } },
    sum: value('{% $steps.read.output & $sum($steps.each.output) %}'),
  }
  let id: string
  beforeAll(async () => {
    id = await run('looked', flow(steps, { name: 'looked', inputs }), '--input', 'topic=x')
  })

  test('lists the places there are', async () => {
    const { out, err } = await cli.run('debug', id)
    expect(out).toMatch(/1 {2}.* {2}run\.created\n/)
    expect(out).toMatch(/step\.completed {2}each\[1\]\n/)
    expect(err).toContain(`prsm debug ${id} --at STEP`)
    const places = await cli.list('debug', id)
    expect(places.at(-1)).toMatchObject({ kind: 'run.completed', unit: '' })
  })

  test('shows what a step saw, what it was given and what it changed', async () => {
    const { value: moment } = await cli.json('debug', id, '--at', 'sum')
    expect(moment).toMatchObject({
      kind: 'step.completed',
      seen: {
        inputs: { topic: 'x', style: 'plain' },
        steps: { read: 'x', each: [2, 3] },
        parameters: { value: 'x5' },
        output: 'x5',
        attempt: 1,
      },
      before: { steps: { sum: { status: 'active' } } },
      after: { steps: { sum: { status: 'completed', output: 'x5' } } },
    })
    expect(moment['changes']).toContainEqual({ path: 'steps.sum.output', after: 'x5' })
    const item = await cli.json('debug', id, '--at', 'each[1]')
    expect(item.value).toMatchObject({ seen: { item: 2, index: 1, parameters: { value: 3 } } })
    const { out } = await cli.run('debug', id, '--at', 'sum', '--state')
    expect(out).toContain('steps.sum.status  "active" -> "completed"')
    expect(out).toMatch(/prsm debug run_\w+ --at \d+\n/)
  })

  test('of a place that is not there says which there are', async () => {
    expect(await cli.run('debug', id, '--at', '999')).toMatchObject({
      code: 1,
      err: expect.stringContaining('a number from 1 to '),
    })
    expect((await cli.run('debug', id, '--at', 'sum', '--verify')).code).toBe(2)
  })

  test('finds what was changed behind its back', async () => {
    expect(await cli.run('debug', id, '--verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('everything stored agrees'),
    })
    const chain = (await cli.json('debug', id, '--verify')).value['chain']
    const change = async (text: string): Promise<void> =>
      void (await cli.database.query({ text, values: [id] }))
    await change(`update events set data = '{"output": "y"}' where stream = $1 and version = 4`)
    expect((await cli.json('debug', id, '--verify')).value['chain']).not.toBe(chain)
    await change(`update runs set status = 'failed' where id = $1`)
    expect((await cli.json('debug', id, '--verify')).value).toMatchObject({
      isIntact: false,
      problems: [{}],
    })
    await change('delete from events where stream = $1 and version = 3')
    const { code, out } = await cli.run('debug', id, '--verify')
    expect([code, out]).toEqual([1, expect.stringContaining('at 4: event 3 is missing')])
  })
})

describe('redrive', () => {
  const flaky = (name: string): JsonObject =>
    flow({ a: ask('/redrive/a'), b: ask(`/fail/${name}`, { needs: 'a' }) }, { name })

  test('lets the failed runs that fit go on, each once', async () => {
    gate.mend(false)
    const runs = [await run('bulk', flaky('bulk')), await run('bulk', flaky('bulk'))]
    const other = await run('single', flaky('single'))
    const dry = await cli.list('redrive', '--workflow', 'bulk', '--dry-run')
    expect(dry.map(({ run: id }) => id).toSorted()).toEqual(runs.toSorted())
    expect(dry[0]).toMatchObject({ outcome: 'would', code: 'http.status' })
    expect(await cli.list('redrive', '--workflow', 'bulk', '--code', 'models')).toEqual([])
    expect(await cli.list('redrive', '--since', '0ms', '--dry-run')).toEqual([])
    gate.mend()
    const asked = count('/redrive/a')
    const { code, out, err } = await cli.run('redrive', '--workflow', 'bulk', '--code', 'http')
    expect(code).toBe(0)
    expect(out.match(/ bulk completed /g)).toHaveLength(2)
    expect(err).toContain('2 failed runs, 2 asked to go on: 2 completed, 0 failed again, 0 cannot')
    expect(count('/redrive/a')).toBe(asked)
    expect(await cli.list('redrive', '--workflow', 'bulk')).toEqual([])
    expect((await cli.json('show', other)).value['status']).toBe('failed')
  })

  test('asked twice before anybody hears of it, a run goes on once', async () => {
    gate.mend(false)
    const id = await run('twice', flaky('twice'))
    gate.mend()
    for (const _ of [1, 2]) await cli.run('redrive', '--workflow', 'twice', '--detach')
    const [row] = await cli.database.query<{ unread: number }>({
      text: 'select count(*)::int as unread from signals where run = $1',
      values: [id],
    })
    expect(row).toEqual({ unread: 1 })
    expect((await cli.run('redrive', '--workflow', 'twice')).code).toBe(0)
    const resumed = (await cli.run('logs', id)).out.match(/run resumed/g)
    expect(resumed).toHaveLength(1)
  })

  test('says which cannot go on, and why', async () => {
    gate.mend(false)
    const steps = {
      a: {
        ...(ask('/redrive/a') as JsonObject),
        compensate: { uses: 'transform', with: { value: '{% $error("no") %}' } },
      },
      b: ask('/fail/undone', { needs: 'a' }),
    }
    await run('undone', flow(steps, { name: 'undone' }))
    expect(await cli.list('redrive', '--workflow', 'undone')).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('undone') },
    ])
    gate.mend()
  })
})

describe('upgrade', () => {
  const first = flow(
    {
      a: value('a'),
      ask: { uses: 'approval', needs: 'a', with: { question: 'go on?' } },
      old: value('old', { needs: 'ask' }),
    },
    { name: 'grows' },
  )
  const withSteps = (steps: Record<string, Json>): JsonObject => ({
    ...first,
    steps: { ...(first['steps'] as JsonObject), ...steps },
  })
  const start = (): Promise<string> => run('grows', first)

  test('moves a run that waits, which then has what is new', async () => {
    const id = await start()
    const next = await cli.write('next.json', withSteps({ more: value('more', { needs: 'old' }) }))
    const [check] = await cli.list('upgrade', '--check', '--definition', next)
    expect(check).toMatchObject({ run: id, verdict: 'compatible', added: ['more'] })
    expect(await cli.run('upgrade', id, '--definition', next)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${id} goes on under the definition sha256:`),
    })
    expect((await cli.list('upgrade', id, '--check', '--definition', next))[0]).toMatchObject({
      verdict: 'same',
    })
    expect((await cli.run('approve', id)).code).toBe(0)
    const resumed = await cli.json('resume', id)
    expect(resumed.value).toMatchObject({ status: 'completed', output: { more: 'more' } })
    expect((await cli.run('logs', id)).out).toContain('run goes on under the definition')
    expect((await cli.run('debug', id, '--verify')).code).toBe(0)
  })

  test('that would break a run says where, and is refused', async () => {
    const id = await start()
    const late = await cli.write(
      'late.json',
      withSteps({
        first: value('first'),
        a: value('a', { needs: 'first' }),
      }),
    )
    const { code, out } = await cli.run('upgrade', id, '--check', '--definition', late)
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('step "a" has begun before "first", which it would need'),
    ])
    expect((await cli.run('upgrade', id, '--definition', late)).code).toBe(1)
    const { ask: _, ...rest } = first['steps'] as JsonObject
    void _
    const gone = await cli.write('gone.json', {
      ...first,
      steps: { ...rest, old: value('old', { needs: 'a' }) },
    })
    expect((await cli.run('upgrade', id, '--definition', gone)).err).toContain('"ask" has begun')
    await cli.run('cancel', id)
  })

  test('with a patch leaves runs begun before it without the step, and new ones without the old', async () => {
    const id = await start()
    const patched = withSteps({
      first: value('first', { since: 'two-people' }),
      a: value('a', { needs: 'first' }),
      old: value('old', { needs: 'ask', until: 'two-people' }),
      now: value('now', { needs: 'ask', since: 'two-people' }),
    })
    const file = await cli.write('patched.json', patched)
    const [check] = await cli.list('upgrade', id, '--check', '--definition', file)
    expect(check).toMatchObject({ verdict: 'compatible', leftOut: ['first', 'now'] })
    expect((await cli.run('upgrade', id, '--definition', file)).code).toBe(0)
    await cli.run('approve', id)
    const before = await cli.json('resume', id)
    expect(before.value).toMatchObject({ status: 'completed', output: { old: 'old', now: null } })
    expect((await cli.run('logs', id)).out).toContain(
      'step now skipped: it is not part of runs begun when this one was',
    )
    const after = idOf((await cli.json('run', file)).value)
    await cli.run('approve', after)
    expect((await cli.json('resume', after)).value).toMatchObject({
      status: 'completed',
      output: { old: null, now: 'now' },
    })
  })
})
