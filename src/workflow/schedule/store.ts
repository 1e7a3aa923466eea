import type { EpochMs } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'

import type { FireStatus, ScheduleStatus, ScheduleVersion } from './schema.ts'
import type { FireState, ScheduleEvent, ScheduleState } from './state.ts'

/** Everything that changes about a schedule at one instant. */
export interface ScheduleChange {
  readonly state: ScheduleState
  /** The version that this change sets, if it does. */
  readonly version?: ScheduleVersion
  readonly fires: readonly FireState[]
  /** At least one. The first one stands behind `state.revision - events.length`. */
  readonly events: readonly ScheduleEvent[]
  readonly at: EpochMs
}

/** An event of the journal that a schedule may fire for. */
export interface SeenEvent {
  readonly seq: number
  readonly stream: string
  readonly kind: string
  readonly at: EpochMs
  readonly data: JsonObject
}

/** Which events are read. */
export interface EventRange {
  readonly tenant: string
  readonly afterSeq: number
  readonly kinds: readonly string[]
  /** Only those of runs of this workflow that no other run started. */
  readonly workflow?: string
}

/** Events, and how far the journal was read for them. */
export interface SeenEvents {
  readonly events: readonly SeenEvent[]
  readonly upTo: number
}

/** Which schedules are listed, by name. */
export interface ScheduleRange {
  readonly tenant: string
  readonly status?: ScheduleStatus
  readonly after?: string
  readonly limit: number
}

/** Which fires are listed, latest first. */
export interface FireRange {
  readonly schedule: string
  readonly status?: FireStatus
  readonly before?: { readonly scheduledAt: EpochMs; readonly key: string }
  readonly limit: number
}

/** Work that a process takes for a while, so that others leave it alone. */
export interface Claim {
  readonly now: EpochMs
  readonly until: EpochMs
  readonly limit: number
}

/** A fire whose run is to be begun, and its schedule. */
export interface StartingFire {
  readonly schedule: ScheduleState
  readonly fire: FireState
}

/** A schedule with how many of its fires wait. */
export interface ListedSchedule {
  readonly state: ScheduleState
  readonly waiting: number
}

/** Where schedules are kept. */
export interface ScheduleStore {
  /**
   * Commits a change whole or not at all.
   *
   * @throws {@link StaleScheduleError} somebody has changed the schedule since it was read, or a
   * new one has the name of another.
   */
  commit(change: ScheduleChange): Promise<void>
  /** Notes how far a schedule was looked at when nothing came of it; nothing if it has changed. */
  touch(state: ScheduleState): Promise<void>
  /** By id or by name; deleted ones only by id. */
  find(tenant: string, name: string): Promise<ListedSchedule | undefined>
  /** By id, whoever owns it. */
  findById(id: string): Promise<ScheduleState | undefined>
  list(range: ScheduleRange): Promise<readonly ListedSchedule[]>
  listVersions(schedule: string): Promise<readonly ScheduleVersion[]>
  findVersion(schedule: string, version: number): Promise<ScheduleVersion | undefined>
  listFires(range: FireRange): Promise<readonly FireState[]>
  findFires(schedule: string, keys: readonly string[]): Promise<readonly FireState[]>
  /** Fires that wait, or whose runs have not ended, oldest first. */
  openFires(schedule: string): Promise<readonly FireState[]>
  /** Takes schedules that are due, or whose journal has news for them. */
  claimDue(claim: Claim): Promise<readonly ScheduleState[]>
  /** Takes fires whose runs nobody has begun. */
  claimStarting(claim: Claim): Promise<readonly StartingFire[]>
  /** Notes that the run of a fire has begun. */
  settle(schedule: string, key: string): Promise<void>
  /** When the next schedule is due; `undefined`: none is. */
  nextDueAt(): Promise<EpochMs | undefined>
  readEvents(range: EventRange): Promise<SeenEvents>
  /** The place of the latest event of a tenant. */
  headOf(tenant: string): Promise<number>
  /** Those of `streams` that are runs of the schedule, or runs begun by these. */
  ownStreams(schedule: string, streams: readonly string[]): Promise<ReadonlySet<string>>
  /** Calls back when there may be something to decide; the returned function ends it. */
  listen(wake: () => void): Promise<() => void>
}
