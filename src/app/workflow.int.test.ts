import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { openTestPlatform, type TestPlatform } from '../../test/support/platform.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { toMicroFtns } from '../kernel/money.ts'
import { type RunRecord, type RunState, defineStepKind } from '../workflow/index.ts'

const calls: string[] = []
const gates = new Map<string, () => void>()

/** A step whose behaviour the test decides. */
const probe = defineStepKind({
  name: 'probe',
  summary: 'For tests.',
  with: z.strictObject({
    name: z.string(),
    fails: z.int().optional(),
    gate: z.boolean().optional(),
    gives: z.json().optional(),
    tokens: z.int().optional(),
    secret: z.string().optional(),
    undo: z.json().optional(),
  }),
  takesSecrets: true,
  expect: ({ tokens }) =>
    typeof tokens === 'number'
      ? [
          {
            resource: 'model_inference_tokens',
            model: 'builtin:x',
            inputTokens: tokens,
            outputTokens: 0,
          },
        ]
      : [],
  bound: ({ tokens = 0 }) =>
    tokens === 0
      ? []
      : [
          {
            resource: 'model_inference_tokens',
            model: 'builtin:x',
            inputTokens: tokens,
            outputTokens: 0,
          },
        ],
  async run({ name, fails = 0, gate, gives, tokens = 0, secret }, task) {
    calls.push(`${name}#${task.attempt}`)
    if (gate === true) {
      await new Promise<void>((resolve, reject) => {
        gates.set(name, resolve)
        task.signal.addEventListener('abort', () => reject(task.signal.reason))
      })
    }
    if (task.attempt <= fails) throw new Error(`probe ${name} fails, ${secret ?? 'no secret'}`)
    return {
      output: gives ?? {
        name,
        attempt: task.attempt,
        key: task.idempotencyKey,
        ...(secret !== undefined && { secret }),
      },
      usage:
        tokens === 0
          ? []
          : [
              {
                resource: 'model_inference_tokens',
                model: 'builtin:x',
                inputTokens: tokens,
                outputTokens: 0,
              },
            ],
    }
  },
})

let platform: TestPlatform
beforeAll(async () => {
  platform = await openTestPlatform({
    role: { worker: 'all', kinds: [probe] },
    surroundings: { secrets: (name) => (name === 'TOKEN' ? 'hunter22' : undefined) },
  })
})
afterAll(() => platform.drop())

const flow = (steps: Record<string, Json>, head: JsonObject = {}): Json => ({
  apiVersion: 'prsm/v1',
  name: 'test',
  ...head,
  steps,
})
const run = (definition: Json, inputs: JsonObject = {}, budget?: bigint): Promise<RunRecord> =>
  platform.workflows.submit({
    tenant: 'default',
    definition,
    inputs,
    ...(budget !== undefined && { budget: toMicroFtns(budget) }),
  })
const until = async (id: string, ...states: RunState[]): Promise<RunRecord> => {
  let found: RunRecord | undefined
  await expect
    .poll(
      async () => {
        found = await platform.workflows.getRun('default', id)
        return states.includes(found.status) ? 'there' : found.status
      },
      { timeout: 60_000, interval: 10 },
    )
    .toBe('there')
  if (found === undefined) throw new Error('not found')
  return found
}
const eventsOf = async (id: string): Promise<string[]> =>
  (await platform.workflows.listEvents('default', id)).map(({ event }) => event.kind)
const outputOf = async (id: string): Promise<Json> => {
  const last = (await platform.workflows.listEvents('default', id)).at(-1)
  return last?.event.kind === 'run.completed' ? last.event.data.output : null
}
const wallet = async (): Promise<bigint> =>
  (await platform.ledger.findBalance('default'))?.available ?? 0n

describe('a run', () => {
  test('goes from creation to its output, journaled and free of charge when its steps are', async () => {
    const before = await wallet()
    const { id, status } = await run(
      flow(
        {
          a: { uses: 'probe', with: { name: 'a' } },
          b: { uses: 'transform', with: { value: '{% $inputs.n + 1 %}' }, needs: 'a' },
          c: {
            uses: 'transform',
            with: { value: '{% [$steps.a.output.name, $steps.b.output, $run.name] %}' },
          },
        },
        { inputs: { type: 'object', properties: { n: { type: 'integer', default: 4 } } } },
      ),
    )
    expect(['running', 'completed']).toContain(status)
    await until(id, 'completed')
    expect(await outputOf(id)).toEqual({ c: ['a', 5, 'test'] })
    expect(await eventsOf(id)).toEqual([
      'run.created',
      'run.started',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'run.completed',
    ])
    expect(await wallet()).toBe(before)
  })

  test('fans out over a list, with conditions, loops and reshaped outputs', async () => {
    const { id } = await run(
      flow(
        {
          list: { uses: 'transform', with: { value: [1, 2, 3, 4, 5] } },
          each: {
            forEach: { items: '{% $steps.list.output %}', maxConcurrency: 2 },
            uses: 'transform',
            with: { value: '{% $item * 10 + $index %}' },
            output: '{% {"v": $output} %}',
          },
          never: { when: '{% $inputs.yes %}', uses: 'probe', with: { name: 'never' } },
          loop: {
            uses: 'transform',
            with: { value: '{% ($previous ? $previous : 1) * 2 %}' },
            repeat: { until: '{% $output > 20 %}', max: 10 },
          },
        },
        {
          output: {
            sum: '{% $sum($steps.each.output.v) %}',
            loop: '{% $steps.loop.output %}',
            skipped: '{% $steps.never.status %}',
          },
        },
      ),
    )
    await until(id, 'completed')
    expect(await outputOf(id)).toEqual({ sum: 160, loop: 32, skipped: 'skipped' })
    expect(calls).not.toContain('never#1')
  })

  test('keeps large values out of the journal and hands them on whole', async () => {
    const { id } = await run(
      flow({
        big: { uses: 'probe', with: { name: 'big', gives: 'x'.repeat(200_000) } },
        size: { uses: 'transform', with: { value: '{% $length($steps.big.output) %}' } },
        pieces: {
          forEach: [1, 2],
          uses: 'transform',
          needs: 'big',
          with: { value: '{% [1..20000] %}' },
        },
        count: {
          uses: 'transform',
          with: {
            value: '{% $sum($map($steps.pieces.output, function($piece) { $count($piece) })) %}',
          },
        },
      }),
    )
    await until(id, 'completed')
    expect(await outputOf(id)).toEqual({ size: 200_000, count: 40_000 })
    const events = await platform.workflows.listEvents('default', id)
    for (const { event } of events) expect(JSON.stringify(event.data).length).toBeLessThan(250_000)
    expect(events.find(({ event }) => event.kind === 'step.completed')?.event.data).toMatchObject({
      output: { $artifact: expect.stringMatching(/^sha256:/) },
    })
  })

  test('retries what fails and shows each try; the effect has one key', async () => {
    const { id } = await run(
      flow({
        a: {
          uses: 'probe',
          with: { name: 'retried', fails: 2 },
          retry: { max: 3, initial: '5ms', on: ['internal'] },
        },
      }),
    )
    await until(id, 'completed')
    expect(calls.filter((call) => call.startsWith('retried#'))).toEqual([
      'retried#1',
      'retried#2',
      'retried#3',
    ])
    expect(await outputOf(id)).toMatchObject({ a: { attempt: 3, key: `${id}/a` } })
  })

  test('fails with the step and its error, and resumes from there', async () => {
    const { id } = await run(
      flow({
        a: { uses: 'probe', with: { name: 'kept' } },
        b: { uses: 'probe', needs: 'a', with: { name: 'broken', fails: 1 } },
      }),
    )
    const failed = await until(id, 'failed')
    expect(failed.error).toMatchObject({
      code: 'internal.fault',
      message: 'probe broken fails, no secret',
    })
    await platform.workflows.control('default', id, { action: 'resume', by: 'me' })
    // A redrive begins the step anew, so its first try fails again.
    const failures = async (): Promise<number> =>
      (await eventsOf(id)).filter((kind) => kind === 'run.failed').length
    await expect.poll(failures).toBe(2)
    expect(calls.filter((call) => call.startsWith('kept#'))).toHaveLength(1)
  })

  test('times a step out', async () => {
    const { id } = await run(
      flow({ a: { uses: 'probe', with: { name: 'slow', gate: true }, timeout: '30ms' } }),
    )
    expect((await until(id, 'failed')).error).toMatchObject({ code: 'workflow.timeout' })
  })

  test('times the run out', async () => {
    const { id } = await run(
      flow({ a: { uses: 'probe', with: { name: 'slow2', gate: true } } }, { timeout: '40ms' }),
    )
    expect((await until(id, 'failed')).error).toMatchObject({ code: 'workflow.run-timeout' })
  })

  test('never shows a secret', async () => {
    const secret = { $secret: 'TOKEN' }
    const shown = await run(
      flow({ a: { uses: 'probe', with: { name: 's', secret } } }, { secrets: ['TOKEN'] }),
    )
    await until(shown.id, 'completed')
    expect(await outputOf(shown.id)).toMatchObject({ a: { secret: '[secret]' } })
    const failing = await run(
      flow({ a: { uses: 'probe', with: { name: 's', fails: 9, secret } } }, { secrets: ['TOKEN'] }),
    )
    expect((await until(failing.id, 'failed')).error?.message).toBe('probe s fails, [secret]')
    const missing = await run(
      flow(
        { a: { uses: 'probe', with: { name: 's', secret: { $secret: 'OTHER' } } } },
        { secrets: ['OTHER'] },
      ),
    )
    expect((await until(missing.id, 'failed')).error).toMatchObject({
      code: 'workflow.missing-secret',
    })
  })

  test('says what its expressions and parameters did wrong', async () => {
    const throws = await run(
      flow({ a: { uses: 'transform', with: { value: '{% $error("no") %}' } } }),
    )
    expect((await until(throws.id, 'failed')).error).toMatchObject({
      code: 'workflow.expression-failed',
    })
    const wrong = await run(flow({ a: { uses: 'probe', with: { name: '{% 5 %}' } } }))
    expect((await until(wrong.id, 'failed')).error).toMatchObject({
      code: 'workflow.invalid-parameters',
    })
    const noList = await run(
      flow({ a: { forEach: '{% 7 %}', uses: 'transform', with: { value: 1 } } }),
    )
    expect((await until(noList.id, 'failed')).error).toMatchObject({ code: 'workflow.not-a-list' })
    const output = await run(
      flow({ a: { uses: 'transform', with: { value: 1 } } }, { output: '{% $error("late") %}' }),
    )
    expect((await until(output.id, 'failed')).error).toMatchObject({
      code: 'workflow.expression-failed',
    })
  })
})

describe('requests', () => {
  test('a definition or inputs that do not fit are refused before anything happens', async () => {
    await expect(run(flow({ a: { uses: 'nothing' } }))).rejects.toMatchObject({
      code: 'workflow.invalid-definition',
    })
    const strict = flow(
      { a: { uses: 'transform', with: { value: 1 } } },
      { inputs: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
    )
    await expect(run(strict, { n: 'x' })).rejects.toMatchObject({ code: 'workflow.invalid-inputs' })
    await expect(platform.workflows.getRun('default', 'run_x')).rejects.toMatchObject({
      code: 'workflow.unknown-run',
    })
    await expect(platform.workflows.getRun('other', 'run_x')).rejects.toMatchObject({
      code: 'workflow.unknown-run',
    })
  })

  test('cancel stops what runs and undoes what is done, last first', async () => {
    const undo = (name: string): JsonObject => ({
      compensate: { uses: 'probe', with: { name: `undo-${name}`, undo: '{% $output.name %}' } },
    })
    const { id } = await run(
      flow({
        a: { uses: 'probe', with: { name: 'ca' }, ...undo('a') },
        b: { uses: 'probe', needs: 'a', with: { name: 'cb' }, ...undo('b') },
        c: { uses: 'probe', needs: 'b', with: { name: 'cc', gate: true } },
      }),
    )
    await expect.poll(() => gates.has('cc')).toBe(true)
    await platform.workflows.control('default', id, {
      action: 'cancel',
      by: 'me',
      reason: 'enough',
    })
    await until(id, 'cancelled')
    expect(calls.filter((call) => call.startsWith('undo-'))).toEqual(['undo-b#1', 'undo-a#1'])
    await expect(
      platform.workflows.control('default', id, { action: 'resume', by: 'me' }),
    ).rejects.toMatchObject({ code: 'workflow.not-possible' })
  })

  test('undoing is paid like any step, as far as the budget reaches, and never refused', async () => {
    const undoable = (tokens: number): JsonObject => ({
      uses: 'probe',
      with: { name: 'paid', tokens: 1_000_000 },
      compensate: { uses: 'probe', with: { name: 'unpaid', tokens } },
    })
    const failing = (tokens: number): Json =>
      flow({
        a: undoable(tokens),
        b: { uses: 'probe', needs: 'a', with: { name: 'broken', fails: 9 } },
      })
    const balance = async (): Promise<bigint> =>
      (await platform.ledger.findBalance('default'))?.available ?? 0n
    const undone = async (id: string): Promise<unknown> =>
      (await platform.workflows.listEvents('default', id)).find(
        ({ event }) => event.kind === 'undo.completed',
      )?.event.data
    const before = await balance()

    const { id } = await run(failing(500_000))
    expect(await until(id, 'failed')).toMatchObject({ cost: 15_000n })
    expect(await undone(id)).toMatchObject({ step: 'a', cost: '5000', usage: [{}] })
    const range = { account: 'default:wallet', limit: 1 }
    expect(await platform.ledger.listTransfers(range)).toMatchObject([
      { memo: 'undo of step a', amount: 5_000n },
    ])

    const tight = await run(failing(500_000), {}, 12_000n)
    expect(await until(tight.id, 'failed')).toMatchObject({ cost: 12_000n })
    expect(await undone(tight.id)).toMatchObject({ cost: '2000', unpaid: '3000' })
    expect(before - (await balance())).toBe(27_000n)
    expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  })

  test('a run that costs nothing is given credit for what undoing it would cost', async () => {
    const definition = (tokens: number): Json =>
      flow({
        a: {
          uses: 'probe',
          with: { name: 'gratis' },
          compensate: { uses: 'probe', with: { name: 'undo-gratis', tokens } },
        },
      })
    const quote = async (tokens: number): Promise<object> =>
      platform.workflows.quote({ tenant: 'default', definition: definition(tokens), inputs: {} })
    expect(await quote(0)).toMatchObject({ expected: 0n, budget: 0n })
    expect(await quote(500_000_000)).toMatchObject({ expected: 0n, budget: 5_000_000n })
  })

  test('what undoes a step may use a secret, which stays one', async () => {
    const { id } = await run(
      flow(
        {
          a: {
            uses: 'probe',
            with: { name: 'open' },
            compensate: {
              uses: 'probe',
              with: { name: 'shut', fails: 9, secret: { $secret: 'TOKEN' } },
            },
          },
          b: { uses: 'probe', needs: 'a', with: { name: 'broken', fails: 9 } },
        },
        { secrets: ['TOKEN'] },
      ),
    )
    await until(id, 'failed')
    const events = await platform.workflows.listEvents('default', id)
    const failed = events.find(({ event }) => event.kind === 'undo.failed')?.event
    expect(failed).toMatchObject({ data: { error: { message: 'probe shut fails, [secret]' } } })
  })

  test('pause lets what runs end and begins nothing; resume goes on', async () => {
    const { id } = await run(
      flow({
        a: { uses: 'probe', with: { name: 'pa', gate: true } },
        b: { uses: 'probe', needs: 'a', with: { name: 'pb' } },
      }),
    )
    await expect.poll(() => gates.has('pa')).toBe(true)
    await platform.workflows.control('default', id, { action: 'pause', by: 'me' })
    await until(id, 'paused')
    gates.get('pa')?.()
    await expect.poll(async () => (await eventsOf(id)).includes('step.completed')).toBe(true)
    expect(calls).not.toContain('pb#1')
    await platform.workflows.control('default', id, { action: 'resume', by: 'me' })
    await until(id, 'completed')
    expect(calls).toContain('pb#1')
  })

  test('an interrupt stops at once and the run resumes where it was', async () => {
    const { id } = await run(
      flow({
        a: { uses: 'probe', with: { name: 'ia' } },
        b: { uses: 'probe', needs: 'a', with: { name: 'ib', gate: true } },
      }),
    )
    await expect.poll(() => gates.has('ib')).toBe(true)
    await platform.engine?.interrupt(id, 'ctrl-c')
    expect((await platform.workflows.getRun('default', id)).status).toBe('paused')
    gates.delete('ib')
    await platform.workflows.control('default', id, { action: 'resume', by: 'me' })
    await expect.poll(() => gates.has('ib')).toBe(true)
    gates.get('ib')?.()
    await until(id, 'completed')
    expect(calls.filter((call) => call.startsWith('ia#'))).toEqual(['ia#1'])
    expect(calls.filter((call) => call.startsWith('ib#'))).toEqual(['ib#1', 'ib#2'])
  })

  test('an approval waits for a person, without anything in memory', async () => {
    const { id } = await run(
      flow({
        ask: { uses: 'approval', with: { question: 'go on?' } },
        go: { uses: 'transform', needs: 'ask', with: { value: '{% $steps.ask.output.by %}' } },
      }),
    )
    await until(id, 'waiting')
    await expect.poll(() => platform.engine?.size).toBe(0)
    await platform.workflows.signal({
      tenant: 'default',
      run: id,
      signal: 'approval',
      step: 'ask',
      payload: { approved: true, by: 'ada' },
      by: 'ada',
    })
    await until(id, 'completed')
    expect(await outputOf(id)).toEqual({ go: 'ada' })
  })

  test('a rejection, a timer, a signal and patience that ends', async () => {
    const rejected = await run(flow({ ask: { uses: 'approval', with: { question: '?' } } }))
    await platform.workflows.signal({
      tenant: 'default',
      run: rejected.id,
      signal: 'approval',
      payload: { approved: false },
      by: 'bob',
    })
    expect((await until(rejected.id, 'failed')).error).toMatchObject({ code: 'workflow.rejected' })
    const timer = await run(flow({ w: { uses: 'wait', with: { for: '30ms' } } }))
    await until(timer.id, 'completed')
    const signal = await run(flow({ w: { uses: 'wait', with: { signal: 'data' } } }))
    await platform.workflows.signal({
      tenant: 'default',
      run: signal.id,
      signal: 'data',
      payload: { n: 1 },
      by: 'x',
    })
    await until(signal.id, 'completed')
    expect(await outputOf(signal.id)).toEqual({ w: { n: 1 } })
    const patience = await run(
      flow({ w: { uses: 'wait', with: { signal: 'never', timeout: '30ms' } } }),
    )
    expect((await until(patience.id, 'failed')).error).toMatchObject({
      code: 'workflow.wait-timeout',
    })
  })
})

describe('money', () => {
  // builtin:* costs 10,000 µFTNS for a million tokens.
  const paid = (name: string, tokens: number, more: JsonObject = {}): JsonObject => ({
    uses: 'probe',
    with: { name, tokens },
    ...more,
  })

  test('the quote is set aside, what was used is paid, the rest comes back', async () => {
    const before = await wallet()
    const definition = flow({ a: paid('m1', 1_000_000), b: paid('m2', 2_000_000, { needs: 'a' }) })
    const quote = await platform.workflows.quote({ tenant: 'default', definition, inputs: {} })
    expect(quote).toMatchObject({
      expected: 30_000n,
      // Three times what is expected is less than the least budget.
      budget: 5_000_000n,
      lines: [
        { step: 'a', units: 1, cost: 10_000n },
        { step: 'b', cost: 20_000n },
      ],
    })
    const { id } = await run(definition)
    const done = await until(id, 'completed')
    expect(done.cost).toBe(30_000n)
    expect(await wallet()).toBe(before - 30_000n)
    const transfers = await platform.ledger.listTransfers({ account: 'default:wallet', limit: 2 })
    expect(transfers.map(({ amount, hold, memo }) => [amount, hold, memo])).toEqual([
      [20_000n, `hold:${id}`, 'step b'],
      [10_000n, `hold:${id}`, 'step a'],
    ])
  })

  test('nothing begins that could cost more than the budget; a larger one lets it go on', async () => {
    const definition = flow({ a: paid('n1', 1_000_000), b: paid('n2', 1_000_000, { needs: 'a' }) })
    const { id } = await run(definition, {}, 15_000n)
    await until(id, 'paused')
    expect(calls.filter((call) => call.startsWith('n2#'))).toEqual([])
    const paused = (await platform.workflows.listEvents('default', id)).at(-1)
    expect(paused?.event).toMatchObject({
      kind: 'run.paused',
      data: { reason: 'budget', needed: '20000' },
    })
    await platform.workflows.control('default', id, { action: 'resume', by: 'me', budget: 25_000n })
    const done = await until(id, 'completed')
    expect(done.cost).toBe(20_000n)
  })

  test('a run that cannot be paid never exists', async () => {
    const before = await wallet()
    await expect(run(flow({ a: paid('x', 1) }), {}, before + 1n)).rejects.toMatchObject({
      code: 'ledger.insufficient-credit',
    })
    expect(await wallet()).toBe(before)
    expect(
      (await platform.workflows.listRuns({ tenant: 'default', name: 'test', limit: 1 }))[0]?.cost,
    ).not.toBe(before)
  })

  test('a failed run pays for what it used and can be resumed on a new hold', async () => {
    const before = await wallet()
    const { id } = await run(
      flow({
        a: paid('f1', 1_000_000),
        b: { uses: 'probe', needs: 'a', with: { name: 'f2', fails: 1, tokens: 1_000_000 } },
      }),
    )
    await until(id, 'failed')
    expect(await wallet()).toBe(before - 10_000n)
    await platform.workflows.control('default', id, { action: 'resume', by: 'me' })
    const failures = async (): Promise<number> =>
      (await eventsOf(id)).filter((kind) => kind === 'run.failed').length
    await expect.poll(failures).toBe(2)
    expect(await wallet()).toBe(before - 10_000n)
    expect(await platform.ledger.check()).toMatchObject({ difference: 0n, mismatched: [] })
  })

  test('a child run is paid from its parent, and its result is the step’s', async () => {
    const before = await wallet()
    const child = flow(
      {
        c: paid('child', 1_000_000),
        d: { uses: 'transform', with: { value: '{% $inputs.x * 2 %}' } },
      },
      { name: 'child', output: '{% $steps.d.output %}' },
    )
    const { id } = await run(
      flow({
        call: { uses: 'workflow', with: { definition: child, inputs: { x: '{% $inputs.y %}' } } },
        after: { uses: 'transform', with: { value: '{% $steps.call.output + 1 %}' } },
      }),
      { y: 4 },
      100_000n,
    )
    const done = await until(id, 'completed')
    expect([await outputOf(id), done.cost, before - (await wallet())]).toEqual([
      { after: 9 },
      10_000n,
      10_000n,
    ])
    const [listed] = await platform.workflows.listRuns({
      tenant: 'default',
      name: 'child',
      limit: 1,
    })
    expect(listed).toMatchObject({ parent: id, status: 'completed', cost: 10_000n })
  })

  test('a child run that holds what is left of the budget holds its parent up, and does not stop it', async () => {
    const child = flow({
      c: { uses: 'probe', with: { name: 'held', tokens: 1_000_000, gate: true } },
    })
    const { id } = await run(
      flow({
        sub: { uses: 'workflow', with: { definition: child } },
        list: { uses: 'probe', with: { name: 'until-held', gate: true } },
        beside: paid('beside', 1_000_000, { needs: 'list' }),
      }),
      {},
      25_000n,
    )
    await expect.poll(() => gates.has('held')).toBe(true)
    gates.get('until-held')?.()
    await expect
      .poll(async () => (await platform.workflows.getRun('default', id)).status)
      .toBe('waiting')
    expect(calls).not.toContain('beside#1')
    gates.get('held')?.()
    expect((await until(id, 'completed', 'paused')).status).toBe('completed')
    expect((await platform.workflows.getRun('default', id)).cost).toBe(20_000n)
  })

  test('a child run for which nothing is left begins when another has given back what it did not use', async () => {
    const child = (name: string): Json => flow({ c: paid(name, 1_000_000) }, { name })
    const { id } = await run(
      flow({
        one: { uses: 'workflow', with: { definition: child('first-child') } },
        two: { uses: 'workflow', with: { definition: child('second-child') } },
      }),
      {},
      25_000n,
    )
    expect((await until(id, 'completed', 'paused')).status).toBe('completed')
    expect((await platform.workflows.getRun('default', id)).cost).toBe(20_000n)
  })

  test('a child run for which nothing is left and nothing will be pauses its parent, not itself', async () => {
    const child = flow({ c: paid('poor-child', 1_000_000) }, { name: 'poor-child' })
    const { id } = await run(
      flow({
        all: paid('all', 1_000_000),
        sub: { uses: 'workflow', needs: 'all', with: { definition: child } },
      }),
      {},
      10_000n,
    )
    await until(id, 'paused')
    const by = 'somebody'
    const budget = toMicroFtns(30_000n)
    await platform.workflows.control('default', id, { action: 'resume', by, budget })
    expect((await until(id, 'completed')).cost).toBe(20_000n)
  })

  test('a failing child fails its step; a cancelled parent cancels its child', async () => {
    const failing = flow(
      { c: { uses: 'probe', with: { name: 'cf', fails: 9 } } },
      { name: 'child2' },
    )
    const one = await run(flow({ call: { uses: 'workflow', with: { definition: failing } } }))
    expect((await until(one.id, 'failed')).error).toMatchObject({ code: 'workflow.child-failed' })
    const waiting = flow({ c: { uses: 'wait', with: { signal: 'x' } } }, { name: 'child3' })
    const two = await run(flow({ call: { uses: 'workflow', with: { definition: waiting } } }))
    await expect
      .poll(
        async () =>
          (await platform.workflows.listRuns({ tenant: 'default', name: 'child3', limit: 1 }))[0]
            ?.status,
      )
      .toBe('waiting')
    await platform.workflows.control('default', two.id, { action: 'cancel', by: 'me' })
    await until(two.id, 'cancelled')
    await expect
      .poll(
        async () =>
          (await platform.workflows.listRuns({ tenant: 'default', name: 'child3', limit: 1 }))[0]
            ?.status,
      )
      .toBe('cancelled')
  })
})
