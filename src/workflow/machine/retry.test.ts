import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'

import { applyEvent } from './apply.ts'
import { decideFailure, decideStart, decideSuccess, plainFailure } from './decide-step.ts'
import { decideUndoFailure } from './decide-undo.ts'
import type { RunEvent } from './events.ts'
import type { Failure } from './outcome.ts'
import { createRunState, type RunState } from './state.ts'
import { compile, created } from './testing.ts'

const REFUSED: ErrorRecord = { code: 'http.circuit-open', message: 'not called' }
const BROKEN: ErrorRecord = { code: 'http.status', message: 'answered 503' }

interface Bench {
  readonly state: RunState
  emit(events: readonly RunEvent[]): void
  /** Begins a step, lets it fail, and gives what follows. */
  fail(error: ErrorRecord, more?: Partial<Failure> & { bound?: bigint }): RunEvent | undefined
}

const REF = { step: 'a' }
const NOW = 1_000

function bench(step: Record<string, Json>, budget = 0n): Bench {
  const state = createRunState(compile({ a: step }))
  const emit = (events: readonly RunEvent[]): void => {
    for (const event of events) applyEvent(state, event, 1)
  }
  emit([created, { kind: 'run.started', data: { worker: 'w' } }])
  if (budget > 0n) Object.assign(state, { budget, hold: 'hold' })
  return {
    state,
    emit,
    fail(error, { bound = 0n, ...more } = {}) {
      emit(decideStart(state, REF, bound))
      const failure = { ...plainFailure(error, NOW), isTransient: true, ...more }
      const [first, ...rest] = decideFailure(state, REF, failure)
      if (first !== undefined) emit([first, ...rest])
      return first
    },
  }
}

const retry = { max: 2, initial: '100ms', factor: 3, maxDelay: '250ms' }
const kindOf = (event: RunEvent | undefined): string => event?.kind ?? 'nothing'
const dueAt = (event: RunEvent | undefined): number | undefined =>
  event?.kind === 'step.retrying' ? event.data.dueAt : undefined

describe('the wait before a retry', () => {
  test.prop([fc.integer({ min: 0, max: 999 }), fc.nat(1_000)])(
    'is anywhere from nothing to the exponential limit, and never shorter than was asked for',
    (thousandths, retryAfterMs) => {
      const one = bench({ retry: { ...retry, max: 3 } })
      for (const limit of [100, 250, 250]) {
        const chance = thousandths / 1_000
        const due = dueAt(one.fail(BROKEN, { chance, retryAfterMs }))
        expect(due).toBe(NOW + Math.max(retryAfterMs, Math.floor(chance * limit)))
      }
      expect(kindOf(one.fail(BROKEN))).toBe('step.failed')
    },
  )
})

describe('a try that an open circuit refuses', () => {
  test('is none: it waits until calls go through, and as many as of real tries may be', () => {
    const one = bench({ retry })
    expect(dueAt(one.fail(REFUSED, { retryAfterMs: 700 }))).toBe(NOW + 700)
    expect(kindOf(one.fail(BROKEN))).toBe('step.retrying')
    expect(kindOf(one.fail(REFUSED))).toBe('step.retrying')
    expect(kindOf(one.fail(BROKEN))).toBe('step.retrying')
    expect(one.fail(BROKEN)).toMatchObject({
      kind: 'step.failed',
      data: { failure: 'dependency_failure', error: BROKEN },
    })
  })

  test('fails the step when there were too many, as a dependency that fails', () => {
    const one = bench({ retry })
    one.fail(REFUSED)
    one.fail(REFUSED)
    expect(one.fail(REFUSED)).toMatchObject({
      kind: 'step.failed',
      data: { failure: 'dependency_failure' },
    })
  })

  test('fails it at once when the step is not to be tried again', () => {
    expect(kindOf(bench({}).fail(REFUSED))).toBe('step.failed')
    expect(kindOf(bench({ retry: { max: 5, on: ['code'] } }).fail(REFUSED))).toBe('step.failed')
  })

  test('leaves each pass of a loop as many as the first', () => {
    const one = bench({ retry: { max: 1 }, repeat: { until: '{% true %}', max: 9 } })
    const again = { isDone: false, ms: 1, now: NOW, usage: [], cost: 0n, output: null }
    for (let pass = 0; pass < 3; pass++) {
      expect(kindOf(one.fail(REFUSED))).toBe('step.retrying')
      one.emit(decideStart(one.state, REF, 0n))
      one.emit(decideSuccess(one.state, REF, again))
    }
  })

  test('to undo a step waits once, whatever is said of retries', () => {
    const compensate = { uses: 'transform', with: { value: 0 } }
    const one = bench({ compensate })
    one.emit(decideStart(one.state, REF, 0n))
    const done = { isDone: true, ms: 1, now: NOW, usage: [], cost: 0n, output: null }
    one.emit(decideSuccess(one.state, REF, done))
    one.emit([{ kind: 'run.compensating', data: { units: 1, strategy: 'full_rollback' } }])
    const failUndo = (error: ErrorRecord, attempt: number): string => {
      one.emit([{ kind: 'undo.started', data: { ...REF, attempt } }])
      const failure = { ...plainFailure(error, NOW), isTransient: true, retryAfterMs: 5 }
      const events = decideUndoFailure(one.state, { purpose: 'undo', ref: REF }, failure)
      one.emit(events)
      return kindOf(events[0])
    }
    expect([failUndo(REFUSED, 1), failUndo(REFUSED, 2)]).toEqual(['undo.retrying', 'undo.failed'])
  })
})

describe('a retry that may cost more than is left', () => {
  test('is not made: the step ends with the sums, and somebody decides', () => {
    const one = bench({ retry }, 100n)
    expect(kindOf(one.fail(BROKEN, { bound: 40n, cost: 30n }))).toBe('step.retrying')
    // 100 − 30 − 31 = 39, and another try may cost 40.
    expect(one.fail(BROKEN, { bound: 40n, cost: 31n })).toMatchObject({
      kind: 'step.failed',
      data: {
        failure: 'cost_threshold_exceeded',
        strategy: 'manual_intervention',
        cost: '31',
        error: {
          code: 'workflow.over-budget',
          details: { needed: '40', left: '39', last: BROKEN },
        },
      },
    })
  })

  test.each(['skip_and_continue', 'full_rollback', 'compensate_only', 'partial_rollback'] as const)(
    'is decided by the strategy of the step: %s',
    (strategy) => {
      const rollback = { on: { cost_threshold_exceeded: strategy } }
      const failed = bench({ retry, rollback }, 50n).fail(BROKEN, { bound: 40n, cost: 20n })
      expect(failed).toMatchObject({ kind: 'step.failed', data: { strategy } })
    },
  )

  test('is begun again as often as the strategy says, in case somebody raises the budget', () => {
    const rollback = { strategy: 'retry_failed_step', retries: 1 }
    const one = bench({ retry, rollback }, 50n)
    expect(one.fail(BROKEN, { bound: 40n, cost: 20n })).toMatchObject({
      kind: 'step.retrying',
      data: { strategy: 'retry_failed_step', error: { code: 'workflow.over-budget' } },
    })
    expect(kindOf(one.fail(BROKEN, { bound: 40n }))).toBe('step.failed')
  })

  test('is looked at before a strategy begins a step again', () => {
    const one = bench({ rollback: 'retry_failed_step' }, 50n)
    expect(one.fail(BROKEN, { bound: 40n, cost: 20n })).toMatchObject({
      kind: 'step.retrying',
      data: { error: { code: 'workflow.over-budget' } },
    })
  })

  test('gives way to what the step goes on with', () => {
    const one = bench({ retry }, 50n)
    const fallback = { output: 'instead' }
    expect(one.fail(BROKEN, { bound: 40n, cost: 20n, fallback })).toMatchObject({
      kind: 'step.failed',
      data: { fallback, failure: 'cost_threshold_exceeded' },
    })
  })

  test.prop([
    fc.bigInt(1n, 200n),
    fc.bigInt(1n, 50n),
    fc.array(fc.bigInt(0n, 50n), { maxLength: 9 }),
  ])('never takes the run beyond its budget', (budget, bound, costs) => {
    const one = bench({ retry: { max: 100 } }, budget)
    for (const cost of costs) {
      if (bound > one.state.budget - one.state.spent) break
      const paid = cost < bound ? cost : bound
      const event = one.fail(BROKEN, { bound, cost: paid })
      const isAffordable = bound <= budget - one.state.spent
      expect(kindOf(event)).toBe(isAffordable ? 'step.retrying' : 'step.failed')
      expect(one.state.spent).toBeLessThanOrEqual(budget)
    }
  })
})
