import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import { createSeededRandom, integerBelow, type Random, uniform } from '../../kernel/random.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { restoreSnapshot, takeSnapshot } from '../history/snapshot.ts'

import { applyEvent } from './apply.ts'
import { decideControl } from './decide-control.ts'
import type { UndoUnit } from './decide-rollback.ts'
import { decideFinish, decideHandover, decideTakeover, nextMove } from './decide-run.ts'
import { decideFailure, decideStart, decideSuccess, plainFailure } from './decide-step.ts'
import { decideUndoSuccess, MAX_CRASHES } from './decide-undo.ts'
import { decideDue, decideSignal, decideWait } from './decide-wait.ts'
import { type RunEvent, unitKey, unitRef, type UnitRef } from './events.ts'
import { nextUnits } from './ready.ts'
import { createRunState, isFinal, type RunState } from './state.ts'
import { compile, created, fold } from './testing.ts'

/** What a step does, whenever and however often it is begun. */
interface Fate {
  /** Tries that fail before one that does not; more than its retries: it fails for good. */
  readonly fails: number
  readonly cost: number
  readonly items: number
}

interface Plan {
  readonly flow: CompiledWorkflow
  readonly fates: ReadonlyMap<string, Fate>
}

const MAX_RETRIES = 2
const FOREVER = 99
const act = { retry: { max: MAX_RETRIES, initial: '1s' } }
const undone = { compensate: { uses: 'transform', with: { value: 0 } } }
const SHAPES: readonly Record<string, Json>[] = [
  act,
  { ...act, ...undone },
  { ...act, forEach: { items: [1], maxConcurrency: 2 } },
  { ...act, ...undone, forEach: [1] },
  { ...act, repeat: { until: '{% true %}', max: 9, delay: '2s' } },
  { ...act, onError: 'continue' },
  { uses: 'wait', with: { for: '5s' } },
  { uses: 'wait', with: { signal: 'letter' } },
]

/** Steps as they are drawn: small, so that a counterexample can be read. */
const sketch = fc.record({
  steps: fc.array(
    fc.record({
      needs: fc.array(fc.nat(9), { maxLength: 3 }),
      shape: fc.constantFrom(...SHAPES),
      fails: fc.constantFrom(0, 0, 0, 1, 2, FOREVER),
      cost: fc.nat(50),
      items: fc.nat(4),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  concurrency: fc.integer({ min: 1, max: 4 }),
})
type Sketch = typeof sketch extends fc.Arbitrary<infer Value> ? Value : never

function planOf({ steps, concurrency }: Sketch): Plan {
  const named = steps.map((step, n) => ({
    ...step,
    name: `s${n}`,
    needs: n === 0 ? [] : [...new Set(step.needs.map((need) => `s${need % n}`))],
  }))
  const shapes = named.map(({ name, needs, shape }) => [name, { needs, ...shape }])
  return {
    flow: compile(Object.fromEntries(shapes), { failFast: false, concurrency }),
    fates: new Map(
      named.map(({ name, fails, cost, items }) => [name, { fails, cost, items }] as const),
    ),
  }
}

/** What may come over a run, beside the order in which its units begin and end. */
interface Weather {
  readonly random: Random
  /** Chances of each turn. */
  readonly crashes: number
  readonly handovers: number
  readonly pauses: number
  readonly cancels: number
  readonly snapshots: number
  /** Most workers that are lost. */
  readonly mostCrashes: number
}

/** A host that takes what can be done in an order of its own; without weather, one thing at a time. */
class Host {
  readonly log: RunEvent[] = []
  readonly times: number[] = []
  state: RunState
  now = 0
  crashed = 0
  readonly #plan: Plan
  readonly #weather: Weather | undefined
  /** Signals still to be sent. */
  readonly #letters: string[]

  constructor(given: Plan, weather?: Weather) {
    this.#plan = given
    this.#weather = weather
    this.state = createRunState(given.flow)
    this.#letters = [...given.flow.steps.values()]
      .filter(({ name }) => isLetter(given.flow, name))
      .map(({ name }) => name)
    const begin = created.kind === 'run.created' && {
      ...created.data,
      budget: '1000000',
      hold: 'h',
    }
    if (begin === false) throw new TypeError('not a beginning')
    this.emit([
      { kind: 'run.created', data: begin },
      { kind: 'run.started', data: { worker: 'w1' } },
    ])
  }

  emit(events: readonly RunEvent[]): void {
    for (const event of events) {
      applyEvent(this.state, event, this.now)
      this.log.push(event)
      this.times.push(this.now)
    }
  }

  run(): this {
    for (let turn = 0; !isFinal(this.state.status); turn++) {
      if (turn > 20_000) throw new Error(`it does not end: it is ${this.state.status}`)
      this.now += 1
      this.#meetWeather()
      this.#turn()
    }
    return this
  }

  #meetWeather(): void {
    const weather = this.#weather
    if (weather === undefined || isFinal(this.state.status)) return
    const { random } = weather
    const is = (chance: number): boolean => uniform(random) < chance
    if (is(weather.snapshots)) {
      const restored = restoreSnapshot(this.#plan.flow, takeSnapshot(this.state))
      if (restored === undefined) throw new Error('a snapshot is broken')
      this.state = restored
    }
    if (this.crashed < weather.mostCrashes && is(weather.crashes)) {
      this.crashed++
      this.state = fold(this.#plan.flow, this.log, this.times)
      this.emit(decideTakeover(this.state, 'w2'))
    } else if (is(weather.handovers)) this.emit(decideHandover('w3'))
    if (is(weather.pauses)) this.#ask(uniform(random) < 0.5 ? 'pause' : 'interrupt')
    if (this.state.status === 'paused' && is(0.2)) this.#ask('resume')
    if (is(weather.cancels)) this.#ask('cancel')
  }

  #ask(action: 'pause' | 'interrupt' | 'resume' | 'cancel'): void {
    const result = decideControl(this.state, { action, by: 'somebody' })
    if (result.ok) this.emit(result.value)
  }

  #turn(): void {
    const move = nextMove(this.state, false)
    if (move.kind === 'events') this.emit(move.events)
    else if (move.kind === 'finish') this.emit(decideFinish(this.state, null))
    else if (move.kind === 'undo') this.#undo(move.units)
    else this.#work()
  }

  /** Everything that can be done now; without weather the first of it is. */
  #work(): void {
    const { state, now } = this
    const active = [...state.active.values()]
    const deeds = [
      ...active
        .filter(({ phase }) => phase === 'running')
        .map((unit) => () => this.#end(unit, unit.attempt, unit.pass)),
      ...nextUnits(state, { limit: 9, busy: new Set(), now }).map((candidate) => () => {
        if (candidate.kind === 'expand')
          this.emit([
            {
              kind: 'step.expanded',
              data: { step: candidate.step, count: this.#fate(candidate).items },
            },
          ])
        else this.#begin(candidate)
      }),
      ...this.#letters.map((step) => () => this.#send(step)),
      ...active
        .filter(({ phase, dueAt }) => phase === 'waiting' && dueAt !== undefined && dueAt <= now)
        .map((unit) => () => this.emit(decideDue(this.state, unit, now))),
    ]
    if (deeds.length === 0) this.now += 10_000
    const place =
      this.#weather === undefined ? 0 : integerBelow(this.#weather.random, deeds.length || 1)
    deeds[place]?.()
  }

  #begin(ref: UnitRef): void {
    const uses = this.#plan.flow.steps.get(ref.step)?.kind.name
    if (uses !== 'wait') {
      this.emit(decideStart(this.state, ref, BigInt(this.#fate(ref).cost)))
      return
    }
    const waiting = isLetter(this.#plan.flow, ref.step)
      ? ({ for: 'signal', signal: 'letter' } as const)
      : ({ for: 'time', dueAt: this.now + 5_000 } as const)
    this.emit(decideWait(this.state, ref, { waiting, bound: 0n, now: this.now }))
  }

  #send(step: string): void {
    this.#letters.splice(this.#letters.indexOf(step), 1)
    const letter = {
      id: `l-${step}`,
      signal: 'letter',
      step,
      index: undefined,
      payload: step,
      by: 'x',
    }
    this.emit(decideSignal(this.state, letter, this.now))
  }

  #end(ref: UnitRef, attempt: number, pass: number): void {
    const { fails, cost } = this.#fate(ref)
    const { now } = this
    if (attempt <= fails) {
      const fallback =
        this.#plan.flow.steps.get(ref.step)?.onError.kind === 'fail' ? undefined : { output: null }
      const failure = {
        ...plainFailure({ code: 'test.flaky', message: 'no' }, now),
        isTransient: fails !== FOREVER,
        fallback,
      }
      this.emit(decideFailure(this.state, ref, failure))
      return
    }
    const charge = { usage: [], cost: BigInt(cost) }
    this.emit(
      decideSuccess(this.state, ref, {
        output: unitKey(ref),
        isDone: pass >= 3,
        ms: 1,
        now,
        ...charge,
      }),
    )
  }

  #undo(units: readonly UndoUnit[]): void {
    const running = [...(this.state.undo?.active.values() ?? [])].filter(
      ({ dueAt }) => dueAt === undefined,
    )
    const deeds = [
      ...running.map(
        ({ ref }) =>
          () =>
            this.emit(
              decideUndoSuccess(this.state, { purpose: 'undo', ref }, { usage: [], cost: 0n }),
            ),
      ),
      ...units
        .filter(({ dueAt }) => dueAt <= this.now)
        .map(
          ({ ref, attempt }) =>
            () =>
              this.emit([{ kind: 'undo.started', data: { ...unitRef(ref), attempt } }]),
        ),
    ]
    if (deeds.length === 0) this.now += 10_000
    const place =
      this.#weather === undefined ? 0 : integerBelow(this.#weather.random, deeds.length || 1)
    deeds[place]?.()
  }

  #fate({ step }: UnitRef): Fate {
    return this.#plan.fates.get(step) ?? { fails: 0, cost: 0, items: 0 }
  }
}

function isLetter(flow: CompiledWorkflow, name: string): boolean {
  const step = flow.steps.get(name)
  return step?.kind.name === 'wait' && step.raw.with['signal'] !== undefined
}

/** What came of a run, whatever way it took. */
function outcomeOf({ state, log }: Host): unknown {
  const undo = log.flatMap((event) =>
    event.kind === 'undo.completed' ? [unitKey(event.data)] : [],
  )
  return {
    status: state.status,
    spent: state.spent,
    failure: state.failure?.error.code,
    steps: [...state.steps].map(([name, { status, output }]) => [name, status, output]),
    undo: undo.toSorted(),
  }
}

/** Laws that hold for every history. */
function check({ flow }: Plan, { state, log, times }: Host): void {
  expect([state.running, state.queued, state.reserved]).toEqual([0, 0, 0n])
  // A loop that was to go on when its run was cancelled stays where it was.
  const left = [...state.active.values()].filter(({ phase }) => phase !== 'repeating')
  expect(left).toEqual([])
  const completed = new Set<string>()
  const gone = new Set<string>()
  for (const event of log) {
    if (event.kind === 'step.completed') {
      expect(completed.has(unitKey(event.data))).toBe(false)
      completed.add(unitKey(event.data))
    }
    if (event.kind === 'undo.completed') {
      expect([completed.has(unitKey(event.data)), gone.has(unitKey(event.data))]).toEqual([
        true,
        false,
      ])
      gone.add(unitKey(event.data))
    }
  }
  expect(fold(flow, log, times)).toEqual(state)
}

const seed = fc.nat()
const calm = {
  crashes: 0,
  handovers: 0,
  pauses: 0,
  cancels: 0,
  snapshots: 0,
  mostCrashes: MAX_CRASHES - 1,
}

const plain = (shape: Record<string, Json>): Sketch['steps'][number] => ({
  needs: [],
  fails: 0,
  cost: 0,
  items: 0,
  shape,
})
/** A step runs when its run is cancelled, and its worker is lost before it ends. */
const LOST_WHEN_CANCELLED: [Sketch, number] = [
  {
    steps: [plain(act), plain({ uses: 'wait', with: { signal: 'letter' } }), plain(act)],
    concurrency: 3,
  },
  1_044_854_044,
]

describe('any definition, in any order', () => {
  test.prop([sketch, seed], { numRuns: 100 })(
    'of beginnings, ends, failures, times, signals, pauses, handovers, snapshots and lost workers: the outcome is that of one thing after the other',
    (drawn, n) => {
      const given = planOf(drawn)
      const expected = new Host(given).run()
      const random = createSeededRandom(n)
      const storm = {
        ...calm,
        random,
        crashes: 0.05,
        handovers: 0.05,
        pauses: 0.05,
        snapshots: 0.1,
      }
      const disturbed = new Host(given, storm).run()
      check(given, expected)
      check(given, disturbed)
      expect(outcomeOf(disturbed)).toEqual(outcomeOf(expected))
    },
  )

  test.prop([sketch, seed], { numRuns: 100, examples: [LOST_WHEN_CANCELLED] })(
    'a cancellation at any moment ends it, and undoes exactly what was done and can be undone',
    (drawn, n) => {
      const given = planOf(drawn)
      const storm = {
        ...calm,
        random: createSeededRandom(n),
        cancels: 0.05,
        crashes: 0.03,
        pauses: 0.03,
      }
      const host = new Host(given, storm).run()
      check(given, host)
      const done = host.log.flatMap((event) =>
        event.kind === 'step.completed' && given.flow.steps.get(event.data.step)?.compensate
          ? [unitKey(event.data)]
          : [],
      )
      const undo = host.log.flatMap((event) =>
        event.kind === 'undo.completed' ? [unitKey(event.data)] : [],
      )
      expect(undo.toSorted()).toEqual(host.state.status === 'completed' ? [] : done.toSorted())
    },
  )

  test.prop([sketch, seed], { numRuns: 100 })(
    'workers that are lost again and again end it too: what kills them is given up after its budget',
    (drawn, n) => {
      const given = planOf(drawn)
      const random = createSeededRandom(n)
      const host = new Host(given, { ...calm, random, crashes: 0.5, mostCrashes: 500 }).run()
      check(given, host)
      const outcome = host.state.failure?.error.code
      expect([undefined, 'test.flaky', 'workflow.worker-lost']).toContain(outcome)
    },
  )
})
