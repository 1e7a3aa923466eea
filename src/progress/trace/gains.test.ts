import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../../kernel/json.ts'
import { NO_HISTORY } from '../estimate/history.ts'
import { recommendation } from '../schema.ts'
import { eventsAt, type TimedFact } from '../testing.ts'

import { type Bottlenecks, findBottlenecks } from './bottlenecks.ts'
import { toChromeTrace } from './chrome-trace.ts'
import { toOtlp } from './otel.ts'
import { readTrace } from './read-trace.ts'

const at = (atMs: number, kind: string, data: JsonObject): TimedFact => ({ atMs, kind, data })
const start = (atMs: number, step: string, more: JsonObject = {}): TimedFact =>
  at(atMs, 'step.started', { step, attempt: 1, ...more })
const done = (atMs: number, step: string, more: JsonObject = {}): TimedFact =>
  at(atMs, 'step.completed', { step, output: null, ms: 1, ...more })
const found = (definition: JsonObject, facts: readonly TimedFact[]): Bottlenecks => {
  const events = eventsAt([at(0, 'run.started', { worker: 'w' }), ...facts])
  return findBottlenecks(readTrace(definition, events), NO_HISTORY)
}
const gains = ({ recommendations }: Bottlenecks): readonly (readonly [string, number])[] =>
  recommendations.map(({ kind, step, gainMs }) => [`${kind} ${step ?? ''}`.trim(), gainMs])
const code = { uses: 'code' }

describe('what would have made a run shorter', () => {
  test('a second unit at once, by as much as the replay says', () => {
    const definition = { name: 'w', concurrency: 1, steps: { a: code, b: code } }
    const run = found(definition, [
      start(0, 'a'),
      done(4_000, 'a'),
      start(4_000, 'b'),
      done(10_000, 'b'),
    ])
    expect(gains(run)).toEqual([
      ['concurrency', 4_000],
      ['faster-step b', 3_000],
    ])
    expect(run.byKind).toEqual({ queue: 4_000, work: 6_000 })
  })

  test('halving a step gains no more than the step beside it allows', () => {
    const definition = {
      name: 'w',
      steps: { a: code, b: code, end: { uses: 'code', needs: ['a', 'b'] } },
    }
    const run = found(definition, [
      start(0, 'a'),
      start(0, 'b'),
      done(9_000, 'b'),
      done(10_000, 'a'),
      start(10_000, 'end'),
      done(12_000, 'end'),
    ])
    expect(gains(run)).toEqual([
      ['faster-step a', 1_000],
      ['faster-step end', 1_000],
    ])
  })

  test('more items at once, tries that succeed, answers at once, and a worker that is free', () => {
    const definition = {
      name: 'w',
      steps: {
        list: { uses: 'code', forEach: { items: [1, 2], maxConcurrency: 1 } },
        flaky: { uses: 'code', needs: 'list' },
        ask: { uses: 'approval', needs: 'flaky' },
        far: { uses: 'code', needs: 'ask' },
      },
    }
    const error = { code: 'x.y', message: '' }
    const run = found(definition, [
      at(0, 'step.expanded', { step: 'list', count: 2 }),
      start(0, 'list', { index: 0 }),
      done(1_000, 'list', { index: 0 }),
      start(1_000, 'list', { index: 1 }),
      done(2_000, 'list', { index: 1 }),
      start(2_000, 'flaky'),
      at(5_000, 'step.retrying', { step: 'flaky', attempt: 1, error, dueAt: 0 }),
      start(6_000, 'flaky', { attempt: 2 }),
      done(7_000, 'flaky'),
      at(7_000, 'step.waiting', { step: 'ask', attempt: 1, for: 'signal' }),
      done(17_000, 'ask'),
      at(17_000, 'step.waiting', { step: 'far', attempt: 1, for: 'task' }),
      at(20_000, 'step.assigned', { step: 'far' }),
      done(21_000, 'far'),
    ])
    expect(run.byKind).toEqual({
      queue: 1_000,
      work: 3_000,
      retry: 4_000,
      approval: 10_000,
      resource: 3_000,
    })
    expect(gains(run)).toEqual([
      ['sooner-answer ask', 10_000],
      ['fewer-retries flaky', 4_000],
      ['more-workers far', 3_000],
      ['faster-step list', 1_000],
      ['items list', 1_000],
      ['faster-step flaky', 500],
      ['faster-step far', 500],
    ])
    const kinds = new Set([...run.recommendations.map(({ kind }) => kind), 'concurrency'])
    expect([...kinds].toSorted()).toEqual(recommendation.shape.kind.options.toSorted())
  })
})

const exported = readTrace(
  { name: 'w', steps: { a: code, b: code, c: { uses: 'code', needs: 'a' } } },
  eventsAt([
    at(0, 'run.started', { worker: 'w' }),
    start(0, 'a'),
    start(0, 'b'),
    done(4_000, 'a', { cost: '7', usage: [{ resource: 'cpu_cores', coreMs: 90 }] }),
    at(5_000, 'step.failed', { step: 'b', error: { code: 'x.y', message: 'no' } }),
    start(4_500, 'c'),
    done(6_000, 'c'),
    at(6_000, 'run.failed', { error: { code: 'x.y', message: 'no' }, cost: '7' }),
  ]),
)

describe('a run for other tools', () => {
  test('as a Chrome trace: slices nest in their lanes, times are microseconds', () => {
    const { traceEvents } = toChromeTrace(exported)
    if (!Array.isArray(traceEvents)) throw new TypeError('no events')
    const slices = traceEvents.filter(
      (event): event is { name: string; ts: number; dur: number; tid: number; ph: 'X' } =>
        typeof event === 'object' && event !== null && 'ph' in event && event['ph'] === 'X',
    )
    expect(slices.map(({ name, ts, dur, tid }) => [name, ts, dur, tid])).toEqual([
      ['a', 0, 4_000_000, 1],
      ['work', 0, 4_000_000, 1],
      ['b', 0, 5_000_000, 2],
      ['work', 0, 5_000_000, 2],
      ['c', 4_000_000, 2_000_000, 1],
      ['queue', 4_000_000, 500_000, 1],
      ['work', 4_500_000, 1_500_000, 1],
    ])
    for (const one of slices) {
      for (const other of slices) {
        if (one.tid !== other.tid || one === other) continue
        const [first, second] = one.ts <= other.ts ? [one, other] : [other, one]
        const isApart = first.ts + first.dur <= second.ts
        const isWithin = first.ts + first.dur >= second.ts + second.dur || first.ts === second.ts
        expect(isApart || isWithin).toBe(true)
      }
    }
  })

  test('as spans of OpenTelemetry: one trace, the run as root, ids of the right length', () => {
    const otlp = toOtlp(exported, 'error')
    expect(otlp).toEqual(toOtlp(exported, 'error'))
    const text = JSON.stringify(otlp)
    const ids = (name: string): readonly string[] =>
      [...text.matchAll(new RegExp(`"${name}":"([0-9a-f]*)"`, 'g'))].map(([, id = '']) => id)
    expect(new Set(ids('traceId')).size).toBe(1)
    expect(ids('traceId').every((id) => id.length === 32)).toBe(true)
    expect(new Set(ids('spanId')).size).toBe(4)
    expect(new Set(ids('parentSpanId'))).toEqual(new Set([ids('spanId')[0]]))
    expect(text).toContain('"startTimeUnixNano":"1000000000000"')
    expect(text).toContain('{"key":"prsm.cpu.core_ms","value":{"intValue":"90"}}')
    expect(text).toContain('"status":{"code":2,"message":"x.y"}')
  })
})
