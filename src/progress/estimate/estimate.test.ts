import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createSeededRandom, type Random, uniform } from '../../kernel/random.ts'
import { eventsAt, type TimedFact } from '../testing.ts'
import { readTrace } from '../trace/read-trace.ts'

import { forecast } from './forecast.ts'
import { createHeap } from './heap.ts'
import { type DurationHistory, NO_HISTORY } from './history.ts'
import { outlookOf, slowUnits } from './outlook-of.ts'
import type { Outlook, PlannedUnit } from './outlook.ts'
import { type Job, schedule } from './schedule.ts'

test.prop([fc.array(fc.tuple(fc.nat(50), fc.nat(9)), { maxLength: 60 })])(
  'a heap gives the least key first',
  (entries) => {
    const heap = createHeap()
    for (const [value, key] of entries) heap.push(value, key)
    const keys: (number | undefined)[] = []
    while (heap.size > 0) {
      keys.push(heap.least)
      heap.pop()
    }
    expect(keys).toEqual(entries.map(([, key]) => key).toSorted((a, b) => a - b))
    expect(heap.pop()).toBeUndefined()
  },
)

const anyJobs = fc
  .array(
    fc.record({
      ms: fc.integer({ min: 0, max: 100 }),
      needs: fc.array(fc.nat(30), { maxLength: 3 }),
      takesSlot: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((jobs) =>
    jobs.map(({ ms, needs, takesSlot }, place): Job => ({
      parts: [{ ms, takesSlot }],
      needs: place === 0 ? [] : [...new Set(needs.map((need) => need % place))],
    })),
  )

describe('a schedule', () => {
  test.prop([anyJobs, fc.integer({ min: 1, max: 5 })])(
    'is no shorter than the longest way and the work on the slots, and within twice of them',
    (jobs, slots) => {
      const ends: number[] = []
      for (const { needs, parts } of jobs) {
        ends.push(Math.max(0, ...needs.map((need) => ends[need] ?? 0)) + (parts[0]?.ms ?? 0))
      }
      const longest = Math.max(...ends)
      const work = jobs.reduce(
        (sum, { parts: [part] }) => sum + (part?.takesSlot === true ? part.ms : 0),
        0,
      )
      const length = schedule(jobs, slots)
      expect(length).toBeGreaterThanOrEqual(Math.max(longest, work / slots))
      expect(length).toBeLessThanOrEqual(longest + work / slots)
      expect(schedule(jobs, Number.POSITIVE_INFINITY)).toBe(longest)
    },
  )

  test('items above the limit of their step wait for one another', () => {
    const items = (limit: number): Job[] =>
      [10, 10, 10, 10].map((ms) => ({
        needs: [],
        parts: [{ ms, takesSlot: true }],
        group: { name: 'list', limit },
      }))
    expect([1, 2, 4].map((limit) => schedule(items(limit), 16))).toEqual([40, 20, 10])
  })

  test('jobs in a circle are left out', () => {
    const part = { ms: 10, takesSlot: true }
    expect(
      schedule(
        [
          { needs: [1], parts: [part] },
          { needs: [0], parts: [part] },
        ],
        1,
      ),
    ).toBe(0)
  })
})

/** A normal number, by Box and Muller. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(Math.max(1e-12, uniform(random))))
  return radius * Math.cos(2 * Math.PI * uniform(random))
}

const STEPS = ['read', 'think', 'write', 'check']
const MEDIANS = [4_000, 20_000, 9_000, 2_000]

/** How long the steps of a run take: log-normal about their medians, a quarter up or down. */
const drawRun = (random: Random): readonly number[] =>
  MEDIANS.map((median) => median * Math.exp(0.25 * normal(random)))

function chainAt(durations: readonly number[], now: number): Outlook {
  let from = 0
  const units = durations.map((ms, place): PlannedUnit => {
    const start = from
    from += ms
    const phase: PlannedUnit['phase'] =
      from <= now
        ? { kind: 'done', ms }
        : start <= now
          ? { kind: 'running', forMs: now - start }
          : { kind: 'ahead' }
    const needs = place === 0 ? [] : [place - 1]
    return { step: STEPS[place] ?? '', uses: 'code', needs, takesSlot: true, phase }
  })
  return { workflow: 'chain', slots: 4, units }
}

describe('a forecast', () => {
  test('of a workflow that was run before covers four of five runs, with little to spare', () => {
    const random = createSeededRandom(11)
    const past = Array.from({ length: 30 }, () => drawRun(random))
    const history: DurationHistory = {
      ...NO_HISTORY,
      ofStep: (_workflow, step) => past.map((run) => [run[STEPS.indexOf(step)] ?? 0]),
    }
    const checks = Array.from({ length: 80 }, (_, seed) => {
      const durations = drawRun(random)
      const total = durations.reduce((sum, ms) => sum + ms, 0)
      const now = total * (0.1 + 0.8 * uniform(random))
      const told = forecast(chainAt(durations, now), history, {
        random: createSeededRandom(seed),
        elapsedMs: now,
        draws: 60,
      })
      const left = total - now
      const { lowMs = 0, medianMs = 0, highMs = 0 } = told ?? {}
      return { isIn: lowMs <= left && left <= highMs, off: Math.abs(medianMs - left) / total }
    })
    const coverage = checks.filter(({ isIn }) => isIn).length / checks.length
    expect(coverage).toBeGreaterThan(0.7)
    expect(coverage).toBeLessThan(0.92)
    expect(checks.reduce((sum, { off }) => sum + off, 0) / checks.length).toBeLessThan(0.12)
  })

  test('gives no time when nothing is known of what is ahead', () => {
    const ask: PlannedUnit = {
      step: 'ask',
      uses: 'approval',
      needs: [],
      takesSlot: false,
      phase: { kind: 'ahead' },
      isOpenEnded: true,
    }
    const options = { random: createSeededRandom(1), elapsedMs: 1_000 }
    const outlook = { workflow: 'w', slots: 1, units: [ask] }
    expect(forecast(outlook, NO_HISTORY, options)).toBeUndefined()
    const known = { ...NO_HISTORY, ofStep: () => [[60_000], [61_000], [59_000]] }
    expect(forecast(outlook, known, options)?.medianMs).toBeGreaterThan(40_000)
  })

  test('falls back from history to what is stated, and then to steps of the kind', () => {
    const unit: PlannedUnit = {
      step: 'a',
      uses: 'code',
      needs: [],
      takesSlot: true,
      phase: { kind: 'ahead' },
    }
    const median = (more: Partial<PlannedUnit>, history: DurationHistory): number | undefined =>
      forecast({ workflow: 'w', slots: 1, units: [{ ...unit, ...more }] }, history, {
        random: createSeededRandom(3),
        elapsedMs: 30_000,
      })?.medianMs
    expect(median({}, NO_HISTORY)).toBeUndefined()
    expect(median({}, { ...NO_HISTORY, ofKind: () => [30_000, 30_000] })).toBeGreaterThan(15_000)
    const stated = median({ statedMs: 30_000 }, NO_HISTORY) ?? 0
    expect(stated).toBeGreaterThan(24_000)
    expect(stated).toBeLessThan(36_000)
    const history = { ...NO_HISTORY, ofStep: () => Array.from({ length: 20 }, () => [5_000]) }
    expect(median({ statedMs: 30_000 }, history)).toBeLessThan(6_500)
  })

  test('a unit that has run longer than all before it is expected to run on', () => {
    const unit: PlannedUnit = {
      step: 'a',
      uses: 'code',
      needs: [],
      takesSlot: true,
      phase: { kind: 'running', forMs: 60_000 },
    }
    const history = { ...NO_HISTORY, ofStep: () => Array.from({ length: 20 }, () => [5_000]) }
    const told = forecast({ workflow: 'w', slots: 1, units: [unit] }, history, {
      random: createSeededRandom(4),
      elapsedMs: 60_000,
    })
    expect(told?.highMs).toBeGreaterThan(10_000)
  })

  test('a wait ends when it is due', () => {
    const due: PlannedUnit = {
      step: 'nap',
      uses: 'wait',
      needs: [],
      takesSlot: false,
      phase: { kind: 'due', inMs: 7_000 },
      isOpenEnded: true,
    }
    expect(
      forecast({ workflow: 'w', slots: 1, units: [due] }, NO_HISTORY, {
        random: createSeededRandom(5),
        elapsedMs: 1,
      }),
    ).toEqual({ lowMs: 7_000, medianMs: 7_000, highMs: 7_000 })
  })
})

describe('the outlook of a run', () => {
  const begun: readonly TimedFact[] = [
    { atMs: 0, kind: 'run.started', data: { worker: 'w' } },
    { atMs: 0, kind: 'step.expanded', data: { step: 'list', count: 3 } },
    { atMs: 0, kind: 'step.started', data: { step: 'list', index: 0, attempt: 1 } },
    { atMs: 0, kind: 'step.started', data: { step: 'list', index: 1, attempt: 1 } },
    { atMs: 40, kind: 'step.completed', data: { step: 'list', index: 0, ms: 40, output: null } },
  ]
  const definition = {
    name: 'w',
    concurrency: 5,
    steps: {
      list: { uses: 'code', forEach: { items: [1, 2, 3], maxConcurrency: 2 } },
      after: { uses: 'code', needs: 'list', resources: { seconds: 2 } },
    },
  }

  test('has what is done, what runs and what is ahead', () => {
    const outlook = outlookOf(readTrace(definition, eventsAt(begun), 1_000_100), NO_HISTORY)
    expect(outlook?.slots).toBe(5)
    expect(outlook?.units.map(({ step, phase, group }) => [step, phase, group?.limit])).toEqual([
      ['list', { kind: 'done', ms: 40 }, 2],
      ['list', { kind: 'running', forMs: 100 }, 2],
      ['list', { kind: 'ahead' }, 2],
      ['after', { kind: 'ahead' }, undefined],
    ])
  })

  test('a list of unknown length is as long as it usually was, or nothing is told', () => {
    const trace = readTrace(definition, eventsAt(begun.slice(0, 1)), 1_000_100)
    expect(outlookOf(trace, NO_HISTORY)).toBeUndefined()
    const outlook = outlookOf(trace, { ...NO_HISTORY, itemsOf: () => [4, 4, 9] })
    expect(outlook?.units.filter(({ step }) => step === 'list')).toHaveLength(4)
  })

  test('a unit beyond nineteen of twenty is slow, as long as it runs', () => {
    const history = {
      ...NO_HISTORY,
      ofStep: () => [Array.from({ length: 20 }, (_, place) => 50 + place)],
    }
    const at = (ms: number): readonly object[] =>
      slowUnits(readTrace(definition, eventsAt(begun), 1_000_000 + ms), history)
    expect(at(60)).toEqual([])
    expect(at(69)).toEqual([{ step: 'list', index: 1, forMs: 69, usualMs: 68, known: 21 }])
    const few = { ...NO_HISTORY, ofStep: () => [[1, 2, 3]] }
    expect(slowUnits(readTrace(definition, eventsAt(begun), 1_009_000), few)).toEqual([])
  })

  test('of thousands of items, each forecast looks at a bounded number of units', () => {
    const items = 5_000
    const outlook: Outlook = {
      workflow: 'w',
      slots: 10,
      units: Array.from({ length: items }, (_, place) => ({
        step: 'list',
        uses: 'code',
        needs: [],
        takesSlot: true,
        phase: place < 2_500 ? { kind: 'done', ms: 100 } : { kind: 'ahead' },
      })),
    }
    const told = forecast(outlook, NO_HISTORY, {
      random: createSeededRandom(1),
      elapsedMs: 25_000,
      draws: 20,
    })
    expect(told?.medianMs).toBeGreaterThan(20_000)
    expect(told?.medianMs).toBeLessThan(30_000)
  })
})
