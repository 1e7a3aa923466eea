import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { CompiledStep, CompiledWorkflow } from '../definition/compiled.ts'
import type { RunTerms } from '../queue/schema.ts'
import type { FailureKind, Incident, RollbackStrategy } from '../rollback/schema.ts'

import type { ForkPoint, PauseReason, UnitRef, WaitingFor } from './events.ts'

/** What a run has learnt of how long its steps take, and the order that follows from it. */
export interface Learnt {
  /** Units that have ended, and their milliseconds. */
  units: number
  ms: number
  /** The same of each program. */
  readonly programs: Map<string, { readonly units: number; readonly ms: number }>
  /** Units that had ended when the ranks were computed. */
  rankedAt: number
  /** Longest way from each place to an end, milliseconds; `undefined`: as the definition tells. */
  ranks: Float64Array | undefined
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
  /** How many of these an open circuit refused. @defaultValue 0 */
  readonly refusals?: number
  /** Passes begun, this one included; 1 without `repeat`. */
  readonly pass: number
  /** Workers lost while it ran. */
  readonly crashes: number
  /** Times it was begun again by a strategy, its own retries used up. */
  readonly recoveries: number
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
  /** Times it was undone or reset: each makes its effects new ones. */
  round: number
}

/** A completed unit that can be undone. */
export interface Undoable extends UnitRef {
  readonly output: Json
  /** Place in the order of completion. */
  readonly place: number
}

/** A unit that is being undone, or whose leavings are being removed. */
export interface Undoing {
  readonly ref: UnitRef & { readonly output: Json }
  readonly attempt: number
  /** How many of its tries an open circuit refused. @defaultValue 0 */
  readonly refusals?: number
  /** When the next try is due; `undefined` while one runs. */
  readonly dueAt: EpochMs | undefined
  /** Workers lost while it ran. */
  readonly crashes: number
}

/** A rollback under way. */
export interface UndoState {
  readonly strategy: RollbackStrategy
  readonly to: string | undefined
  /** Whether anything is reported beside the undoing itself: old runs know of no strategies. */
  readonly isReported: boolean
  /** Units not begun yet, by step. */
  readonly left: Map<string, Undoable[]>
  /** Dependents of a step that may still rely on it. */
  readonly blockers: Map<string, number>
  /** Units that nothing relies on any more, the last completed last. */
  readonly ready: Undoable[]
  readonly active: Map<string, Undoing>
  /** Units of a step that are not undone yet. */
  readonly open: Map<string, number>
  completed: number
  failed: number
  /** Units that stay although the strategy is to undo all. */
  readonly kept: number
}

/** What a step leaves to be removed. */
export interface Leaving extends UnitRef {
  readonly output: Json
  /** When it is removed at the latest; `undefined`: at the end of the run. */
  readonly dueAt: EpochMs | undefined
}

/** Something left to a person. */
export interface IncidentState {
  readonly incident: number
  readonly reason: Incident['reason']
  readonly step: string | undefined
  readonly index: number | undefined
  isOpen: boolean
}

/** A signal nobody has waited for yet. */
export interface Letter {
  readonly signal: string
  readonly step: string | undefined
  readonly index: number | undefined
  readonly payload: Json
  readonly by: string
}

/** Why a run does not go on. */
export interface RunFailure {
  /** `undefined`: the run as a whole. */
  readonly step: string | undefined
  readonly error: ErrorRecord
  readonly kind: FailureKind
  /** What was decided about it, if it was. */
  readonly strategy: RollbackStrategy | undefined
}

/** What removing something is called. */
export type CleanupAction = 'cleanup_artifacts' | 'deallocate_resources'

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
  forkedFrom: ForkPoint | undefined
  /** Patches of the definition that the run was begun without. */
  without: readonly string[]
  createdAt: EpochMs
  /** The time that a schedule meant it for. */
  scheduledAt: EpochMs | undefined
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
  failure: RunFailure | undefined
  /** Whether the run is ended because someone asked for it. */
  isCancelled: boolean
  /** µFTNS paid so far. */
  spent: bigint
  /** How much of that was paid before the hold that pays now was placed. */
  spentBefore: bigint
  /** µFTNS set aside for units in progress. */
  reserved: bigint
  /** Completed units that can be undone, in the order of their completion. */
  readonly undoable: Map<string, Undoable>
  /** Units completed so far that could be undone then. */
  undoables: number
  undo: UndoState | undefined
  /** How many units of steps were undone and not restored: nothing can be resumed from these. */
  readonly undone: Map<string, number>
  readonly undoFailures: UnitRef[]
  /** What is to be removed, by unit. */
  readonly leavings: Map<string, Leaving>
  readonly cleaning: Map<string, Undoing>
  /** How many removals have ended, by action. */
  readonly cleaned: Record<CleanupAction, { completed: number; failed: number }>
  readonly incidents: IncidentState[]
  /** Whether somebody has decided to leave everything as it is. */
  hasGivenUp: boolean
  /** Times the run was begun again after an end. */
  redrives: number
  readonly mailbox: Letter[]
  output: Json
}

/** All steps before the first event, and those that can begin, the most urgent first. */
function firstSteps(workflow: CompiledWorkflow): Pick<RunState, 'steps' | 'ready'> {
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
      round: 0,
    })
    if (isRoot) ready.push(name)
  }
  const rankOf = (name: string): number => workflow.steps.get(name)?.rank ?? 0
  ready.sort((a, b) => rankOf(b) - rankOf(a))
  return { steps, ready }
}

/** The state before the first event. */
export function createRunState(workflow: CompiledWorkflow): RunState {
  const { steps, ready } = firstSteps(workflow)
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
    forkedFrom: undefined,
    without: [],
    createdAt: 0,
    scheduledAt: undefined,
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
    spentBefore: 0n,
    reserved: 0n,
    undoable: new Map(),
    undoables: 0,
    undo: undefined,
    undone: new Map(),
    undoFailures: [],
    leavings: new Map(),
    cleaning: new Map(),
    cleaned: {
      cleanup_artifacts: { completed: 0, failed: 0 },
      deallocate_resources: { completed: 0, failed: 0 },
    },
    incidents: [],
    hasGivenUp: false,
    redrives: 0,
    mailbox: [],
    output: null,
  }
}

/** Whether `since` or `until` leave a step out of the run. */
export function isLeftOut({ without }: RunState, { since, until }: CompiledStep): boolean {
  if (since !== undefined && without.includes(since)) return true
  return until !== undefined && !without.includes(until)
}

/** Whether a run has ended for good. */
export function isFinal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
