import type { Json } from '../../kernel/json.ts'
import { createSeededRandom, integerBelow, type Random, uniform } from '../../kernel/random.ts'
import { checkDefinition } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { FLOW_KINDS } from '../steps/flow-kinds.ts'

import { applyEvent } from './apply.ts'
import type { UndoUnit } from './decide-rollback.ts'
import { decideFinish, decideTakeover, nextMove } from './decide-run.ts'
import { decideFailure, decideStart, decideSuccess, plainFailure } from './decide-step.ts'
import { decideUndoFailure, decideUndoSuccess } from './decide-undo.ts'
import { type RunEvent, unitKey, unitRef } from './events.ts'
import { nextUnits } from './ready.ts'
import { createRunState, isFinal, type RunState } from './state.ts'

const kinds = new Map(FLOW_KINDS.map((kind) => [kind.name, kind]))

interface Shape {
  readonly needs?: readonly string[]
  readonly [key: string]: Json | undefined
}

/** Compiles steps that give 1 and say only what is of interest. */
export function compile(
  steps: Record<string, Shape>,
  head: Record<string, Json> = {},
): CompiledWorkflow {
  const full = Object.fromEntries(
    Object.entries(steps).map(([name, shape]) => [
      name,
      { uses: 'transform', with: { value: 1 }, ...shape },
    ]),
  )
  const value = { apiVersion: 'prsm/v1', name: 'sim', ...head, steps: full } as Json
  const checked = checkDefinition({ value, file: undefined, place: () => undefined }, kinds)
  if (!checked.ok) throw new Error(JSON.stringify(checked.refusal))
  return checked.value
}

/** The first event of every run. */
export const created: RunEvent = {
  kind: 'run.created',
  data: { name: 'sim', definition: 'x', inputs: {}, budget: '0' },
}

/** Folds events from the start; without times, each happens one millisecond after the other. */
export function fold(
  workflow: CompiledWorkflow,
  events: readonly RunEvent[],
  times?: readonly number[],
): RunState {
  const state = createRunState(workflow)
  for (const [index, event] of events.entries()) applyEvent(state, event, times?.[index] ?? index)
  return state
}

/** A host without I/O: begins, ends, fails and crashes units in an order that a seed decides. */
export class Simulation {
  readonly log: RunEvent[] = []
  readonly times: number[] = []
  readonly started: string[] = []
  state: RunState
  now = 0
  readonly #workflow: CompiledWorkflow
  readonly #random: Random
  readonly #failShare: number
  readonly #crashShare: number
  maxRunning = 0
  undoTries = 0

  constructor(
    workflow: CompiledWorkflow,
    options: { seed: number; failShare?: number; crashShare?: number },
  ) {
    this.#workflow = workflow
    this.#random = createSeededRandom(options.seed)
    this.#failShare = options.failShare ?? 0
    this.#crashShare = options.crashShare ?? 0
    this.state = createRunState(workflow)
    this.emit([created, { kind: 'run.started', data: { worker: 'w1' } }])
  }

  emit(events: readonly RunEvent[]): void {
    for (const event of events) {
      applyEvent(this.state, event, this.now)
      this.log.push(event)
      this.times.push(this.now)
    }
    this.maxRunning = Math.max(this.maxRunning, this.state.running)
  }

  run(maxSteps = 20_000): void {
    const isOver = (): boolean => isFinal(this.state.status) || this.state.status === 'paused'
    for (let turn = 0; turn < maxSteps && !isOver(); turn++) {
      this.now += 1 + integerBelow(this.#random, 5)
      if (uniform(this.#random) < this.#crashShare) this.#crash()
      this.#turn()
    }
  }

  #crash(): void {
    this.state = fold(this.#workflow, this.log, this.times)
    this.emit(decideTakeover(this.state, 'w2'))
  }

  #turn(): void {
    const move = nextMove(this.state, false)
    if (move.kind === 'events') return this.emit(move.events)
    if (move.kind === 'finish') return this.emit(decideFinish(this.state, null))
    if (move.kind === 'undo') return this.#undo(move.units)
    const [candidate] = nextUnits(this.state, { limit: 1, busy: new Set(), now: this.now })
    const running = [...this.state.active.values()].filter(({ phase }) => phase === 'running')
    if (candidate !== undefined && (running.length === 0 || uniform(this.#random) < 0.6)) {
      if (candidate.kind === 'expand') {
        return this.emit([
          {
            kind: 'step.expanded',
            data: { step: candidate.step, count: integerBelow(this.#random, 5) },
          },
        ])
      }
      this.started.push(unitKey(candidate))
      return this.emit(decideStart(this.state, candidate, 0n))
    }
    const unit = running[integerBelow(this.#random, Math.max(1, running.length))]
    if (unit === undefined) {
      this.now += 1_000_000
      return undefined
    }
    if (uniform(this.#random) < this.#failShare) {
      const error = { code: 'test.flaky', message: 'no' } as const
      return this.emit(
        decideFailure(this.state, unit, {
          ...plainFailure(error, this.now),
          isTransient: true,
          chance: uniform(this.#random),
        }),
      )
    }
    const isDone = uniform(this.#random) < 0.5
    return this.emit(
      decideSuccess(this.state, unit, {
        output: unitKey(unit),
        isDone,
        ms: integerBelow(this.#random, 50),
        now: this.now,
        usage: [],
        cost: 0n,
      }),
    )
  }

  /** Begins to undo or ends an undoing, one at a time, in an order that the seed decides. */
  #undo(units: readonly UndoUnit[]): void {
    const running = [...(this.state.undo?.active.values() ?? []), ...this.state.cleaning.values()]
      .filter(({ dueAt }) => dueAt === undefined)
      .map(({ ref }) => ref)
    const due = units.filter(({ dueAt }) => dueAt <= this.now)
    const next = due[integerBelow(this.#random, Math.max(1, due.length))]
    if (next !== undefined && (running.length === 0 || uniform(this.#random) < 0.5)) {
      const { purpose, ref, attempt } = next
      const kind = purpose === 'undo' ? 'undo.started' : 'clean.started'
      return this.emit([{ kind, data: { ...unitRef(ref), attempt } }])
    }
    const ref = running[integerBelow(this.#random, Math.max(1, running.length))]
    if (ref === undefined) {
      this.now += 1_000_000
      return undefined
    }
    const isUndo = this.state.undo?.active.has(unitKey(ref)) === true
    const target = { purpose: isUndo ? 'undo' : 'clean', ref } as const
    this.undoTries++
    if (uniform(this.#random) < this.#failShare) {
      const error = { code: 'test.flaky', message: 'no' } as const
      const failure = { ...plainFailure(error, this.now), isTransient: true }
      return this.emit(decideUndoFailure(this.state, target, failure))
    }
    return this.emit(decideUndoSuccess(this.state, target, { usage: [], cost: 0n }))
  }
}
