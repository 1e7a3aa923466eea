import type { JsonObject } from '../kernel/json.ts'

import type { ProgressEvent } from './event.ts'

/** A fact of a test run: kind, data, and milliseconds since the fact before, 1,000 by default. */
export type TestFact =
  | readonly [kind: string, data?: JsonObject]
  | readonly [kind: string, data: JsonObject, afterMs: number]

/** Events of one run, from facts. */
export function eventsOf(facts: readonly TestFact[], run = 'run_1'): ProgressEvent[] {
  let at = 1_000_000
  return facts.map(([kind, data = {}, afterMs = 1_000], index) => {
    at += afterMs
    return { stream: run, version: index + 1, kind, at, data }
  })
}

/** A fact at a time of its own. */
export interface TimedFact {
  readonly atMs: number
  readonly kind: string
  readonly data: JsonObject
}

/** Events of one run from facts in any order, by their times; `startMs` is when the run begins. */
export function eventsAt(facts: readonly TimedFact[], startMs = 1_000_000): ProgressEvent[] {
  return facts
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, kind, data }, index) => ({
      stream: 'run_1',
      version: index + 1,
      kind,
      at: startMs + atMs,
      data,
    }))
}

/** A step of a run that is made up. */
export interface MadeUpStep {
  readonly needs: readonly string[]
  readonly ms: number
}

/** A definition of steps that need others. */
export function definitionOf(
  steps: Readonly<Record<string, MadeUpStep>>,
  head: JsonObject = {},
): JsonObject {
  const entries = Object.entries(steps).map(([name, { needs }]) => [
    name,
    { uses: 'code', needs: [...needs] },
  ])
  return { name: 'made-up', ...head, steps: Object.fromEntries(entries) }
}

/** The events of a run whose steps all begin as soon as what they need has ended. */
export function runOf(steps: Readonly<Record<string, MadeUpStep>>): ProgressEvent[] {
  const ends = new Map<string, number>()
  const endOf = (name: string): number => {
    const known = ends.get(name)
    if (known !== undefined) return known
    const { needs = [], ms = 0 } = steps[name] ?? {}
    const end = Math.max(0, ...needs.map(endOf)) + ms
    ends.set(name, end)
    return end
  }
  const facts = Object.entries(steps).flatMap(([step, { ms }]): TimedFact[] => [
    { atMs: endOf(step) - ms, kind: 'step.started', data: { step, attempt: 1 } },
    { atMs: endOf(step), kind: 'step.completed', data: { step, output: null, ms } },
  ])
  const last = Math.max(0, ...ends.values())
  const begun: TimedFact[] = [
    { atMs: 0, kind: 'run.created', data: { name: 'made-up', budget: '0' } },
    { atMs: 0, kind: 'run.started', data: { worker: 'w' } },
  ]
  const done: TimedFact = { atMs: last, kind: 'run.completed', data: { output: null, cost: '0' } }
  return eventsAt([...begun, ...facts, done])
}
