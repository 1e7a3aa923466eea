import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { type RunEvent, unitKey } from '../machine/events.ts'
import { isFinal } from '../machine/state.ts'
import { compile, fold, Simulation } from '../machine/testing.ts'

import { classifyFailure, knownKind } from './classify.ts'
import { chooseStrategy, DEFAULT_STRATEGIES, type Failing } from './policy.ts'
import { failureKind } from './schema.ts'
import { dependentsOf, protectedSteps, selectSteps } from './selection.ts'

const ERRORS = readFileSync(
  join(import.meta.dirname, '../../../docs/reference/errors.md'),
  'utf8',
).matchAll(/^\| `([a-z-]+\.[a-z-]+)` /gm)

describe('the kind of a failure', () => {
  const codes = [...ERRORS].map(([, code = '']) => code)

  test('is known for every documented code', () => {
    expect(codes.length).toBeGreaterThan(100)
    expect(codes.filter((code) => knownKind(code) === undefined)).toEqual([])
  })

  test('each is that of some documented code', () => {
    const kinds = new Set(codes.map((code) => knownKind(code)))
    expect([...failureKind.options].filter((kind) => !kinds.has(kind))).toEqual([])
  })

  test.each([
    ['code.threw', {}, 'step_execution_error'],
    ['shop.out-of-lamps', {}, 'step_execution_error'],
    ['http.status', { status: 503 }, 'dependency_failure'],
    ['http.status', { status: 404 }, 'step_execution_error'],
    ['http.status', { status: 403 }, 'permission_denied'],
    ['http.status', { status: 429 }, 'resource_exhaustion'],
    ['http.status', {}, 'dependency_failure'],
    ['workflow.child-failed', { error: { code: 'http.timeout' } }, 'timeout'],
    ['workflow.child-failed', { error: { code: 'x' } }, 'step_execution_error'],
    ['workflow.child-failed', {}, 'user_cancellation'],
  ] as const)('%s %j: %s', (code, details, kind) => {
    expect(classifyFailure({ code, details })).toBe(kind)
  })
})

describe('the strategy', () => {
  const policy = { strategy: undefined, on: {}, retries: undefined, fallback: undefined }
  const base: Failing = {
    failure: 'network_error',
    step: undefined,
    workflow: undefined,
    isOfStep: true,
    recoveries: 0,
    isPastPivot: false,
    hasWork: true,
    isTransient: true,
  }

  test.each(failureKind.options)('for %s is that of the table, with work to lose', (failure) => {
    expect(chooseStrategy({ ...base, failure })).toBe(DEFAULT_STRATEGIES[failure])
  })

  test('of a step comes before that of the workflow, a kind before all', () => {
    const step = { ...policy, strategy: 'partial_rollback', on: { timeout: 'skip_and_continue' } }
    const workflow = { ...policy, on: { network_error: 'manual_intervention' } }
    const both = { ...base, step, workflow } as Failing
    expect(chooseStrategy(both)).toBe('partial_rollback')
    expect(chooseStrategy({ ...both, failure: 'timeout' })).toBe('skip_and_continue')
    expect(chooseStrategy({ ...both, step: undefined })).toBe('manual_intervention')
  })

  test('tries nothing again that has nothing to lose or will not pass', () => {
    expect(chooseStrategy({ ...base, hasWork: false })).toBe('full_rollback')
    expect(chooseStrategy({ ...base, isTransient: false })).toBe('full_rollback')
  })

  test('after a pivot goes forward, and then asks', () => {
    const past = { ...base, isPastPivot: true, failure: 'step_execution_error' } as const
    expect(chooseStrategy(past)).toBe('retry_failed_step')
    expect(chooseStrategy({ ...past, recoveries: 1 })).toBe('manual_intervention')
  })

  test('gives as many tries as it says, and then what it says', () => {
    const step = { ...policy, strategy: 'retry_failed_step', retries: 2 } as const
    const tried = (recoveries: number, fallback?: 'skip_and_continue'): string =>
      chooseStrategy({ ...base, step: { ...step, fallback }, recoveries })
    expect([tried(1), tried(2), tried(2, 'skip_and_continue')]).toEqual([
      'retry_failed_step',
      'full_rollback',
      'skip_and_continue',
    ])
  })

  test('for the run as a whole neither tries again nor leaves out', () => {
    for (const strategy of ['retry_failed_step', 'skip_and_continue'] as const) {
      const workflow = { ...policy, strategy }
      expect(chooseStrategy({ ...base, isOfStep: false, workflow })).toBe('full_rollback')
      const after = { ...workflow, strategy: 'retry_failed_step', fallback: strategy } as const
      expect(chooseStrategy({ ...base, isOfStep: false, workflow: after })).toBe('full_rollback')
    }
  })
})

const undo = { uses: 'transform', with: { value: 0 }, retry: { max: 1 } }
const shapes = fc.integer({ min: 1, max: 10 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record({
        needs: fc.uniqueArray(
          fc.nat(Math.max(0, index - 1)).map((n) => `s${n}`),
          { maxLength: index === 0 ? 0 : 3 },
        ),
        more: fc.constantFrom<Record<string, Json>>(
          {},
          { compensate: undo },
          { compensate: undo },
          { compensate: undo, cleanup: undo },
          { cleanup: { ...undo, after: '1s' }, retry: { max: 1 } },
          { forEach: [1], compensate: undo },
          { compensate: undo, pivot: true },
          { compensate: undo, rollback: 'skip_and_continue' },
        ),
      }),
    ),
  ),
)
const strategy = fc.constantFrom(
  undefined,
  'full_rollback',
  'partial_rollback',
  'compensate_only',
  'retry_failed_step',
)
const flow = fc
  .record({ shapes, strategy, failFast: fc.boolean(), concurrency: fc.integer({ min: 1, max: 4 }) })
  .map(({ shapes: list, strategy: chosen, ...head }) =>
    compile(
      Object.fromEntries(list.map(({ needs, more }, index) => [`s${index}`, { needs, ...more }])),
      { ...head, ...(chosen !== undefined && { rollback: chosen }) },
    ),
  )

/** Units by what an event says of them. */
const unitsOf = (log: readonly RunEvent[], ...kinds: readonly RunEvent['kind'][]): string[] =>
  log.flatMap((event) =>
    kinds.includes(event.kind) && 'step' in event.data && event.data.step !== undefined
      ? [
          unitKey({
            step: event.data.step,
            index: 'index' in event.data ? event.data.index : undefined,
          }),
        ]
      : [],
  )
const stepIn = (key: string): string => key.replace(/\[.*/, '')
const canBeUndone = ({ steps }: CompiledWorkflow, key: string): boolean =>
  steps.get(stepIn(key))?.compensate !== undefined

/** What was completed and is to be undone, as of the beginning of the rollback. */
function expectedUndone(workflow: CompiledWorkflow, log: readonly RunEvent[]): readonly string[] {
  const at = log.findIndex(({ kind }) => kind === 'run.compensating')
  if (at < 0) return []
  const state = fold(workflow, log.slice(0, at))
  const event = log[at]
  const chosen = event?.kind === 'run.compensating' ? event.data.strategy : undefined
  const steps = selectSteps(state, { strategy: chosen ?? 'full_rollback', to: undefined })
  return unitsOf(log.slice(0, at), 'step.completed').filter(
    (key) => canBeUndone(workflow, key) && steps.has(stepIn(key)),
  )
}

function checkOrder(workflow: CompiledWorkflow, log: readonly RunEvent[]): void {
  const left = new Set(expectedUndone(workflow, log))
  for (const event of log) {
    if (event.kind === 'undo.completed' || event.kind === 'undo.failed')
      left.delete(unitKey(event.data))
    if (event.kind !== 'undo.started') continue
    const after = dependentsOf(workflow, [event.data.step])
    after.delete(event.data.step)
    const early = [...left].filter((key) => after.has(stepIn(key)))
    expect(early, `${unitKey(event.data)} is undone before`).toEqual([])
  }
}

describe('any graph, any failures, any crashes', () => {
  test.prop([flow, fc.nat()], { numRuns: 150 })(
    'every completed unit is undone once, after what depends on it, unless a pivot holds it',
    (workflow, seed) => {
      const simulation = new Simulation(workflow, { seed, failShare: 0.25, crashShare: 0.04 })
      simulation.run()
      const { log, state } = simulation
      const undone = unitsOf(log, 'undo.completed', 'undo.failed')
      expect(undone.toSorted()).toEqual(expectedUndone(workflow, log).toSorted())
      checkOrder(workflow, log)
      const stays = protectedSteps(state)
      expect(undone.filter((key) => stays.has(stepIn(key)))).toEqual([])
      // A pivot that has completed and a failure after it: somebody is asked.
      if (!isFinal(state.status))
        expect([state.status, state.pause]).toEqual(['paused', 'incident'])
      else if (state.status === 'completed') expect(undone).toEqual([])
    },
  )

  test.prop([flow, fc.nat()], { numRuns: 80 })(
    'what a step has left is removed once, however the run ends',
    (workflow, seed) => {
      const simulation = new Simulation(workflow, { seed, failShare: 0.2, crashShare: 0.04 })
      simulation.run()
      const { log, state } = simulation
      const begun = new Set(unitsOf(log, 'step.started'))
      const left = [...begun].filter(
        (key) => workflow.steps.get(stepIn(key))?.cleanup !== undefined,
      )
      const removed = unitsOf(log, 'clean.completed', 'clean.failed')
      if (isFinal(state.status)) expect(removed.toSorted()).toEqual(left.toSorted())
      expect(new Set(removed).size).toBe(removed.length)
    },
  )

  test.prop([flow, fc.nat()], { numRuns: 60 })(
    'a run that was rolled back and resumed does again what it undid, and no more',
    (workflow, seed) => {
      const simulation = new Simulation(workflow, { seed, failShare: 0.3 })
      simulation.run()
      if (simulation.state.status !== 'failed' || simulation.state.undoFailures.length > 0) return
      if (simulation.state.undone.size > 0) return
      const before = simulation.log.length
      simulation.emit([{ kind: 'run.resumed', data: { reason: 'redrive' } }])
      const kept = new Set(
        [...simulation.state.steps].flatMap(([name, { status }]) =>
          status === 'completed' ? name : [],
        ),
      )
      simulation.run()
      const again = unitsOf(simulation.log.slice(before), 'step.started').map(stepIn)
      expect(again.filter((name) => kept.has(name))).toEqual([])
    },
  )
})

describe('a failed branch', () => {
  test('ends where another branch begins, and at the last pivot', () => {
    const compensate = undo
    const workflow = compile({
      root: { compensate },
      left: { compensate, needs: ['root'] },
      lefter: { needs: ['left'] },
      right: { compensate, needs: ['root'] },
    })
    const done = ['root', 'left', 'right'].flatMap((step): RunEvent[] => [
      { kind: 'step.started', data: { step, attempt: 1 } },
      { kind: 'step.completed', data: { step, output: null, ms: 1 } },
    ])
    const state = fold(workflow, [
      ...done,
      { kind: 'step.started', data: { step: 'lefter', attempt: 1 } },
      { kind: 'step.failed', data: { step: 'lefter', error: { code: 'a.b', message: '' } } },
    ])
    const extent = { strategy: 'partial_rollback', to: undefined } as const
    expect([...selectSteps(state, extent)]).toEqual(['lefter', 'left'])
  })
})
