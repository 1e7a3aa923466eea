import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import type { RunTerms } from '../queue/schema.ts'

import type { PauseReason, UnitRef, WaitingFor } from './events.ts'

/** What a run has learnt of how long its steps take, and the order that follows from it. */
export interface Learnt {
  /** Units that have ended, and their milliseconds. */
  units: number
  ms: number
  /** The same of each program. */
  readonly programs: Map<string, { readonly units: number; readonly ms: number }>
  /** Units that had ended when the ranks were computed. */
  rankedAt: number
  /** Longest way from each step to an end, milliseconds; `undefined`: as the definition tells. */
  ranks: ReadonlyMap<string, number> | undefined
}

/** Where a run is. The last three are final. */
export type RunStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'cancelling'
  | 'compensating'
  | 'completed'
  | 'failed'
  | 'cancelled'

/** Where a step is. */
export type StepStatus = 'pending' | 'ready' | 'active' | 'completed' | 'failed' | 'skipped'

/** Where a unit of work in progress is. */
export type UnitPhase = 'running' | 'waiting' | 'retrying' | 'repeating'

/** A unit of work that has begun and not ended. */
export interface Unit {
  readonly step: string
  readonly index: number | undefined
  readonly phase: UnitPhase
  /** Tries begun in this pass, this one included. */
  readonly attempt: number
  /** Passes begun, this one included; 1 without `repeat`. */
  readonly pass: number
  /** Workers lost while it ran. */
  readonly crashes: number
  /** µFTNS set aside for it. */
  readonly bound: bigint
  /** What the last pass gave. */
  readonly previous: Json
  readonly since: EpochMs
  /** When a retry, the next pass or the end of a wait is due. */
  readonly dueAt: EpochMs | undefined
  readonly waiting: WaitingFor | undefined
  /** The worker that took it from the queue. */
  readonly worker?: string
}

/** The items of a step with `forEach`. */
export interface Items {
  readonly count: number
  /** Items begun: the next one has this index. */
  next: number
  done: number
  active: number
  readonly outputs: Json[]
  /** Indexes of items that have failed. */
  readonly failed: number[]
  /** Indexes of items to begin again, before the next one. */
  readonly again: number[]
}

/** One step's state. */
export interface StepState {
  status: StepStatus
  /** Needs that have not ended yet. */
  needsLeft: number
  output: Json
  error: ErrorRecord | undefined
  items: Items | undefined
}

/** A completed unit that can be undone. */
export interface Undoable extends UnitRef {
  readonly output: Json
}

/** A signal nobody has waited for yet. */
export interface Letter {
  readonly signal: string
  readonly step: string | undefined
  readonly index: number | undefined
  readonly payload: Json
  readonly by: string
}

/**
 * Everything known of a run: the fold of its events.
 *
 * @remarks
 * Owned by one host and changed in place by `applyEvent`, because a list of 100,000 items would
 * otherwise be copied 100,000 times. The fold is deterministic: equal events give equal states.
 */
export interface RunState {
  readonly workflow: CompiledWorkflow
  /** Events folded so far. */
  version: number
  status: RunStatus
  pause: PauseReason | undefined
  inputs: JsonObject
  budget: bigint
  hold: string | undefined
  parent: (UnitRef & { readonly run: string }) | undefined
  terms: RunTerms | undefined
  createdAt: EpochMs
  startedAt: EpochMs | undefined
  endedAt: EpochMs | undefined
  readonly steps: Map<string, StepState>
  readonly active: Map<string, Unit>
  /** Units whose phase is `running`. */
  running: number
  /** Units in the queue, or on a worker that took them from it. */
  queued: number
  /** Steps that can begin, most urgent first; a step with `forEach` stays until all items began. */
  readonly ready: string[]
  readonly learnt: Learnt
  /** Steps that have ended. */
  settled: number
  /** The first failure that nothing handled. */
  failure: { readonly step: string | undefined; readonly error: ErrorRecord } | undefined
  /** Whether the run is ended because someone asked for it. */
  isCancelled: boolean
  /** µFTNS paid so far. */
  spent: bigint
  /** µFTNS set aside for units in progress. */
  reserved: bigint
  readonly undoable: Undoable[]
  /** The unit being undone. */
  undoing:
    | { readonly ref: Undoable; readonly attempt: number; readonly dueAt: EpochMs | undefined }
    | undefined
  readonly undoFailures: UnitRef[]
  readonly mailbox: Letter[]
  output: Json
}

/** The state before the first event. */
export function createRunState(workflow: CompiledWorkflow): RunState {
  const steps = new Map<string, StepState>()
  const ready: string[] = []
  for (const { name, needs } of workflow.steps.values()) {
    const isRoot = needs.length === 0
    steps.set(name, {
      status: isRoot ? 'ready' : 'pending',
      needsLeft: needs.length,
      output: null,
      error: undefined,
      items: undefined,
    })
    if (isRoot) ready.push(name)
  }
  const rankOf = (name: string): number => workflow.steps.get(name)?.rank ?? 0
  ready.sort((a, b) => rankOf(b) - rankOf(a))
  return {
    workflow,
    version: 0,
    status: 'created',
    pause: undefined,
    inputs: {},
    budget: 0n,
    hold: undefined,
    parent: undefined,
    terms: undefined,
    createdAt: 0,
    startedAt: undefined,
    endedAt: undefined,
    steps,
    active: new Map(),
    running: 0,
    queued: 0,
    ready,
    learnt: { units: 0, ms: 0, programs: new Map(), rankedAt: 0, ranks: undefined },
    settled: 0,
    failure: undefined,
    isCancelled: false,
    spent: 0n,
    reserved: 0n,
    undoable: [],
    undoing: undefined,
    undoFailures: [],
    mailbox: [],
    output: null,
  }
}

/** Whether a run has ended for good. */
export function isFinal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
