import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { checkDefinition } from '../definition/check.ts'
import { defineStepKind } from '../steps/step-kind.ts'

import { applyEvent } from './apply.ts'
import { decideStart, decideSuccess } from './decide-step.ts'
import { unitKey } from './events.ts'
import { rankOf } from './learn.ts'
import { nextUnits } from './ready.ts'
import { createRunState, type RunState } from './state.ts'

const task = defineStepKind({
  name: 'task',
  summary: 'Runs a program.',
  with: z.strictObject({ program: z.string().optional() }),
  programBy: ['program'],
  run: async () => ({ output: null }),
})

/** A running state of steps with a program and needs each. */
function begin(
  steps: Record<string, { program?: string; needs?: readonly string[]; [key: string]: unknown }>,
  concurrency = 1,
): RunState {
  const written = Object.entries(steps).map(([name, { program, ...rest }]) => [
    name,
    { uses: 'task', with: program === undefined ? {} : { program }, ...rest },
  ])
  const value = {
    apiVersion: 'prsm/v1',
    name: 'x',
    concurrency,
    steps: Object.fromEntries(written),
  }
  const checked = checkDefinition(
    { value, file: undefined, place: () => undefined },
    new Map([[task.name, task]]),
  )
  if (!checked.ok) throw new Error(JSON.stringify(checked.refusal))
  const state = createRunState(checked.value)
  applyEvent(state, { kind: 'run.started', data: { worker: 'w' } }, 0)
  return state
}

const next = (state: RunState, now = 0): string[] =>
  nextUnits(state, { limit: 99, busy: new Set(), now }).map(unitKey)

function start(state: RunState, step: string, at: number): void {
  for (const event of decideStart(state, { step }, 0n)) applyEvent(state, event, at)
}

function end(state: RunState, step: string, { ms, at }: { ms: number; at: number }): void {
  const success = { output: null, isDone: true, ms, now: at, usage: [], cost: 0n }
  for (const event of decideSuccess(state, { step }, success)) applyEvent(state, event, at)
}

/** Runs one step after the other, as the state wants it; gives their order. */
function runAll(state: RunState, msOf: (step: string) => number): string[] {
  const order: string[] = []
  for (let at = 0, [step] = next(state); step !== undefined; [step] = next(state)) {
    order.push(step)
    start(state, step, at)
    at += msOf(step)
    end(state, step, { ms: msOf(step), at })
  }
  return order
}

describe('the order of what is ready', () => {
  test('follows how long steps of the same program took', () => {
    const state = begin({
      a_1: { program: 'short' },
      a_2: { program: 'short' },
      a_3: { program: 'short' },
      b_1: { program: 'long' },
      b_2: { program: 'long' },
    })
    // One of each is tried; then what takes longest comes first.
    expect(runAll(state, (step) => (step.startsWith('b') ? 900 : 10))).toEqual([
      'a_1',
      'b_1',
      'b_2',
      'a_2',
      'a_3',
    ])
  })

  test('counts what depends on a step, with the durations that were learnt', () => {
    const state = begin({
      probe: { program: 'long' },
      quick: { program: 'short' },
      hops: { program: 'short', needs: ['quick'] },
      more: { program: 'short', needs: ['hops'] },
      wide: { program: 'short' },
      slow: { program: 'long', needs: ['wide'] },
    })
    expect(next(state)).toEqual(['quick'])
    expect(runAll(state, (step) => (['probe', 'slow'].includes(step) ? 500 : 10))).toEqual([
      'quick',
      'probe',
      'wide',
      'slow',
      'hops',
      'more',
    ])
  })

  test('counts a step that is under way for as long as it has taken already', () => {
    const state = begin(
      {
        under: { program: 'unknown' },
        c_1: { program: 'known' },
        c_2: { program: 'known' },
        d_1: { program: 'unknown' },
      },
      2,
    )
    expect(next(state)).toEqual(['under', 'c_1'])
    start(state, 'under', 0)
    start(state, 'c_1', 0)
    end(state, 'c_1', { ms: 40, at: 40 })
    expect(next(state)).toEqual(['c_2'])
    start(state, 'c_2', 40)
    end(state, 'c_2', { ms: 40, at: 900 })
    expect(rankOf(state, 'd_1')).toBe(900)
  })

  test('knows items of a list by their number', () => {
    const state = begin({
      list: { program: 'item', forEach: [1] },
      single: { program: 'item' },
      other: { program: 'item' },
    })
    applyEvent(state, { kind: 'step.expanded', data: { step: 'list', count: 5 } }, 0)
    start(state, 'single', 0)
    end(state, 'single', { ms: 100, at: 100 })
    expect(next(state)[0]).toBe('list[0]')
    expect(rankOf(state, 'list')).toBe(500)
  })

  test('stays as it is where everything has room, or all durations are stated', () => {
    const wide = begin({ a: {}, b: {} }, 2)
    const stated = begin({ a: { resources: { seconds: 2 } }, b: { resources: { seconds: 1 } } })
    for (const state of [wide, stated]) {
      start(state, 'a', 0)
      end(state, 'a', { ms: 5, at: 5 })
      expect(state.learnt.units).toBe(0)
    }
  })

  test('is computed rarely enough: 2,000 steps of a wide graph take no time worth speaking of', () => {
    const steps = Array.from({ length: 2_000 }, (_, index) => [`s_${index}`, {}] as const)
    const state = begin(Object.fromEntries(steps), 4)
    let computed = 0
    let ranks = state.learnt.ranks
    for (const [step] of steps) {
      start(state, step, 0)
      end(state, step, { ms: 1, at: 1 })
      if (state.learnt.ranks !== ranks) computed++
      ranks = state.learnt.ranks
    }
    expect(computed).toBeLessThanOrEqual(64)
  })
})

test('a step without what tells programs apart is known by its name, its number left out', () => {
  const { steps } = begin({ align_1: {}, align22: {}, x: { program: 'p' } }).workflow
  expect([...steps.values()].map(({ program }) => program)).toEqual([
    'task align',
    'task align',
    'task program=p',
  ])
})
