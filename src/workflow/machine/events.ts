import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Usage } from '../../kernel/usage.ts'
import type { RunTerms } from '../queue/schema.ts'
import type {
  FailureKind,
  Incident,
  Resolution,
  RollbackAction,
  RollbackResult,
  RollbackStrategy,
} from '../rollback/schema.ts'

/** Names one unit of work: a step, or one item of a step with `forEach`. */
export interface UnitRef {
  readonly step: string
  /** Position in the list; absent for a step without `forEach`. */
  readonly index?: number | undefined
}

/** Why a step was not run. */
export type SkipReason =
  /** Its own condition does not hold. */
  | 'when'
  /** A step it needs failed. */
  | 'needs'
  /** A person said to go on without it. */
  | 'resolved'
  /** Its `since` or `until` leaves out runs like this one. */
  | 'patch'
/** Why a run stands still. */
export type PauseReason = 'request' | 'interrupt' | 'budget' | 'incident' | 'rollback'
/** Why a run goes on. */
export type ResumeReason = 'takeover' | 'handover' | 'request' | 'redrive'

/** What a unit waits for. */
export interface WaitingFor {
  readonly for: 'time' | 'signal' | 'run' | 'task'
  /** When the wait ends by itself: with success for `time`, with a timeout for others. */
  readonly dueAt?: EpochMs
  readonly signal?: string
  /** The child run. */
  readonly child?: string
  /** Its place in the queue, when it waits for a worker. */
  readonly task?: string
}

/** What a try has cost; amounts are µFTNS as decimal strings. */
export interface Cost {
  readonly usage?: readonly Usage[] | undefined
  readonly cost?: string | undefined
  /** What it used up beyond what it was allowed to cost; nobody pays it. */
  readonly unpaid?: string | undefined
}

/** Where a run was forked. */
export interface ForkPoint {
  readonly run: string
  /** The first step that was begun anew. */
  readonly step: string
  /** Events of the other run at that time. */
  readonly version: number
}

/**
 * The facts of a run, in order; folding them gives its state.
 *
 * @remarks `data` is JSON but for members that are undefined, which JSON leaves out: one shape for
 * all events of a kind spares the engine copies.
 */
export type RunEvent =
  | Fact<
      'run.created',
      {
        readonly name: string
        readonly definition: string
        readonly inputs: JsonObject
        /** Most the run may cost, µFTNS. */
        readonly budget: string
        /** The hold which pays for it. Absent: the run is free. */
        readonly hold?: string
        readonly parent?: UnitRef & { readonly run: string }
        /** How it stands in the queue; absent: like all others. */
        readonly terms?: RunTerms
        /** The time it was meant for; absent: nobody meant another than that of this event. */
        readonly scheduledAt?: EpochMs
        /** Name of the schedule that began it. */
        readonly schedule?: string
        readonly forkedFrom?: ForkPoint
      }
    >
  /** The run goes on under another definition. Its whole history folds under that one. */
  | Fact<
      'run.upgraded',
      {
        readonly from: string
        readonly to: string
        readonly by: string
        /** Patches of the new definition that the run was begun without. */
        readonly without: readonly string[]
        /** Inputs, with what the new definition adds by default. */
        readonly inputs?: JsonObject
      }
    >
  | Fact<'run.started', { readonly worker: string }>
  | Fact<
      'run.resumed',
      {
        readonly reason: ResumeReason
        readonly worker?: string
        readonly by?: string
        readonly budget?: string
        /** The hold that pays from now on. */
        readonly hold?: string
      }
    >
  | Fact<
      'run.paused',
      { readonly reason: PauseReason; readonly by?: string; readonly needed?: string }
    >
  | Fact<'run.stopping', { readonly error: ErrorRecord }>
  | Fact<'run.cancelling', { readonly by: string; readonly reason?: string }>
  | Fact<
      'run.compensating',
      {
        readonly units: number
        /** Absent in runs of before there were strategies: all of them were undone. */
        readonly strategy?: RollbackStrategy
        readonly failure?: FailureKind
        /** Who asked for it, when nothing had failed. */
        readonly by?: string
        /** The step that stays, with everything it needs. */
        readonly to?: string
        /** The hold that pays, when the run had ended. */
        readonly hold?: string
      }
    >
  | Fact<'run.completed', { readonly output: Json; readonly cost: string }>
  | Fact<
      'run.failed',
      {
        readonly error: ErrorRecord
        readonly step?: string
        readonly cost: string
        readonly failure?: FailureKind
      }
    >
  | Fact<'run.cancelled', { readonly cost: string }>
  | Fact<'step.skipped', UnitRef & { readonly reason: SkipReason }>
  | Fact<'step.expanded', UnitRef & { readonly count: number }>
  /** A result of the run that this one was forked from. */
  | Fact<
      'step.adopted',
      UnitRef & {
        readonly output: Json
        /** What a step failed with whose failure was handled. */
        readonly error?: ErrorRecord
        readonly from: { readonly run: string; readonly version: number }
        /** Content hash of the output. */
        readonly hash: string
      }
    >
  | Fact<
      'step.started',
      UnitRef & {
        readonly attempt: number
        readonly pass?: number | undefined
        /** Most it may cost, µFTNS. */ readonly bound?: string | undefined
      }
    >
  | Fact<
      'step.waiting',
      UnitRef &
        WaitingFor & {
          readonly attempt: number
          readonly pass?: number | undefined
          readonly bound?: string | undefined
        }
    >
  /** A worker has taken the unit from the queue. */
  | Fact<'step.assigned', UnitRef & { readonly worker: string }>
  | Fact<
      'step.retrying',
      UnitRef &
        Cost & {
          readonly attempt: number
          readonly error: ErrorRecord
          readonly dueAt: EpochMs
          /** Its own retries are used up, and it is begun again all the same. */
          readonly strategy?: 'retry_failed_step'
        }
    >
  | Fact<
      'step.repeating',
      UnitRef &
        Cost & {
          readonly pass: number
          readonly output: Json
          readonly dueAt: EpochMs
          readonly ms: number
        }
    >
  | Fact<'step.completed', UnitRef & Cost & { readonly output: Json; readonly ms: number }>
  | Fact<
      'step.failed',
      UnitRef &
        Cost & {
          readonly error: ErrorRecord
          /** What the run goes on with; absent when the failure stops it. */
          readonly fallback?: { readonly output: Json }
          readonly failure?: FailureKind
          /** What follows for the run, when that was decided. */
          readonly strategy?: RollbackStrategy
        }
    >
  | Fact<'undo.started', UnitRef & { readonly attempt: number }>
  | Fact<
      'undo.retrying',
      UnitRef &
        Cost & { readonly attempt: number; readonly error: ErrorRecord; readonly dueAt: EpochMs }
    >
  | Fact<'undo.completed', UnitRef & Cost>
  | Fact<'undo.failed', UnitRef & Cost & { readonly error: ErrorRecord }>
  | Fact<'clean.started', UnitRef & { readonly attempt: number }>
  | Fact<
      'clean.retrying',
      UnitRef &
        Cost & { readonly attempt: number; readonly error: ErrorRecord; readonly dueAt: EpochMs }
    >
  | Fact<'clean.completed', UnitRef & Cost>
  | Fact<'clean.failed', UnitRef & Cost & { readonly error: ErrorRecord }>
  | Fact<
      'rollback.acted',
      {
        readonly action: RollbackAction
        readonly result: RollbackResult
        /** How many units, credits aside, it was about. */
        readonly count?: number
        /** Steps that are as if they had never begun. */
        readonly steps?: readonly string[]
        /** What was set aside and is free again, µFTNS. */
        readonly amount?: string
        /** For `send_notification`: what to tell. */
        readonly topic?: 'run.rolled_back' | 'run.needs_decision'
      }
    >
  | Fact<'rollback.ended', { readonly strategy: RollbackStrategy; readonly result: RollbackResult }>
  | Fact<
      'incident.opened',
      UnitOrRun & {
        /** Counts the incidents of the run, from 1. */
        readonly incident: number
        readonly reason: Incident['reason']
        readonly failure: FailureKind
        readonly details: JsonObject
      }
    >
  | Fact<
      'incident.resolved',
      {
        readonly incident: number
        readonly by: string
        readonly resolution: Resolution | 'by_hand'
        readonly note?: string
      }
    >
  | Fact<
      'signal.received',
      {
        readonly id: string
        readonly signal: string
        readonly step?: string
        readonly index?: number
        readonly payload: Json
        readonly by: string
      }
    >

interface UnitOrRun {
  readonly step?: string
  readonly index?: number | undefined
}

interface Fact<Kind extends string, Data> {
  readonly kind: Kind
  readonly data: Data
}

/** One kind of fact. */
export type RunEventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>

/** `read` or `read[7]`: one text per unit of work. */
export function unitKey({ step, index }: UnitRef): string {
  return index === undefined ? step : `${step}[${index}]`
}

/** The members that name a unit, and no others. */
export function unitRef({ step, index }: UnitRef): UnitRef {
  return index === undefined ? { step } : { step, index }
}
