import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { JsonObject } from '../kernel/json.ts'
import { toMicroFtns } from '../kernel/money.ts'

import { adviseOnPause, adviseOnWaits, waitsForSignals } from './advice.ts'
import { applyToView } from './apply.ts'
import type { ProgressEvent } from './event.ts'
import { viewAt } from './timing.ts'
import { createRunView, type RunView, type StepView } from './view.ts'

type Fact = readonly [kind: string, data?: JsonObject]

/** Events one second apart, unless a third member says how many milliseconds. */
const events = (
  facts: readonly (Fact | readonly [string, JsonObject, number])[],
): ProgressEvent[] => {
  let at = 1_000_000
  return facts.map(([kind, data = {}, afterMs = 1_000], index) => {
    at += afterMs
    return { stream: 'run_1', version: index + 1, kind, at, data }
  })
}
const fold = (definition: JsonObject, facts: Parameters<typeof events>[0]): RunView =>
  events(facts).reduce(applyToView, createRunView(definition))
const stepOf = (view: RunView, name: string): StepView | undefined =>
  view.steps.find((step) => step.name === name)

const chain: JsonObject = {
  name: 'chain',
  steps: {
    a: { uses: 'model' },
    b: { uses: 'model', with: { prompt: '{% $steps.a.output %}' } },
    c: { uses: 'transform', needs: ['b'] },
  },
}
const begun: readonly Fact[] = [
  ['run.created', { name: 'chain', budget: '3000000' }],
  ['run.started', { worker: 'w' }],
]
const start = (step: string, more: JsonObject = {}): Fact => [
  'step.started',
  { step, attempt: 1, ...more },
]
const done = (step: string, more: JsonObject = {}): Fact => [
  'step.completed',
  { step, output: null, ms: 1_000, ...more },
]

describe('a run', () => {
  test('goes from nothing to a hundred percent', () => {
    const facts = [...begun, start('a'), done('a'), start('b'), done('b'), start('c'), done('c')]
    const percents = facts.map((_, index) => fold(chain, facts.slice(0, index + 1)).percent)
    expect(percents).toEqual([0, 0, 0, 33.3, 33.3, 66.6, 66.6, 99.9])
    const view = fold(chain, [...facts, ['run.completed', { output: 7, cost: '12' }]])
    expect(view).toMatchObject({
      id: 'run_1',
      status: 'completed',
      percent: 100,
      cost: 12n,
      budget: 3_000_000n,
      output: 7,
      elapsedMs: 7_000,
      sequentialMs: 3_000,
    })
    expect(view.steps.map(({ status, ms }) => [status, ms])).toEqual([
      ['completed', 1_000],
      ['completed', 1_000],
      ['completed', 1_000],
    ])
  })

  test('knows what can begin, what runs and what waits for its needs', () => {
    expect(fold(chain, begun).steps.map(({ status }) => status)).toEqual([
      'ready',
      'pending',
      'pending',
    ])
    const view = fold(chain, [...begun, start('a'), done('a'), start('b', { attempt: 1 })])
    expect(view.steps.map(({ status }) => status)).toEqual(['completed', 'running', 'pending'])
  })

  test('weighs steps by the seconds that are stated, others by their mean', () => {
    const definition = {
      steps: {
        long: { uses: 'x', resources: { seconds: 70 } },
        short: { uses: 'x', resources: { seconds: 10 } },
        other: { uses: 'x' },
      },
    }
    const view = fold(definition, [...begun, start('long'), done('long')])
    expect(view.percent).toBe(58.3)
  })

  test('adds up what its steps cost, failed tries included', () => {
    const view = fold(chain, [
      ...begun,
      start('a'),
      ['step.retrying', { step: 'a', attempt: 1, error: fault('x.y'), dueAt: 0, cost: '5' }],
      start('a', { attempt: 2 }),
      done('a', { cost: '7' }),
    ])
    expect([view.cost, stepOf(view, 'a')?.cost]).toEqual([12n, 12n])
  })

  test('leaves pauses out of its time', () => {
    const view = fold(chain, [
      ...begun,
      start('a'),
      ['run.paused', { reason: 'interrupt', by: 'x' }],
      ['run.resumed', { reason: 'request', by: 'x' }, 3_600_000],
      start('a', { attempt: 2 }),
      done('a'),
    ])
    expect(view.elapsedMs).toBe(4_000)
    expect(stepOf(view, 'a')?.ms).toBe(3_000)
  })

  test('tells how much faster it was than its units one after another', () => {
    const definition = { steps: { a: { uses: 'x' }, b: { uses: 'x' } } }
    const view = fold(definition, [
      ...begun,
      ['step.started', { step: 'a', attempt: 1 }, 0],
      ['step.started', { step: 'b', attempt: 1 }, 0],
      ['step.completed', { step: 'a', ms: 4_000 }, 4_000],
      ['step.completed', { step: 'b', ms: 4_000 }, 0],
      ['run.completed', { output: null, cost: '0' }, 0],
    ])
    expect(view.speedUp).toBe(2)
  })
})

const fault = (code: string): JsonObject => ({ code, message: code })

describe('steps', () => {
  test('a failed try is retried, and the second one may do', () => {
    const facts: Fact[] = [
      ...begun,
      start('a'),
      ['step.retrying', { step: 'a', attempt: 1, error: fault('models.timeout'), dueAt: 5 }],
    ]
    const failing = fold(chain, facts)
    expect(stepOf(failing, 'a')).toMatchObject({
      status: 'retrying',
      error: { code: 'models.timeout' },
    })
    const again = fold(chain, [...facts, start('a', { attempt: 2 })])
    expect(stepOf(again, 'a')).toMatchObject({ status: 'running', attempt: 2 })
    const well = fold(chain, [...facts, start('a', { attempt: 2 }), done('a')])
    expect(stepOf(well, 'a')).toMatchObject({ status: 'completed', error: undefined })
  })

  test('passes of a loop follow each other', () => {
    const facts: Fact[] = [
      ...begun,
      start('a'),
      ['step.repeating', { step: 'a', pass: 1, output: 1, dueAt: 5, ms: 10 }],
      start('a', { pass: 2 }),
    ]
    expect(stepOf(fold(chain, facts.slice(0, -1)), 'a')).toMatchObject({ status: 'repeating' })
    expect(stepOf(fold(chain, facts), 'a')).toMatchObject({
      status: 'running',
      pass: 2,
      units: { running: 1, repeating: 0 },
    })
  })

  test('items are counted, and the share that is done counts for the run', () => {
    const definition = { steps: { a: { uses: 'x', forEach: '{% [1..4] %}' } } }
    const facts: Fact[] = [
      ...begun,
      ['step.expanded', { step: 'a', count: 4 }],
      start('a', { index: 0 }),
      start('a', { index: 1 }),
      done('a', { index: 1 }),
      ['step.retrying', { step: 'a', index: 0, attempt: 1, error: fault('x.y'), dueAt: 5 }],
    ]
    const view = fold(definition, facts)
    expect(view.percent).toBe(25)
    expect(stepOf(view, 'a')).toMatchObject({
      status: 'retrying',
      items: { done: 1, failed: 0, active: 1, total: 4 },
    })
    const empty = fold(definition, [...begun, ['step.expanded', { step: 'a', count: 0 }]])
    expect(stepOf(empty, 'a')?.status).toBe('completed')
  })

  test('a skipped condition frees dependents, a failed need does not', () => {
    const when = fold(chain, [...begun, ['step.skipped', { step: 'a', reason: 'when' }]])
    expect(stepOf(when, 'b')?.status).toBe('ready')
    const needs = fold(chain, [
      ...begun,
      start('a'),
      ['step.failed', { step: 'a', error: fault('x.y') }],
      ['step.skipped', { step: 'b', reason: 'needs' }],
    ])
    expect(needs.steps.map(({ status }) => status)).toEqual(['failed', 'skipped', 'pending'])
    expect(needs.failure).toMatchObject({ step: 'a', error: { code: 'x.y' } })
  })

  test('a failure that the definition handles is no failure of the run', () => {
    const view = fold(chain, [
      ...begun,
      start('a'),
      ['step.failed', { step: 'a', error: fault('x.y'), fallback: { output: null } }],
    ])
    expect(view.failure).toBeUndefined()
    expect(stepOf(view, 'a')).toMatchObject({ status: 'completed', error: { code: 'x.y' } })
    expect(stepOf(view, 'b')?.status).toBe('ready')
  })

  test('what ran when a worker was lost begins again', () => {
    const facts: Fact[] = [
      ...begun,
      start('a'),
      ['run.resumed', { reason: 'takeover', worker: 'w2' }],
    ]
    expect(stepOf(fold(chain, facts), 'a')?.status).toBe('retrying')
    const again = fold(chain, [...facts, start('a', { attempt: 2 })])
    expect(stepOf(again, 'a')).toMatchObject({ status: 'running', units: { retrying: 0 } })
  })

  test('a resumed failure begins again, and what was done stays done', () => {
    const facts: Fact[] = [
      ...begun,
      start('a'),
      done('a'),
      start('b'),
      ['step.failed', { step: 'b', error: fault('x.y') }],
      ['run.failed', { error: fault('x.y'), step: 'b', cost: '1' }],
      ['run.resumed', { reason: 'redrive', by: 'x' }],
    ]
    const view = fold(chain, facts)
    expect(view).toMatchObject({ status: 'running', failure: undefined, endedAt: undefined })
    expect(view.steps.map(({ status }) => status)).toEqual(['completed', 'ready', 'pending'])
    expect(view.percent).toBe(33.3)
  })

  test('a cancelled run stops what was in progress and undoes what can be undone', () => {
    const view = fold(chain, [
      ...begun,
      start('a'),
      done('a'),
      start('b'),
      ['run.cancelling', { by: 'x' }],
      ['step.failed', { step: 'b', error: fault('workflow.aborted') }],
      ['run.compensating', { units: 1 }],
      ['undo.started', { step: 'a', attempt: 1 }],
      ['undo.retrying', { step: 'a', attempt: 1, error: fault('x.y'), dueAt: 9, cost: '2' }],
      ['undo.started', { step: 'a', attempt: 2 }],
      ['undo.completed', { step: 'a', cost: '5' }],
      ['run.cancelled', { cost: '7' }],
    ])
    expect(view.status).toBe('cancelled')
    expect(view.steps.map(({ status }) => status)).toEqual(['undone', 'stopped', 'pending'])
    expect([view.cost, view.steps[0]?.cost]).toEqual([7n, 7n])
  })
})

describe('waiting', () => {
  const asking: JsonObject = {
    steps: {
      ask: { uses: 'approval', with: { question: 'Publish it?' } },
      go: { uses: 'x', needs: 'ask' },
    },
  }
  const waits: Fact[] = [
    ...begun,
    ['step.waiting', { step: 'ask', for: 'signal', signal: 'approval', attempt: 1 }],
  ]

  test('a run waits when nothing else is in progress or can begin', () => {
    const view = fold(asking, waits)
    expect(view.status).toBe('waiting')
    expect(waitsForSignals(view)).toBe(true)
    expect(adviseOnWaits(view)).toEqual([
      {
        message: 'step ask waits for an approval: Publish it?',
        commands: ['prsm approve run_1 ask', 'prsm reject run_1 ask'],
      },
    ])
    const beside = { steps: { ...(asking['steps'] as JsonObject), other: { uses: 'x' } } }
    expect(fold(beside, waits).status).toBe('running')
  })

  test('a timer or another run is not waited for by a person', () => {
    const timer = fold(asking, [...begun, ['step.waiting', { step: 'ask', for: 'time', dueAt: 9 }]])
    expect([timer.status, waitsForSignals(timer)]).toEqual(['waiting', false])
    const child = fold(asking, [
      ...begun,
      ['step.waiting', { step: 'ask', for: 'run', child: 'run_2', attempt: 1 }],
    ])
    expect(child.status).toBe('running')
    expect(stepOf(child, 'ask')?.waitingFor).toEqual({
      for: 'run',
      child: 'run_2',
      question: 'Publish it?',
    })
  })

  test('a pause says what to do', () => {
    const view = fold(chain, [...begun, ['run.paused', { reason: 'budget', needed: '7000000' }]])
    expect(adviseOnPause(view)).toEqual({
      message: 'the next step may cost more than is left of 3 FTNS',
      commands: ['prsm resume run_1 --budget "7 FTNS"'],
    })
    expect(adviseOnPause(fold(chain, begun))).toBeUndefined()
  })
})

describe('time left', () => {
  const list = { steps: { a: { uses: 'x', forEach: '{% $inputs.list %}' } } }
  const item = (index: number): Fact[] => [start('a', { index }), done('a', { index })]

  test('is told from the rate, once there is one', () => {
    const facts: Fact[] = [...begun, ['step.expanded', { step: 'a', count: 10 }]]
    expect(fold(list, [...facts, ...item(0), ...item(1)]).etaMs).toBeUndefined()
    // Four of ten in 9 seconds.
    const view = fold(list, [...facts, ...item(0), ...item(1), ...item(2), ...item(3)])
    expect(view.etaMs).toBe(13_500)
    expect(viewAt(view, view.at + 3_500).etaMs).toBe(10_000)
    expect(viewAt(view, view.at + 14_000).etaMs).toBeUndefined()
  })

  test('is not told while a list of unknown length or somebody’s answer is ahead', () => {
    const ahead = (step: JsonObject): JsonObject => ({
      steps: { ...list.steps, b: { needs: 'a', ...step } },
    })
    const facts: Fact[] = [
      ...begun,
      ['step.expanded', { step: 'a', count: 4 }],
      ...[0, 1, 2].flatMap(item),
    ]
    expect(fold(list, facts).etaMs).toBeGreaterThan(0)
    expect(fold(ahead({ uses: 'x', forEach: '{% $inputs.more %}' }), facts).etaMs).toBeUndefined()
    expect(fold(ahead({ uses: 'approval' }), facts).etaMs).toBeUndefined()
    expect(fold(ahead({ uses: 'x' }), facts).etaMs).toBeGreaterThan(0)
  })
})

describe('the tree', () => {
  test('shows each step under the need it waits longest for', () => {
    const { graph } = createRunView({
      steps: {
        read: { uses: 'x' },
        terms: { uses: 'x', needs: 'read', resources: { seconds: 1 } },
        claims: { uses: 'x', needs: 'read', resources: { seconds: 9 } },
        write: { uses: 'x', with: { a: '{% $steps.terms.output & $steps.claims.output %}' } },
      },
    })
    expect(graph.rows).toEqual([
      { step: 'read', depth: 0, lasts: [true], alsoNeeds: [] },
      { step: 'terms', depth: 1, lasts: [true, false], alsoNeeds: [] },
      { step: 'claims', depth: 1, lasts: [true, true], alsoNeeds: [] },
      { step: 'write', depth: 2, lasts: [true, true, true], alsoNeeds: ['terms'] },
    ])
  })

  test('leaves expressions of a workflow in place to that workflow', () => {
    const inner = { steps: { read: { uses: 'x', with: { a: '{% $steps.other.output %}' } } } }
    const { graph } = createRunView({
      steps: { other: { uses: 'x' }, sub: { uses: 'workflow', with: { definition: inner } } },
    })
    expect(graph.plans.map(({ needs }) => needs)).toEqual([[], []])
  })

  test('holds a chain of ten thousand steps', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [
        `s${n}`,
        { uses: 'x', needs: n === 0 ? [] : `s${n - 1}` },
      ]),
    )
    const { rows } = createRunView({ steps }).graph
    expect([rows.length, rows.at(-1)?.depth, rows.at(-1)?.lasts.length]).toEqual([
      10_000, 9_999, 24,
    ])
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'unknown')
const anyData = fc.record(
  {
    step: name,
    index: fc.nat(3),
    attempt: fc.nat(3),
    pass: fc.nat(3),
    count: fc.integer({ min: -1, max: 4 }),
    ms: fc.integer({ min: -5, max: 5_000 }),
    reason: fc.constantFrom(
      'when',
      'needs',
      'budget',
      'interrupt',
      'request',
      'redrive',
      'takeover',
    ),
    for: fc.constantFrom('time', 'signal', 'run'),
    cost: fc.constantFrom('0', '5', 'x'),
    error: fc.constantFrom<JsonObject>(fault('x.y'), fault('workflow.aborted'), {}),
    fallback: fc.constant<JsonObject>({ output: null }),
    dueAt: fc.nat(),
  },
  { requiredKeys: [] },
)
const KINDS = [
  'run.created',
  'run.started',
  'run.resumed',
  'run.paused',
  'run.stopping',
  'run.cancelling',
  'run.compensating',
  'run.failed',
  'run.cancelled',
  'step.skipped',
  'step.expanded',
  'step.started',
  'step.waiting',
  'step.retrying',
  'step.repeating',
  'step.completed',
  'step.failed',
  'undo.started',
  'undo.retrying',
  'undo.completed',
  'undo.failed',
  'signal.received',
  'future.kind',
]
const anyFact = fc.tuple(fc.constantFrom(...KINDS), anyData)

describe('whatever happens', () => {
  const fan = {
    steps: { ...(chain['steps'] as JsonObject), b: { uses: 'x', forEach: [1, 2], needs: 'a' } },
  }

  test.prop([fc.array(anyFact, { maxLength: 60 })])(
    'the percentage never falls, and is below 100 until the run is completed',
    (facts) => {
      let view = createRunView(fan)
      for (const event of events(facts)) {
        const next = applyToView(view, event)
        expect(next.percent).toBeGreaterThanOrEqual(view.percent)
        expect(next.percent).toBeLessThan(100)
        expect(next.cost).toBeGreaterThanOrEqual(0n)
        expect(
          Math.min(...next.steps.flatMap(({ units }) => Object.values(units))),
        ).toBeGreaterThanOrEqual(0)
        expect(next.elapsedMs).toBeGreaterThanOrEqual(0)
        view = next
      }
      const last = {
        stream: 'run_1',
        version: 1_000,
        kind: 'run.completed',
        at: 9_999_999,
        data: {},
      }
      expect(applyToView(view, last)).toMatchObject({ percent: 100, status: 'completed' })
    },
  )

  test.prop([fc.array(anyFact, { maxLength: 30 }), fc.nat(30)])(
    'an event that comes again, or of a kind not known yet, changes nothing',
    (facts, at) => {
      const list = events(facts)
      const view = list.reduce(applyToView, createRunView(fan))
      const again = list[at % Math.max(1, list.length)]
      if (again !== undefined) expect(applyToView(view, again)).toBe(view)
      const future = {
        stream: 'run_1',
        version: 999,
        kind: 'run.dreamt',
        at: 0,
        data: { step: 'a' },
      }
      expect(applyToView(view, future)).toEqual({ ...view, id: 'run_1', version: 999 })
    },
  )

  test('ten thousand items cost ten times a thousand', () => {
    const list = { steps: { a: { uses: 'x', forEach: '{% $inputs.list %}' } } }
    const run = (count: number): RunView => {
      const items = Array.from({ length: count }, (_, index) => index)
      return fold(list, [
        ...begun,
        ['step.expanded', { step: 'a', count }],
        ...items.map((index) => start('a', { index })),
        ...items.map((index) => done('a', { index })),
      ])
    }
    const view = run(10_000)
    expect(stepOf(view, 'a')).toMatchObject({
      status: 'completed',
      items: { done: 10_000, active: 0, total: 10_000 },
    })
    expect(view.percent).toBe(99.9)
    // A fold that copied the items would take minutes here; the test's own time limit is the bar.
    expect(stepOf(run(100_000), 'a')?.items?.done).toBe(100_000)
    expect(view.cost).toBe(toMicroFtns(0n))
  }, 30_000)
})
