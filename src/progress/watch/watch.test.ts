import { describe, expect, test } from 'vitest'

import { nextLocalTime } from '../../kernel/local-time.ts'
import { toMicroFtns } from '../../kernel/money.ts'
import { alert, type Alert, objective, severity, type Sla } from '../schema.ts'
import { madeUpEnd } from '../store/testing.ts'

import { findEnded, judgeOpen, judgeShare, type OpenRun } from './judge.ts'
import { reportSlas } from './report.ts'

const HOUR = 3_600_000
/** 2026-03-01T00:00:00Z */
const NOW = 1_772_323_200_000

const sla: Sla = {
  workflow: 'w',
  finishBy: { time: '06:00', zone: 'Europe/Berlin' },
  durationMs: HOUR,
  cost: toMicroFtns(100n),
  successShare: 0.9,
  setAt: 0,
}
const open: OpenRun = {
  run: 'run_a',
  now: NOW,
  createdAt: NOW,
  startedAt: NOW,
  percent: 50,
  cost: 0n,
  forecast: { lowMs: 1, medianMs: 2, highMs: 3 },
  slow: [],
}
const told = (more: Partial<OpenRun>): readonly (readonly [string, string])[] =>
  judgeOpen(sla, { ...open, ...more }).map(({ kind, key }) => [kind, key])

describe('the clocks of a place', () => {
  const berlin = (from: number, minutes: number): string => {
    const at = nextLocalTime(from, minutes, 'Europe/Berlin')
    return new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'UTC',
      dateStyle: 'short',
      timeStyle: 'short',
    }).format(at)
  }

  test('show a time of day next today, or tomorrow', () => {
    expect(berlin(NOW, 6 * 60)).toBe('2026-03-01 05:00')
    expect(berlin(NOW + 5 * HOUR, 6 * 60)).toBe('2026-03-01 05:00')
    expect(berlin(NOW + 5 * HOUR + 1, 6 * 60)).toBe('2026-03-02 05:00')
  })

  test('are an hour ahead once summer time has begun', () => {
    // 2026-03-28T12:00Z: the next six in the morning is after the change.
    expect(berlin(NOW + 27 * 24 * HOUR + 12 * HOUR, 6 * 60)).toBe('2026-03-29 04:00')
    // Half past two does not exist on that day.
    expect(berlin(NOW + 27 * 24 * HOUR + 12 * HOUR, 2 * 60 + 30)).toBe('2026-03-29 01:30')
  })

  test('show an hour twice when it ends, of which the first is meant', () => {
    // 2026-10-24T12:00Z
    expect(berlin(NOW + 237 * 24 * HOUR + 12 * HOUR, 2 * 60 + 30)).toBe('2026-10-25 00:30')
  })
})

describe('a run of which something is promised', () => {
  test('is told of nothing while it will be in time', () => {
    expect(told({})).toEqual([])
  })

  test('is at risk before the promise is broken, and breaks it once', () => {
    const late = { lowMs: 1, medianMs: HOUR / 2, highMs: HOUR + 1 }
    expect(told({ forecast: late })).toEqual([['sla.at-risk', 'risk run_a duration']])
    expect(told({ now: NOW + HOUR + 1 })).toEqual([['sla.breached', 'breach run_a duration']])
    expect(told({ startedAt: undefined, now: NOW + HOUR + 1 })).toHaveLength(1)
    const night = { lowMs: 1, medianMs: 1, highMs: 6 * HOUR }
    expect(told({ forecast: night }).map(([, key]) => key)).toEqual([
      'risk run_a finish_by',
      'risk run_a duration',
    ])
  })

  test('is told of nothing when nothing tells how long it takes', () => {
    expect(told({ forecast: undefined })).toEqual([])
  })

  test('may cost too much in the end, and then does', () => {
    expect(told({ cost: 51n, percent: 50 })).toEqual([['sla.at-risk', 'risk run_a cost']])
    expect(told({ cost: 51n, percent: 5 })).toEqual([])
    expect(told({ cost: 101n })).toEqual([['sla.breached', 'breach run_a cost']])
  })

  test('says which of its steps are slow', () => {
    const slow = [{ step: 's', index: 3, forMs: 90_000, usualMs: 60_000, known: 40 }]
    expect(judgeOpen(sla, { ...open, slow })).toMatchObject([
      {
        kind: 'step.slow',
        severity: 'info',
        message: 'step s[3] has taken 1m30s; 95 of 100 (of 40) took 1m00s at most',
      },
    ])
  })

  test('is judged at its end; what was cancelled broke nothing', () => {
    const { run } = madeUpEnd('run_a', NOW + 2 * HOUR, { createdAt: NOW, startedAt: NOW, cost: 7n })
    expect(findEnded(sla, run).map(({ key, message }) => [key, message])).toEqual([
      ['breach run_a duration', 'it ended 1h00m too late (duration)'],
    ])
    expect(findEnded(sla, { ...run, cost: 101n })).toHaveLength(2)
    expect(findEnded(sla, { ...run, outcome: 'failed' }).map(({ message }) => message)).toEqual([
      'it was failed instead of done (finish_by)',
      'it ended 1h00m too late (duration)',
    ])
    expect(findEnded(sla, { ...run, outcome: 'cancelled' })).toEqual([])
  })

  test('the share of those that complete is judged from five runs on', () => {
    expect(judgeShare(sla, { completed: 3, failed: 1 }, NOW)).toBeUndefined()
    expect(judgeShare(sla, { completed: 9, failed: 1 }, NOW)).toBeUndefined()
    expect(judgeShare(sla, { completed: 8, failed: 2 }, NOW)).toMatchObject({
      kind: 'sla.share-broken',
      severity: 'critical',
      message: 'of 10 runs in 7 days 80 % completed, less than 90 %',
    })
  })

  test('every severity and kind of alert is raised', () => {
    const slow = [{ step: 's', index: undefined, forMs: 9, usualMs: 6, known: 40 }]
    const late = { lowMs: 1, medianMs: 1, highMs: HOUR + 1 }
    const findings = [
      ...judgeOpen(sla, { ...open, slow, forecast: late }),
      ...judgeOpen(sla, { ...open, now: NOW + HOUR + 1 }),
      judgeShare(sla, { completed: 0, failed: 9 }, NOW),
    ]
    const severities = new Set(findings.map((each) => each?.severity))
    expect([...severities].toSorted()).toEqual(severity.options.toSorted())
    const kinds = new Set(findings.map((each): Alert['kind'] | undefined => each?.kind))
    expect([...kinds].toSorted()).toEqual(alert.shape.kind.options.toSorted())
  })
})

test('a report says of every objective how often it was kept', () => {
  const runs = [
    madeUpEnd('run_a', NOW + HOUR / 2, { createdAt: NOW, startedAt: NOW, cost: 7n }).run,
    madeUpEnd('run_b', NOW + 8 * HOUR, { createdAt: NOW, startedAt: NOW, cost: 700n }).run,
    madeUpEnd('run_c', NOW + 1, { createdAt: NOW, outcome: 'failed', cost: 7n }).run,
    madeUpEnd('run_d', NOW + 1, { createdAt: NOW, outcome: 'cancelled' }).run,
    madeUpEnd('run_e', NOW + 1, { workflow: 'other' }).run,
  ]
  const report = reportSlas([sla], runs, { since: 0, until: NOW })
  expect(report.workflows).toMatchObject([{ workflow: 'w', runs: 3 }])
  const { objectives = [] } = report.workflows[0] ?? {}
  expect(objectives.map((each) => each.objective).toSorted()).toEqual(objective.options.toSorted())
  expect(
    objectives.map(({ target, met, missed, isKept }) => [target, met, missed, isKept]),
  ).toEqual([
    ['by 06:00 Europe/Berlin', 1, 2, false],
    ['within 1h00m', 1, 2, false],
    ['at most 0.0001 FTNS', 2, 1, false],
    ['at least 90 % completed', 2, 1, false],
  ])
  expect(reportSlas([sla], [], { since: 0, until: 1 }).workflows[0]?.objectives[0]).toEqual({
    objective: 'finish_by',
    target: 'by 06:00 Europe/Berlin',
    met: 0,
    missed: 0,
    isKept: true,
  })
})
