import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { JsonObject } from '../kernel/json.ts'

import { applyToView } from './apply.ts'
import { stepRunState, workflowState as workflowStates } from './schema.ts'
import { stepState, workflowState } from './states.ts'
import { eventsOf, type TestFact } from './testing.ts'
import { viewAt } from './timing.ts'
import { createRunView, type RunView } from './view.ts'

const definition: JsonObject = {
  name: 'states',
  concurrency: 1,
  steps: {
    a: { uses: 'code' },
    b: { uses: 'code', needs: 'a' },
    list: { uses: 'code', needs: 'a', forEach: [1, 2, 3] },
  },
}
const view = (...facts: readonly TestFact[]): RunView =>
  eventsOf(facts).reduce(applyToView, createRunView(definition))
const created: TestFact = ['run.created', { name: 'states', budget: '0' }]
const begun: readonly TestFact[] = [created, ['run.started', { worker: 'w' }, 0]]
const start = (step: string, more: JsonObject = {}): TestFact => [
  'step.started',
  { step, attempt: 1, ...more },
  0,
]
const done = (step: string, more: JsonObject = {}): TestFact => [
  'step.completed',
  { step, output: null, ms: 1, ...more },
]
const error = (code: string): JsonObject => ({ error: { code, message: code } })
const stateOf = (of: RunView, step: string): string | undefined => {
  const found = of.steps.find(({ name }) => name === step)
  return found && stepState(of, found)
}

describe('where a run is', () => {
  const all: readonly (readonly [state: string, facts: readonly TestFact[]])[] = [
    ['not_started', [created]],
    ['initializing', begun],
    ['running', [...begun, start('a')]],
    [
      'waiting',
      [...begun, ['step.waiting', { step: 'a', attempt: 1, for: 'signal', signal: 'x' }]],
    ],
    ['paused', [...begun, start('a'), ['run.paused', { reason: 'request' }]]],
    [
      'completing',
      [
        ...begun,
        done('a'),
        done('b'),
        ['step.expanded', { step: 'list', count: 1 }],
        done('list', { index: 0 }),
      ],
    ],
    ['completed', [...begun, ['run.completed', { output: null, cost: '0' }]]],
    ['failed', [...begun, ['run.failed', { ...error('x.y'), cost: '0' }]]],
    ['cancelled', [...begun, ['run.cancelled', { cost: '0' }]]],
    ['timeout', [...begun, ['run.failed', { ...error('workflow.run-timeout'), cost: '0' }]]],
  ]

  test.each(all)('%s', (state, facts) => {
    expect(workflowState(view(...facts))).toBe(state)
  })

  test('each state is reached', () => {
    expect(all.map(([state]) => state).toSorted()).toEqual(workflowStates.options.toSorted())
  })

  test('a run that is stopped, cancelled or undone comes to its end', () => {
    for (const kind of ['run.stopping', 'run.cancelling', 'run.compensating']) {
      expect(workflowState(view(...begun, start('a'), [kind, error('x.y')]))).toBe('completing')
    }
  })
})

describe('where a step is', () => {
  const all: readonly (readonly [state: string, step: string, facts: readonly TestFact[]])[] = [
    ['pending', 'b', [created]],
    ['starting', 'a', begun],
    ['executing', 'a', [...begun, start('a')]],
    ['waiting_dependency', 'b', [...begun, start('a')]],
    ['waiting_resource', 'list', [...begun, start('a'), done('a'), start('b')]],
    [
      'completing',
      'list',
      [
        ...begun,
        done('a'),
        ['step.expanded', { step: 'list', count: 2 }],
        start('list', { index: 0 }),
        start('list', { index: 1 }),
        done('list', { index: 0 }),
      ],
    ],
    ['completed', 'a', [...begun, start('a'), done('a')]],
    ['failed', 'a', [...begun, start('a'), ['step.failed', { step: 'a', ...error('x.y') }]]],
    ['skipped', 'b', [...begun, ['step.skipped', { step: 'b', reason: 'when' }]]],
    [
      'retrying',
      'a',
      [...begun, start('a'), ['step.retrying', { step: 'a', attempt: 1, dueAt: 0, ...error('x') }]],
    ],
  ]

  test.each(all)('%s', (state, step, facts) => {
    expect(stateOf(view(...facts), step)).toBe(state)
  })

  test('each state is reached', () => {
    expect(all.map(([state]) => state).toSorted()).toEqual(stepRunState.options.toSorted())
  })

  test('a step in the queue waits for a worker', () => {
    const queued = view(...begun, [
      'step.waiting',
      { step: 'a', attempt: 1, for: 'task', task: 't' },
    ])
    expect(stateOf(queued, 'a')).toBe('waiting_resource')
    expect(queued.steps[0]?.waitingFor).toEqual({ for: 'task' })
  })

  test('a step that could begin and does not has no slot', () => {
    const ready = view(...begun)
    expect(stateOf(viewAt(ready, ready.at + 900), 'a')).toBe('starting')
    expect(stateOf(viewAt(ready, ready.at + 1_100), 'a')).toBe('waiting_resource')
  })

  test('what waits for a time, a signal or an answer waits for a dependency', () => {
    for (const what of ['time', 'signal']) {
      const waits = view(...begun, ['step.waiting', { step: 'a', attempt: 1, for: what }])
      expect(stateOf(waits, 'a')).toBe('waiting_dependency')
    }
  })

  test('what is interrupted, stopped, undone or being undone has a state as well', () => {
    const interrupted = view(...begun, start('a'), ['run.paused', { reason: 'interrupt' }])
    expect(stateOf(interrupted, 'a')).toBe('pending')
    const stopped = view(...begun, start('a'), ['run.cancelled', { cost: '0' }])
    expect(stateOf(stopped, 'a')).toBe('failed')
    const undoing = view(...begun, done('a'), ['undo.started', { step: 'a', attempt: 1 }])
    expect(stateOf(undoing, 'a')).toBe('completing')
    const undone = view(...begun, done('a'), ['undo.completed', { step: 'a' }])
    expect(stateOf(undone, 'a')).toBe('completed')
  })
})

const anyFact: fc.Arbitrary<TestFact> = fc
  .record({
    kind: fc.constantFrom(
      ...['created', 'started', 'paused', 'resumed', 'stopping', 'cancelling', 'compensating'].map(
        (name) => `run.${name}`,
      ),
      ...['completed', 'failed', 'cancelled'].map((name) => `run.${name}`),
      ...['skipped', 'expanded', 'started', 'waiting', 'retrying', 'repeating'].map(
        (name) => `step.${name}`,
      ),
      ...['completed', 'failed'].map((name) => `step.${name}`),
      ...['started', 'retrying', 'completed', 'failed'].map((name) => `undo.${name}`),
      'something.new',
    ),
    step: fc.constantFrom('a', 'b', 'list', 'unknown'),
    index: fc.option(fc.nat(3), { nil: undefined }),
    more: fc.record(
      {
        for: fc.constantFrom('time', 'signal', 'run', 'task', 'more'),
        reason: fc.constantFrom('request', 'interrupt', 'budget', 'needs', 'when', 'redrive'),
        count: fc.nat(3),
        attempt: fc.integer({ min: 1, max: 3 }),
        error: fc.constant({ code: 'x.y', message: '' }),
      },
      { requiredKeys: [] },
    ),
    afterMs: fc.nat(5_000),
  })
  .map(({ kind, step, index, more, afterMs }) => [
    kind,
    { step, ...more, ...(index !== undefined && { index }) },
    afterMs,
  ])

test.prop([fc.array(anyFact, { maxLength: 40 })])(
  'whatever happens, run and steps have a state, and the percentage does not fall',
  (facts) => {
    let before = createRunView(definition)
    for (const event of eventsOf(facts)) {
      const now = applyToView(before, event)
      expect(now.percent).toBeGreaterThanOrEqual(before.percent)
      expect(workflowStates.options).toContain(workflowState(now))
      for (const step of now.steps) expect(stepRunState.options).toContain(stepState(now, step))
      before = now
    }
  },
)
