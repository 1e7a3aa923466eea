import type { EpochMs } from '../kernel/clock.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { type MicroFtns, toMicroFtns } from '../kernel/money.ts'

import type { ProgressError } from './event.ts'
import { readGraph, type StepGraph, type StepPlan } from './graph.ts'
import { NO_UNITS, type UnitCounts } from './units.ts'

/** Where a step is, as people see it. */
export type StepStatus =
  /** Something it needs has not ended yet. */
  | 'pending'
  /** It can begin as soon as there is room. */
  | 'ready'
  | 'running'
  /** For a time or a signal; who waits for another run is `running`. */
  | 'waiting'
  /** A try has failed, the next one is due. */
  | 'retrying'
  /** A pass is done, the next one is due. */
  | 'repeating'
  /** It ran when the run was interrupted, and will begin again. */
  | 'interrupted'
  | 'completed'
  | 'failed'
  | 'skipped'
  /** It was in progress when the run was cancelled or failed. */
  | 'stopped'
  | 'undoing'
  | 'undone'

/** Where a run is, as people see it. */
export type ProgressStatus =
  /** It may not begin before a time. */
  | 'scheduled'
  | 'queued'
  | 'running'
  /** Everything in progress waits for a time or a signal. */
  | 'waiting'
  | 'paused'
  | 'stopping'
  | 'cancelling'
  | 'compensating'
  | 'completed'
  | 'failed'
  | 'cancelled'

/** The items of a step with `forEach`. */
export interface ItemCounts {
  readonly done: number
  readonly failed: number
  readonly active: number
  readonly total: number
}

/** What a step waits for. */
export interface StepWait {
  /** `task`: for a worker of the queue. */
  readonly for: 'time' | 'signal' | 'run' | 'task'
  /** When the wait ends by itself. */
  readonly dueAt?: EpochMs
  readonly signal?: string
  /** The run it has begun. */
  readonly child?: string
  /** What an approval asks. */
  readonly question?: string
}

/** One step of a run. */
export interface StepView {
  readonly name: string
  /** The kind of step. */
  readonly uses: string
  readonly needs: readonly string[]
  readonly status: StepStatus
  /** Needs that have not ended. */
  readonly needsLeft: number
  /** Number of the latest try, from 1; 0 before the first. */
  readonly attempt: number
  /** Number of the latest pass of a `repeat`, from 1. */
  readonly pass: number
  readonly units: UnitCounts
  /** Known once the list of a `forEach` is known. */
  readonly items: ItemCounts | undefined
  /** Since when it is in progress, pauses of the run left out. */
  readonly startedAt: EpochMs | undefined
  /** Since when it is as it is. */
  readonly since: EpochMs | undefined
  /** How long it was in progress, or has been until now; milliseconds. */
  readonly ms: number | undefined
  readonly cost: MicroFtns
  /** Of the latest try that failed, while that matters. */
  readonly error: ProgressError | undefined
  readonly waitingFor: StepWait | undefined
  /** Why it was skipped: its own condition, or a step it needs. */
  readonly skipReason: 'when' | 'needs' | 'patch' | undefined
}

/** Why a run stands still, and what to do about it. */
export interface PauseView {
  readonly reason: 'request' | 'interrupt' | 'budget' | 'incident' | 'rollback'
  /** The budget with which the next step could begin. */
  readonly needed: MicroFtns | undefined
}

/** A run as its events tell it, up to one of them. */
export interface RunView {
  /** Empty before the first event. */
  readonly id: string
  readonly name: string
  readonly status: ProgressStatus
  /** Number of the latest event; 0 before the first. */
  readonly version: number
  /** As of when this is: the latest event, or later; see `viewAt`. */
  readonly at: EpochMs
  /** 0 to 100; never falls, and is 100 when the run is completed and not before. */
  readonly percent: number
  /** How long it will still take, milliseconds; only where the rate so far tells it. */
  readonly etaMs: number | undefined
  /** How long it has been at work: since its start, pauses left out; milliseconds. */
  readonly elapsedMs: number
  /** Paid so far. */
  readonly cost: MicroFtns
  /** Most it may cost. */
  readonly budget: MicroFtns
  /** What all units, one after another, would have taken; milliseconds. */
  readonly sequentialMs: number
  /** How many times faster it was than its units one after another. */
  readonly speedUp: number | undefined
  /** Each step after what it needs. */
  readonly steps: readonly StepView[]
  /** The first failure that nothing handled. */
  readonly failure: { readonly step: string | undefined; readonly error: ProgressError } | undefined
  readonly pause: PauseView | undefined
  /** What a completed run gave. */
  readonly output: Json | undefined
  /** The run whose step began this one. */
  readonly parent: string | undefined
  /** The run it was forked from. */
  readonly forkedFrom: string | undefined
  readonly createdAt: EpochMs | undefined
  readonly startedAt: EpochMs | undefined
  readonly endedAt: EpochMs | undefined
  /** The definition's steps and their layout as a tree. */
  readonly graph: StepGraph
  /** What the next view is computed from. */
  readonly tally: Tally
}

/** Running sums over the steps of a view, so that no event costs a look at all of them. */
export interface Tally {
  /** Weight of what is done, in the unit of `graph.weight`. */
  readonly doneWeight: number
  /** Units that have ended well. */
  readonly doneUnits: number
  readonly running: number
  readonly waiting: number
  /** Units whose next try or pass is due. */
  readonly due: number
  readonly readySteps: number
  /** Steps of which nothing tells how much work they will be. */
  readonly vagueSteps: number
  /** Milliseconds the run stood still. */
  readonly pausedMs: number
  readonly pausedAt: EpochMs | undefined
}

const NOTHING = toMicroFtns(0n)

/** The view of a run of `definition` before its first event. */
export function createRunView(definition: JsonObject): RunView {
  const graph = readGraph(definition)
  const steps = graph.plans.map(stepBefore)
  return {
    id: '',
    name: graph.name,
    status: 'queued',
    version: 0,
    at: 0,
    percent: 0,
    etaMs: undefined,
    elapsedMs: 0,
    cost: NOTHING,
    budget: NOTHING,
    sequentialMs: 0,
    speedUp: undefined,
    steps,
    failure: undefined,
    pause: undefined,
    output: undefined,
    parent: undefined,
    forkedFrom: undefined,
    createdAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    graph,
    tally: {
      doneWeight: 0,
      doneUnits: 0,
      running: 0,
      waiting: 0,
      due: 0,
      readySteps: steps.filter(({ status }) => status === 'ready').length,
      vagueSteps: graph.plans.filter((plan) => isVague(plan, undefined)).length,
      pausedMs: 0,
      pausedAt: undefined,
    },
  }
}

/** Whether nothing tells how much work a step will be; `items` once its list is known. */
export function isVague(plan: StepPlan, items: ItemCounts | undefined): boolean {
  if (plan.statedSeconds !== undefined) return false
  return plan.isOpenEnded || (plan.isFanOut && items === undefined)
}

function stepBefore({ name, uses, needs }: StepPlan): StepView {
  return {
    name,
    uses,
    needs,
    status: needs.length === 0 ? 'ready' : 'pending',
    needsLeft: needs.length,
    attempt: 0,
    pass: 1,
    units: NO_UNITS,
    items: undefined,
    startedAt: undefined,
    since: undefined,
    ms: undefined,
    cost: NOTHING,
    error: undefined,
    waitingFor: undefined,
    skipReason: undefined,
  }
}
