import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { JsonObject } from '../../kernel/json.ts'
import { NO_HISTORY } from '../estimate/history.ts'
import { stretchKind, unitOutcome } from '../schema.ts'
import { definitionOf, eventsOf, type MadeUpStep, runOf, type TestFact } from '../testing.ts'

import { findBottlenecks } from './bottlenecks.ts'
import { criticalPath } from './critical-path.ts'
import { readTrace } from './read-trace.ts'
import { type RunTrace, unitName, type UnitTrace } from './trace.ts'

/** Acyclic: a step needs only steps of smaller numbers. */
const anyGraph = fc
  .array(
    fc.record({
      ms: fc.integer({ min: 1, max: 9_999 }),
      needs: fc.array(fc.nat(20), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((steps) =>
    Object.fromEntries(
      steps.map(({ ms, needs }, place): [string, MadeUpStep] => [
        `s${place}`,
        {
          ms,
          needs: place === 0 ? [] : [...new Set(needs.map((need) => `s${need % place}`))],
        },
      ]),
    ),
  )

/** Every way from a step to a beginning, the oracle of the longest one. */
function waysTo(steps: Readonly<Record<string, MadeUpStep>>, name: string): readonly string[][] {
  const { needs = [] } = steps[name] ?? {}
  if (needs.length === 0) return [[name]]
  return needs.flatMap((need) => waysTo(steps, need).map((way) => [...way, name]))
}

const lengthOf = (steps: Readonly<Record<string, MadeUpStep>>, way: readonly string[]): number =>
  way.reduce((sum, name) => sum + (steps[name]?.ms ?? 0), 0)

test.prop([anyGraph], { numRuns: 60 })(
  'the critical path is the longest way through the graph when everything begins at once',
  (steps) => {
    const trace = readTrace(definitionOf(steps), runOf(steps))
    const { links, hostMs } = criticalPath(trace)
    const found = links.map(({ unit }) => unit.step)
    const ways = Object.keys(steps).flatMap((name) => waysTo(steps, name))
    expect(lengthOf(steps, found)).toBe(Math.max(...ways.map((way) => lengthOf(steps, way))))
    expect(ways).toContainEqual(found)
    expect(hostMs).toBe(0)
  },
)

const started: readonly TestFact[] = [
  ['run.created', { name: 'flow', budget: '0' }],
  ['run.started', { worker: 'w' }, 0],
]
const traceOf = (steps: JsonObject, facts: readonly TestFact[]): RunTrace =>
  readTrace({ name: 'flow', steps }, eventsOf([...started, ...facts]))
const unitOf = (trace: RunTrace, name: string): UnitTrace | undefined =>
  trace.units.find((unit) => unitName(unit) === name)
const kindsOf = (unit: UnitTrace | undefined): readonly (readonly [string, number])[] =>
  unit?.stretches.map(({ kind, from, to }) => [kind, to - from] as const) ?? []
const start = (step: string, afterMs: number, more: JsonObject = {}): TestFact => [
  'step.started',
  { step, attempt: 1, ...more },
  afterMs,
]
const done = (step: string, afterMs: number, more: JsonObject = {}): TestFact => [
  'step.completed',
  { step, output: null, ms: afterMs, ...more },
  afterMs,
]
const error = { code: 'x.y', message: 'no' }

describe('what a unit did', () => {
  const one = { a: { uses: 'code' } }

  test('it waited for a slot, worked, failed, waited to be tried again, and worked', () => {
    const trace = traceOf(one, [
      start('a', 200),
      ['step.retrying', { step: 'a', attempt: 1, error, dueAt: 0, cost: '3' }, 300],
      start('a', 400, { attempt: 2 }),
      done('a', 500, { cost: '4', usage: [{ resource: 'cpu_cores', coreMs: 70 }] }),
    ])
    expect(kindsOf(unitOf(trace, 'a'))).toEqual([
      ['queue', 200],
      ['retry', 300],
      ['retry', 400],
      ['work', 500],
    ])
    expect(unitOf(trace, 'a')).toMatchObject({
      outcome: 'completed',
      attempts: 2,
      cost: 7n,
      coreMs: 70,
      errorCode: 'x.y',
    })
  })

  test('an approval, a time, a signal, another run and a worker are waited for', () => {
    const waits = (uses: string, what: string): readonly (readonly [string, number])[] =>
      kindsOf(
        unitOf(
          traceOf({ a: { uses } }, [
            ['step.waiting', { step: 'a', attempt: 1, for: what }, 0],
            done('a', 900),
          ]),
          'a',
        ),
      )
    expect(waits('approval', 'signal')).toEqual([['approval', 900]])
    expect(waits('wait', 'time')).toEqual([['dependency', 900]])
    expect(waits('wait', 'signal')).toEqual([['dependency', 900]])
    expect(waits('workflow', 'run')).toEqual([['dependency', 900]])
    expect(waits('code', 'task')).toEqual([['resource', 900]])
  })

  test('what was lost with a worker, or interrupted, was for nothing', () => {
    const lost = traceOf(one, [
      start('a', 0),
      ['run.resumed', { reason: 'takeover', worker: 'v' }, 700],
      start('a', 100),
      done('a', 50),
    ])
    expect(kindsOf(unitOf(lost, 'a'))).toEqual([
      ['retry', 700],
      ['queue', 100],
      ['work', 50],
    ])
    const interrupted = traceOf(one, [
      start('a', 0),
      ['run.paused', { reason: 'interrupt' }, 700],
      ['run.resumed', { reason: 'request' }, 5_000],
      start('a', 10),
      done('a', 50),
    ])
    expect(kindsOf(unitOf(interrupted, 'a'))).toEqual([
      ['retry', 700],
      ['pause', 5_010],
      ['work', 50],
    ])
  })

  test('a step that is not begun while the run stands still waits for the run', () => {
    const trace = traceOf(one, [
      ['run.paused', { reason: 'request' }, 100],
      ['run.resumed', { reason: 'request' }, 1_000],
      start('a', 10),
      done('a', 50),
    ])
    expect(kindsOf(unitOf(trace, 'a'))).toEqual([
      ['queue', 100],
      ['pause', 1_000],
      ['queue', 10],
      ['work', 50],
    ])
  })

  test('every kind of stretch and every outcome occurs', () => {
    const steps = {
      a: { uses: 'code' },
      ask: { uses: 'approval' },
      nap: { uses: 'wait' },
      far: { uses: 'code' },
      bad: { uses: 'code' },
      left: { uses: 'code' },
      not: { uses: 'code' },
    }
    const trace = traceOf(steps, [
      start('a', 5),
      ['step.waiting', { step: 'ask', attempt: 1, for: 'signal' }, 5],
      ['step.waiting', { step: 'nap', attempt: 1, for: 'time', dueAt: 1 }, 5],
      ['step.waiting', { step: 'far', attempt: 1, for: 'task' }, 5],
      ['run.paused', { reason: 'request' }, 5],
      ['run.resumed', { reason: 'request' }, 5],
      start('bad', 5),
      start('left', 5),
      ['step.skipped', { step: 'not', reason: 'when' }, 5],
      ['step.retrying', { step: 'a', attempt: 1, error, dueAt: 0 }, 5],
      done('ask', 5),
      done('nap', 5),
      done('far', 5),
      ['step.failed', { step: 'left', error: { code: 'workflow.aborted', message: '' } }, 5],
      ['step.failed', { step: 'bad', error }, 5],
    ])
    const kinds = new Set(trace.units.flatMap((unit) => kindsOf(unit).map(([kind]) => kind)))
    expect([...kinds].toSorted()).toEqual(stretchKind.options.toSorted())
    expect([...new Set(trace.units.map(({ outcome }) => outcome))].toSorted()).toEqual(
      unitOutcome.options.toSorted(),
    )
  })

  test('what undoes a step is a unit of its own, behind what failed', () => {
    const trace = traceOf({ a: { uses: 'code' }, b: { uses: 'code', needs: 'a' } }, [
      start('a', 0),
      done('a', 100),
      start('b', 0),
      ['step.failed', { step: 'b', error }, 100],
      ['run.compensating', { units: 1 }, 0],
      ['undo.started', { step: 'a', attempt: 1 }, 0],
      ['undo.retrying', { step: 'a', attempt: 1, error, dueAt: 0 }, 40],
      ['undo.started', { step: 'a', attempt: 2 }, 10],
      ['undo.completed', { step: 'a', cost: '9' }, 50],
      ['run.failed', { error, cost: '9' }, 0],
    ])
    expect(criticalPath(trace).links.map(({ unit }) => unitName(unit))).toEqual([
      'a',
      'b',
      'undo a',
    ])
    expect(unitOf(trace, 'undo a')).toMatchObject({ outcome: 'completed', attempts: 2, cost: 9n })
  })

  test('an empty list does not break the chain', () => {
    const steps = {
      a: { uses: 'code' },
      list: { uses: 'code', needs: 'a', forEach: [] },
      c: { uses: 'code', needs: 'list' },
    }
    const trace = traceOf(steps, [
      start('a', 0),
      done('a', 100),
      ['step.expanded', { step: 'list', count: 0 }, 0],
      start('c', 0),
      done('c', 100),
    ])
    expect(criticalPath(trace).links.map(({ unit }) => unit.step)).toEqual(['a', 'c'])
  })
})

const anyRun = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'list'),
      fc.constantFrom(
        'started',
        'waiting',
        'retrying',
        'repeating',
        'completed',
        'failed',
        'skipped',
      ),
      fc.nat(2),
      fc.nat(2_000),
      fc.constantFrom('none', 'paused', 'resumed', 'interrupted', 'ended'),
    ),
    { maxLength: 40 },
  )
  .map((facts) =>
    facts.flatMap(([step, what, index, afterMs, control]): TestFact[] => {
      const more = step === 'list' ? { index } : {}
      const fact: TestFact = [`step.${what}`, { step, for: 'task', error, ...more }, afterMs]
      if (control === 'none') return [fact]
      if (control === 'ended') return [fact, ['run.failed', { error, cost: '0' }, 3]]
      const paused = control === 'resumed' ? 'run.resumed' : 'run.paused'
      return [fact, [paused, { reason: control === 'interrupted' ? 'interrupt' : 'request' }, 3]]
    }),
  )

test.prop([anyRun])(
  'whatever happens, stretches follow one another, and the critical path adds up to the run',
  (facts) => {
    const steps = {
      a: { uses: 'code' },
      b: { uses: 'code', needs: 'a' },
      list: { uses: 'code', needs: 'a', forEach: [1, 2, 3] },
    }
    const trace = traceOf(steps, [['step.expanded', { step: 'list', count: 3 }], ...facts])
    for (const { stretches, readyAt } of trace.units) {
      let until = readyAt
      for (const { from, to } of stretches) {
        expect(from).toBeGreaterThanOrEqual(until)
        expect(to).toBeGreaterThan(from)
        until = to
      }
    }
    const { totalMs, hostMs, steps: shares, path } = findBottlenecks(trace, NO_HISTORY)
    const parts = path.links.reduce((sum, { from, to }) => sum + to - from, 0)
    expect(parts + hostMs).toBe(totalMs)
    expect(hostMs).toBeGreaterThanOrEqual(0)
    for (const { share } of shares) expect(share).toBeLessThanOrEqual(1)
  },
)
