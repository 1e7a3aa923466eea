import type { EpochMs } from '../../kernel/clock.ts'
import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Result } from '../../kernel/result.ts'
import type { LedgerCommand } from '../../ledger/index.ts'
import type { Snapshot } from '../history/snapshot.ts'
import type { RunEvent } from '../machine/events.ts'
import type { RunTerms } from '../queue/schema.ts'
import type { NewTask, WorkerProfile } from '../queue/task.ts'
import type { RunRecord, RunState } from '../schema.ts'

/** A fact of a run with its time. */
export interface TimedEvent {
  readonly at: EpochMs
  readonly event: RunEvent
}

/** A new run. */
export interface NewRun {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly definition: string
  readonly status: RunState
  /** The worker that has it from birth; absent: any worker may claim it. */
  readonly owner?: string
  readonly createdAt: EpochMs
  readonly startedAt?: EpochMs
  readonly parent?: string
  /** How it stands in the queue; absent: like all others. */
  readonly terms?: RunTerms
  /** When it may begin; absent: at once. */
  readonly notBefore?: EpochMs
  /** The run it was forked from. */
  readonly forkedFrom?: string
}

/** What changes in the row of a run. */
export interface RunPatch {
  readonly status?: RunState
  /** `null` gives the run up. */
  readonly owner?: string | null
  /** When any worker may claim it; `null`: when a signal comes. Only with `owner: null`. */
  readonly wakeAt?: EpochMs | null
  readonly startedAt?: EpochMs
  readonly endedAt?: EpochMs | null
  readonly cost?: bigint
  /** The definition it goes on under. */
  readonly definition?: string
  readonly error?: ErrorRecord | null
}

/** The signal that carries a request to the run itself, rather than a letter to one of its steps. */
export const CONTROL_SIGNAL = '$control'

/** A message to a run: a request, or a letter that a step waits for. */
export interface Signal {
  readonly id: string
  readonly run: string
  readonly signal: string
  readonly step?: string
  readonly index?: number
  readonly payload: Json
  readonly by: string
}

/** Everything that happens to a run at one instant. */
export interface RunChange {
  readonly run: string
  /** Who owns the run, or makes it. */
  readonly worker: string
  readonly tenant: string
  readonly create: NewRun | undefined
  /** Runs begun by steps of this one. */
  readonly children: readonly ChildRun[]
  /** Version of the first event; the others follow. */
  readonly fromVersion: number
  readonly events: readonly TimedEvent[]
  readonly patch: RunPatch | undefined
  readonly money: readonly LedgerCommand[]
  /** Ids of signals that these events answer. */
  readonly consumed: readonly string[]
  /** Messages to other runs. */
  readonly letters: readonly Signal[]
  /** The state after these events, replacing an older one; `drop` removes what there is. */
  readonly snapshot: Snapshot | 'drop' | undefined
  /** Units that wait for a worker from now on. */
  readonly tasks: readonly NewTask[]
  /** Ids of queued units that are not wanted any more. */
  readonly recalls: readonly string[]
}

/** A change of a run in which nothing happens; to be spread and filled in. */
export const NO_CHANGE: Omit<RunChange, 'run' | 'worker' | 'tenant'> = {
  create: undefined,
  children: [],
  fromVersion: 0,
  events: [],
  patch: undefined,
  money: [],
  consumed: [],
  letters: [],
  snapshot: undefined,
  tasks: [],
  recalls: [],
}

/** A child run with its first event. */
export interface ChildRun {
  readonly run: NewRun
  readonly created: TimedEvent
}

/** A run that a worker has taken, with its history. */
export interface ClaimedRun {
  readonly id: string
  readonly tenant: string
  readonly definition: string
  /** Whether its last owner was lost, rather than having given it up. */
  readonly isOrphan: boolean
  /** A state to begin from. */
  readonly snapshot: Snapshot | undefined
  /** Whether signals wait for it. */
  readonly isAsked: boolean
  /** What has happened since the snapshot; everything, when there is none. */
  readonly events: readonly TimedEvent[]
  /** Version of the last event. */
  readonly version: number
}

/** What a worker has got. */
export interface Claim {
  readonly runs: readonly ClaimedRun[]
  /** Whether more may wait than it asked for. */
  readonly hasMore: boolean
}

/** Which runs a worker takes. */
export interface ClaimRequest {
  readonly worker: string
  readonly limit: number
  /** Most of those whose turn it is to begin. @defaultValue `limit` */
  readonly fresh?: number
  /** Only these runs. */
  readonly only?: readonly string[]
}

/** Which runs are listed, newest first. */
export interface RunRange {
  readonly tenant: string
  readonly status?: RunState
  readonly name?: string
  readonly before?: string
  readonly limit: number
}

/** What is known of a worker, and how long it is trusted without a sign of life. */
export interface WorkerTerms {
  readonly leaseMs: number
  readonly profile: WorkerProfile
}

/** A run whose history its worker does not know any more. */
export interface Stray {
  readonly worker: string
  /** Whether what ran may be the cause, so that it counts as a lost worker: it must not go on for ever. */
  readonly isLost: boolean
}

/** A run that was claimed and is not begun now. */
export interface Postponement {
  readonly worker: string
  /** When any worker may claim it again. */
  readonly wakeAt: EpochMs
  readonly status?: RunState
  /** Whether signals waited for it when it was claimed; later ones bring it back at once. */
  readonly isAsked: boolean
}

/** Where runs are kept. */
export interface RunStore {
  /**
   * Commits a change whole or not at all.
   *
   * @returns a refusal when the money cannot be moved.
   * @throws {@link FencedError} another worker has written to the run since.
   */
  commit(change: RunChange): Promise<Result<void, ErrorRecord>>
  claim(request: ClaimRequest): Promise<Claim>
  /** Puts a claimed run back as it was, for later; nothing if it is somebody else's by now. */
  postpone(run: string, until: Postponement): Promise<void>
  /** Makes a worker known, whose runs are its own for `leaseMs`. */
  register(worker: string, terms: WorkerTerms): Promise<void>
  /** Keeps the worker's runs for another `leaseMs`; false when the worker was given up already. */
  heartbeat(worker: string, leaseMs: number): Promise<boolean>
  /** Frees the runs of workers whose lease has run out; returns how many. */
  reap(): Promise<number>
  /** Gives up every run of a worker and forgets it. */
  retire(worker: string): Promise<void>
  /** Ids of the runs that are this worker's. */
  listOwned(worker: string): Promise<readonly string[]>
  /** Gives up a run whose history its worker no longer knows, if it is still its own. */
  release(run: string, stray: Stray): Promise<void>
  /** Keeps a signal for a run and wakes it. @returns false when there is no such run. */
  send(signal: Signal): Promise<boolean>
  /** Signals for runs of this worker, oldest first. */
  listSignals(worker: string): Promise<readonly Signal[]>
  /** Calls back when runs or signals may have come; the returned function ends it. */
  listen(wake: () => void): Promise<() => void>
  /** Tells every process that there is something to claim. */
  announce(): Promise<void>
  saveDefinition(record: DefinitionRecord): Promise<void>
  findDefinition(hash: string): Promise<JsonObject | undefined>
  findRun(tenant: string, id: string): Promise<RunRecord | undefined>
  /** Up to when ended runs of a tenant have been pruned; 0: none has. */
  prunedBefore(tenant: string): Promise<EpochMs>
  listRuns(range: RunRange): Promise<readonly RunRecord[]>
  /** The whole history of a run. */
  readEvents(run: string): Promise<readonly TimedEvent[]>
}

/** A definition by its content. */
export interface DefinitionRecord {
  readonly hash: string
  readonly tenant: string
  readonly name: string
  readonly body: JsonObject
  readonly at: EpochMs
}
