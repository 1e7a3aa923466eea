import { describe, expect, test } from 'vitest'

import { createSeededRandom, uniform } from '../../kernel/random.ts'
import { metrics as metricsSchema } from '../schema.ts'
import { eventsOf, type TestFact } from '../testing.ts'
import { readTrace } from '../trace/read-trace.ts'

import { findChanges } from './change-points.ts'
import { statsOf } from './metrics.ts'
import { type RunSummary, type StepSummary, summarise } from './summary.ts'

/** Nearly normal: twelve uniform numbers. */
function noise(seed: number, length: number): number[] {
  const random = createSeededRandom(seed)
  return Array.from({ length }, () => {
    let sum = -6
    for (let each = 0; each < 12; each++) sum += uniform(random)
    return sum
  })
}

describe('changes of a level', () => {
  test('are found in about one in a hundred series of noise', () => {
    const alarms = Array.from({ length: 200 }, (_, seed) => seed).filter(
      (seed) => findChanges(noise(seed, 30), createSeededRandom(seed)).length > 0,
    )
    // Of 200 at 1 %, more than 7 would happen in fewer than one case in a hundred.
    expect(alarms.length).toBeLessThanOrEqual(7)
  })

  test('of two standard deviations are found where they are, nearly always', () => {
    const off = Array.from({ length: 40 }, (_, seed) => {
      const values = noise(1_000 + seed, 40).map((value, place) => value + (place >= 25 ? 2 : 0))
      const [change] = findChanges(values, createSeededRandom(seed))
      return change === undefined ? Infinity : Math.abs(change.place - 25)
    })
    expect(off.filter((each) => each <= 2).length).toBeGreaterThanOrEqual(34)
  })

  test('two of them are told apart, with the levels between them', () => {
    const values = noise(5, 60).map(
      (value, place) => value + (place < 20 ? 0 : place < 40 ? 6 : -6),
    )
    const found = findChanges(values, createSeededRandom(1))
    expect(found.map(({ place }) => place)).toEqual([20, 40])
    expect(found.map(({ before, after }) => [Math.round(before), Math.round(after)])).toEqual([
      [0, 6],
      [6, -6],
    ])
  })

  test('there is none in a level series, nor in a short one', () => {
    expect(
      findChanges(
        Array.from({ length: 50 }, () => 3),
        createSeededRandom(1),
      ),
    ).toEqual([])
    expect(findChanges([0, 0, 0, 9, 9, 9], createSeededRandom(1))).toEqual([])
  })
})

const definition = {
  name: 'flow',
  steps: { a: { uses: 'code' }, list: { uses: 'model', needs: 'a', forEach: [1, 2] } },
}
const facts: readonly TestFact[] = [
  ['run.created', { name: 'flow', budget: '9' }],
  ['run.started', { worker: 'w' }, 500],
  ['step.started', { step: 'a', attempt: 1 }, 500],
  [
    'step.completed',
    { step: 'a', ms: 1, output: null, cost: '5', usage: [{ resource: 'cpu_cores', coreMs: 80 }] },
    4_000,
  ],
  ['step.expanded', { step: 'list', count: 2 }, 0],
  ['step.started', { step: 'list', index: 0, attempt: 1 }, 0],
  ['step.started', { step: 'list', index: 1, attempt: 1 }, 1_000],
  [
    'step.completed',
    {
      step: 'list',
      index: 0,
      ms: 1,
      output: null,
      usage: [{ resource: 'model_inference_tokens', model: 'm', inputTokens: 7, outputTokens: 3 }],
    },
    1_000,
  ],
  ['step.failed', { step: 'list', index: 1, error: { code: 'x.y', message: '' } }, 1_000],
  ['run.failed', { error: { code: 'x.y', message: '' }, cost: '5' }, 0],
]
const summary = (): { readonly run: RunSummary; readonly steps: readonly StepSummary[] } =>
  summarise(readTrace(definition, eventsOf(facts)), {
    outcome: 'failed',
    createdAt: 1_001_000,
    cost: 5n,
    errorCode: 'x.y',
  })

describe('figures of runs', () => {
  test('a run and its steps are summed up', () => {
    const { run, steps } = summary()
    expect(run).toMatchObject({
      workflow: 'flow',
      durations: [7_500],
      latencies: [1_000],
      completed: 0,
      failed: 1,
      coreMs: 80,
      inputTokens: 7,
      outputTokens: 3,
      workMs: 4_000 + 2_000 + 2_000,
      unitMs: 4_500 + 2_000 + 3_000,
    })
    expect(steps).toMatchObject([
      {
        step: 'a',
        uses: 'code',
        durations: [4_000],
        latencies: [500],
        completed: 1,
        items: undefined,
      },
      {
        step: 'list',
        uses: 'model',
        durations: [2_000],
        latencies: [0, 1_000],
        completed: 1,
        failed: 1,
        items: 2,
        coreMs: undefined,
      },
    ])
  })

  test('all eight metrics are told, and what nobody measured is absent', () => {
    const { run, steps } = summary()
    const completed = {
      ...run,
      run: 'run_2',
      outcome: 'completed',
      completed: 1,
      failed: 0,
    } as const
    const stats = statsOf({
      workflow: 'flow',
      runs: [run, { ...completed, cost: 10n }],
      steps,
      isPartial: false,
      by: 'hour',
      since: 0,
      until: 7_200_000,
    })
    expect(Object.keys(stats.metrics).toSorted()).toEqual(
      Object.keys(metricsSchema.shape).toSorted(),
    )
    expect(stats.metrics).toMatchObject({
      execution_time: { n: 2, mean: 7_500, p50: 7_500, p95: 7_500, max: 7_500 },
      latency: { n: 2, p50: 1_000 },
      success_rate: 0.5,
      error_rate: 0.5,
      throughput: 1,
      cost: { total: 15n, mean: 8n },
      efficiency: 8_000 / 9_500,
      resource_usage: { coreMs: 160, inputTokens: 14, outputTokens: 6 },
    })
    expect(stats.errors).toEqual([{ code: 'x.y', count: 1 }])
    expect(stats.steps.find(({ step }) => step === 'list')?.metrics.resource_usage).toEqual({
      inputTokens: 7,
      outputTokens: 3,
    })
    const nothing = statsOf({
      workflow: undefined,
      runs: [],
      steps: [],
      isPartial: false,
      by: 'day',
      since: 0,
      until: 1,
    })
    expect(nothing.metrics).toEqual({ throughput: 0, cost: { total: 0n, mean: 0n } })
  })

  test('a step that became slower shows in the trend of its workflow, at its hour', () => {
    const { run } = summary()
    const values = noise(3, 48)
    const runs = values.map((value, hour) => ({
      ...run,
      endedAt: hour * 3_600_000 + 5,
      durations: [10_000 + 500 * value + (hour >= 30 ? 5_000 : 0)],
    }))
    const { trends } = statsOf({
      workflow: 'flow',
      runs,
      steps: [],
      isPartial: false,
      by: 'hour',
      since: 0,
      until: 1,
    })
    const byMetric = new Map(trends.map((trend) => [trend.metric, trend.changes]))
    expect(byMetric.get('execution_time')).toMatchObject([{ at: 30 * 3_600_000 }])
    expect(byMetric.get('cost')).toEqual([])
    expect(byMetric.get('error_rate')).toEqual([])
    expect(byMetric.get('throughput')).toEqual([])
  })
})
