import type { EpochMs } from '../../kernel/clock.ts'
import type { Ending } from '../host/execute-unit.ts'
import type { Execution } from '../host/execution.ts'
import type { RunChange } from '../host/run-store.ts'
import type { Rest } from '../host/timers.ts'
import type { UnitRef } from '../machine/events.ts'

/** The virtual object that decides, one for each run. */
export const RUNS = 'prsm-runs'
/** The service that executes units. */
export const STEPS = 'prsm-steps'
/** Stands as the owner in the rows of runs that Restate drives. */
export const OWNER = 'restate'

/** One try of a unit, as Restate carries it to whichever worker is free. */
export interface Dispatch extends UnitRef, Pick<Execution, 'attempt' | 'pass' | 'purpose'> {
  readonly run: string
  /** Most it may cost, µFTNS. */
  readonly bound: bigint
}

/** How a try ended; `stopped` before it could end by itself. */
export type DispatchEnding = Ending | { readonly kind: 'stopped' }

/** What a turn of a run is taken for. */
export type TurnInput =
  /** The run was begun, or something lies in its inbox. */
  | { readonly kind: 'look' }
  | { readonly kind: 'due' }
  | { readonly kind: 'ended'; readonly dispatch: Dispatch; readonly ending: DispatchEnding }

/** What Restate keeps of a run between its turns. */
export interface Known {
  /** Events committed. */
  readonly version: number
  /** Names the turn that led here: only the seat it was taken at may be used again. */
  readonly mark: string
  /** When Restate is to wake the run next; absent: not by time. */
  readonly dueAt?: EpochMs | undefined
  /** Whether the row of the run says that it waits. */
  readonly isWaiting: boolean
}

/** Everything that one turn has come to; recorded before any of it is done. */
export interface Decision {
  readonly change: RunChange
  /** Whether there is anything to commit. */
  readonly isNews: boolean
  /** Events after the change. */
  readonly version: number
  /** When it was decided. */
  readonly at: EpochMs
  readonly mark: string
  readonly dispatches: readonly Dispatch[]
  /** Keys of tries to be stopped. */
  readonly stops: readonly string[]
  /** Runs that have something in their inbox now. */
  readonly wakes: readonly string[]
  readonly rest: Rest
}
