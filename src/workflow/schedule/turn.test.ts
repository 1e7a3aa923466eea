import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { timeKey } from './fire-id.ts'
import { MAX_QUEUED } from './overlap.ts'
import type { CatchUp, Overlap, ScheduleSpec } from './schema.ts'
import type { FireState, ScheduleState } from './state.ts'
import { scheduleAt } from './testing.ts'
import {
  closeTurn,
  dropQueued,
  dueTimes,
  openTurn,
  park,
  takeAgain,
  takeBackfill,
  takeDue,
  takeOccasion,
} from './turn.ts'

const SECOND = 1_000
const TOLERANCE_S = 3

/** A stretch of the world, second by second. */
interface World {
  readonly everyS: number
  readonly seconds: number
  /** Whether somebody looks, by second. */
  readonly isUp: (second: number) => boolean
  /** How long the run of a fire takes. */
  readonly takesS: (scheduledS: number) => number
  readonly catchUp: CatchUp['policy']
  readonly max: number
  readonly overlap: Overlap
  readonly maxFires: number | undefined
}

/** What happened: when each run began, by the second it was meant for, and what did not happen. */
interface Outcome {
  readonly begun: readonly (readonly [scheduled: number, at: number])[]
  readonly missed: number
  readonly skipped: number
  readonly cancelled: readonly number[]
}

/** What ought to happen, told without a cursor, turns or due times. */
function oracle(world: World): Outcome {
  const begun: [number, number][] = []
  const decided = new Set<number>()
  const cancelled = new Set<number>()
  let running: { readonly scheduled: number; endS: number }[] = []
  let waiting: number[] = []
  let [missed, skipped, fired] = [0, 0, 0]
  const begin = (scheduled: number, now: number): void => {
    begun.push([scheduled, now])
    running.push({ scheduled, endS: now + world.takesS(scheduled) })
  }
  for (let now = 0; now <= world.seconds; now++) {
    running = running.filter(({ endS }) => endS > now)
    if (!world.isUp(now)) continue
    const due: number[] = []
    for (let at = world.everyS; at <= now; at += world.everyS) if (!decided.has(at)) due.push(at)
    const isOver = world.maxFires !== undefined && fired >= world.maxFires
    let firing: readonly number[] = []
    if (!isOver && due.length > 0) {
      const last = due.at(-1) ?? 0
      const kept = { last: 1, all: world.max, skip: now - last > TOLERANCE_S ? 0 : 1 }
      firing = kept[world.catchUp] === 0 ? [] : due.slice(-kept[world.catchUp])
      missed += due.length - firing.length
      for (const at of due) decided.add(at)
    }
    for (const at of firing) {
      if (world.maxFires !== undefined && fired >= world.maxFires) continue
      const isFree = running.length === 0 && waiting.length === 0
      if (world.overlap === 'skip' && !isFree) {
        skipped += 1
        continue
      }
      fired += 1
      if (world.overlap === 'allow' || isFree) {
        begin(at, now)
        continue
      }
      if (world.overlap === 'cancel_previous') {
        skipped += waiting.length
        waiting = []
        for (const run of running) {
          cancelled.add(run.scheduled)
          run.endS = Math.min(run.endS, now + 1)
        }
      }
      waiting.push(at)
    }
    const next = waiting[0]
    if (running.length === 0 && next !== undefined) {
      waiting = waiting.slice(1)
      begin(next, now)
    }
  }
  return { begun, missed, skipped, cancelled: [...cancelled] }
}

/** What the rules make of the same world; they are asked only when they said that they had to be. */
function simulate(world: World): Outcome {
  const spec: ScheduleSpec = {
    trigger: { kind: 'interval', every: `${world.everyS}s` },
    catchUp: { policy: world.catchUp, max: world.max, tolerance: `${TOLERANCE_S}s` },
    overlap: world.overlap,
    ...(world.maxFires !== undefined && { maxFires: world.maxFires }),
  }
  let state: ScheduleState = scheduleAt(0, spec)
  const fires = new Map<string, FireState>()
  const endS = new Map<string, number>()
  const begun: [number, number][] = []
  for (let now = 0; now <= world.seconds; now++) {
    for (const [key, fire] of fires) {
      if ((endS.get(key) ?? Number.POSITIVE_INFINITY) <= now)
        fires.set(key, { ...fire, isOpen: false })
    }
    if (!world.isUp(now) || (state.dueAt ?? Number.POSITIVE_INFINITY) > now * SECOND) continue
    const open = [...fires.values()].filter(({ isOpen }) => isOpen)
    const turn = openTurn(state, open, now * SECOND)
    if (state.status === 'active')
      takeDue(turn, dueTimes(state, now * SECOND), new Set(fires.keys()))
    closeTurn(turn)
    expect(turn.changed.size === 0 || turn.events.length > 0).toBe(true)
    state = turn.state
    for (const [key, fire] of turn.changed) {
      const scheduledS = fire.scheduledAt / SECOND
      if (fire.status === 'starting') {
        if (!endS.has(key)) {
          begun.push([scheduledS, now])
          endS.set(key, now + world.takesS(scheduledS))
        }
        if (fire.isCancelled) endS.set(key, Math.min(endS.get(key) ?? now, now + 1))
      }
      fires.set(key, fire)
    }
  }
  const cancelled = [...fires.values()].filter(({ isCancelled }) => isCancelled)
  return {
    begun,
    missed: state.missed,
    skipped: state.skipped,
    cancelled: cancelled.map(({ scheduledAt }) => scheduledAt / SECOND),
  }
}

const worlds = fc
  .record({
    everyS: fc.integer({ min: 1, max: 7 }),
    outages: fc.array(fc.tuple(fc.nat(120), fc.nat(40)), { maxLength: 4 }),
    durations: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
    max: fc.integer({ min: 1, max: 6 }),
    maxFires: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 4 }),
  })
  .map(({ everyS, outages, durations, max, maxFires }) => ({
    everyS,
    max,
    maxFires,
    seconds: 150,
    isUp: (second: number) =>
      !outages.some(([from, long]) => second >= from && second < from + long),
    takesS: (scheduledS: number) => durations[scheduledS % durations.length] ?? 1,
  }))

const CATCH_UPS = ['skip', 'last', 'all'] as const
const OVERLAPS = ['skip', 'queue', 'cancel_previous', 'allow'] as const

describe.each(CATCH_UPS)('catch-up %s', (catchUp) => {
  describe.each(OVERLAPS)('overlap %s', (overlap) => {
    test.prop([worlds], { numRuns: 60 })('fires under outages as it ought to', (world) => {
      expect(simulate({ ...world, catchUp, overlap })).toEqual(
        oracle({ ...world, catchUp, overlap }),
      )
    })
  })
})

const every: ScheduleSpec = { trigger: { kind: 'interval', every: '1m' } }
const MINUTE = 60_000

describe('a turn', () => {
  test('after a long absence takes several, and none of them looks at everything', () => {
    let state = scheduleAt(0, { ...every, catchUp: { policy: 'all', max: 5 } })
    const fired: number[] = []
    const now = 2_500 * MINUTE + 1
    let turns = 0
    while ((state.dueAt ?? Number.POSITIVE_INFINITY) <= now) {
      const turn = openTurn(state, [], now)
      takeDue(turn, dueTimes(state, now), new Set())
      state = closeTurn(turn).state
      turns += 1
      for (const fire of turn.changed.values()) fired.push(fire.scheduledAt / MINUTE)
    }
    expect(fired).toEqual([2_496, 2_497, 2_498, 2_499, 2_500])
    expect([state.missed, turns]).toEqual([2_495, 3])
  })

  test('ends a schedule for its end, its last time, or its last fire, and says which', () => {
    const ended = (spec: ScheduleSpec, now: number): unknown => {
      const state = scheduleAt(0, spec)
      const turn = openTurn({ ...state, cursor: -1 }, [], now)
      takeDue(turn, dueTimes(turn.state, now), new Set())
      closeTurn(turn)
      expect(turn.state.dueAt).toBeUndefined()
      return [turn.state.status, turn.events.at(-1)?.data]
    }
    expect(ended({ ...every, end: '1970-01-01T00:10Z' }, 10 * MINUTE)).toEqual([
      'ended',
      { reason: 'end' },
    ])
    expect(ended({ trigger: { kind: 'now' } }, 5)).toEqual(['ended', { reason: 'no-more-times' }])
    expect(ended({ ...every, maxFires: 1 }, 2 * MINUTE)).toEqual(['ended', { reason: 'max-fires' }])
  })

  test('a schedule without times is looked at for its end', () => {
    const turn = openTurn(
      scheduleAt(0, { trigger: { kind: 'manual' }, end: '1970-01-01T00:10Z' }),
      [],
      1,
    )
    expect(closeTurn(turn).state.dueAt).toBe(10 * MINUTE)
  })

  test('does not fire again what has fired', () => {
    const state = scheduleAt(0, every)
    const turn = openTurn(state, [], MINUTE)
    takeDue(turn, dueTimes(state, MINUTE), new Set([timeKey(MINUTE)]))
    expect(closeTurn(turn).changed.size).toBe(0)
    expect(turn.state.cursor).toBe(MINUTE)
  })

  test('delays each fire by its jitter, always the same, and in order', () => {
    const state = scheduleAt(0, { ...every, jitter: '5m' })
    const begun: number[] = []
    let at = state
    for (let now = 0; now < 100 * MINUTE; now += 1_000) {
      const turn = openTurn(at, [], now)
      takeDue(turn, dueTimes(at, now), new Set())
      at = { ...closeTurn(turn).state, spec: { ...state.spec, overlap: 'allow' } }
      for (const fire of turn.changed.values()) {
        begun.push(fire.scheduledAt)
        expect(now - fire.scheduledAt).toBeGreaterThanOrEqual(0)
      }
    }
    expect(begun).toEqual(begun.toSorted((a, b) => a - b))
    expect(begun.length + at.missed).toBeGreaterThan(90)
    const due = dueTimes(state, 0)
    expect(dueTimes(state, 0).nextAt).toBe(due.nextAt)
    expect(due.nextAt).toBeGreaterThan(MINUTE)
  })

  test('fills a range with as many runs at once as were asked for', () => {
    const turn = openTurn(scheduleAt(0, every), [], 10 * MINUTE)
    takeBackfill(turn, [1, 2, 3, 4, 5], { id: 'b', concurrency: 2 })
    const first = closeTurn(turn)
    const starting = (): number[] =>
      [...first.open.values()]
        .filter(({ status }) => status === 'starting')
        .map(({ scheduledAt }) => scheduledAt)
    expect(starting()).toEqual([1, 2])
    const rest = [...first.open.values()].filter(({ scheduledAt }) => scheduledAt !== 1)
    const second = closeTurn(openTurn(first.state, rest, 11 * MINUTE))
    expect([...second.changed.values()].map(({ scheduledAt }) => scheduledAt)).toEqual([3])
    expect(second.state.fires).toBe(0)
  })

  test('what waits is left out when there are too many, or the schedule goes', () => {
    const state = scheduleAt(0, { trigger: { kind: 'manual' }, overlap: 'queue' })
    const turn = openTurn(state, [], 0)
    const fires = Array.from({ length: MAX_QUEUED + 2 }, (_, index) =>
      takeOccasion(turn, { key: `manual-${index}`, cause: 'manual', scheduledAt: index }),
    )
    expect(fires[0]?.status).toBe('starting')
    expect(fires[MAX_QUEUED]?.status).toBe('queued')
    expect(fires.at(-1)).toMatchObject({
      status: 'skipped',
      reason: { code: 'schedule.queue-full' },
    })
    dropQueued(turn, { code: 'schedule.deleted', message: 'gone' })
    expect(turn.open.size).toBe(1)
  })

  test('a fire that could not begin is parked with its reason, and tried again when asked', () => {
    const turn = openTurn(scheduleAt(0, { trigger: { kind: 'manual' } }), [], 0)
    const fire = takeOccasion(turn, { key: 'manual-1', cause: 'manual', scheduledAt: 0 })
    if (fire === undefined) throw new TypeError('no fire')
    const reason = { code: 'ledger.insufficient-credit', message: 'too little' } as const
    park(turn, fire, reason)
    expect(turn.changed.get('manual-1')).toMatchObject({ status: 'parked', reason, isOpen: false })
    expect(turn.state.parked).toBe(1)
    takeAgain(turn, turn.changed.get('manual-1') ?? fire)
    closeTurn(turn)
    expect(turn.changed.get('manual-1')).toMatchObject({ status: 'starting', run: fire.run })
    expect(turn.changed.get('manual-1')).not.toHaveProperty('reason')
    expect(turn.state.parked).toBe(0)
  })
})
