import type { EpochMs } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { MicroFtns } from '../kernel/money.ts'
import type { Problem } from '../workflow/index.ts'

import type { Kept } from './quotas.ts'
import type { SharingLevel } from './schema.ts'
import type { Viewer } from './sharing.ts'
import type { RunCount } from './status.ts'

/** A saved workflow as it is kept. */
export interface WorkflowRecord {
  readonly tenant: string
  readonly name: string
  readonly owner: string
  readonly description: string | undefined
  readonly level: SharingLevel
  readonly sharedWith: readonly string[]
  /** Number of the newest version. */
  readonly head: number
  readonly price: MicroFtns
  readonly licence: string | undefined
  readonly forkedFrom: string | undefined
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
  readonly archivedAt: EpochMs | undefined
}

/** A saved workflow with what its newest version says. */
export interface FoundWorkflow extends WorkflowRecord {
  readonly hash: string
  readonly isDraft: boolean
  readonly problems: readonly Problem[]
  readonly tags: Readonly<Record<string, number>>
  /** Whether the tenant of whoever looks has bought it. */
  readonly isBought: boolean
}

/** A version as it is kept, without its definition. */
export interface VersionRecord {
  readonly version: number
  readonly hash: string
  readonly author: string
  readonly message: string
  readonly at: EpochMs
  readonly parent: number | undefined
  readonly sizeBytes: number
  readonly isDraft: boolean
  readonly problems: readonly Problem[]
}

/** A version and what points at it. */
export interface FoundVersion extends VersionRecord {
  readonly tags: readonly string[]
  readonly runs: number
}

/** A version with its definition. */
export interface NewVersion extends VersionRecord {
  readonly definition: JsonObject
}

/** Names a workflow. */
export interface WorkflowKey {
  readonly tenant: string
  readonly name: string
}

/** Which version a run has. */
export interface RunPin extends WorkflowKey {
  readonly run: string
  readonly version: number
}

/** A run under way. */
export interface LiveRun {
  readonly run: string
  readonly version: number | undefined
}

/** Which workflows are listed, in the order of tenants and names. */
export interface WorkflowRange {
  readonly viewer: Viewer
  /** Whether those that others share are listed too. */
  readonly includesOthers: boolean
  readonly after?: WorkflowKey
  readonly limit: number
}

/** What one tenant has, while nobody else changes it. */
export interface Shelf {
  find(name: string): Promise<FoundWorkflow | undefined>
  put(record: WorkflowRecord): Promise<void>
  /** Removes it with its versions and tags. */
  remove(name: string): Promise<void>
  addVersion(name: string, version: NewVersion): Promise<void>
  findVersion(name: string, version: number): Promise<NewVersion | undefined>
  listVersions(name: string): Promise<readonly FoundVersion[]>
  removeVersions(name: string, versions: readonly number[]): Promise<void>
  putTag(name: string, tag: string, version: number): Promise<void>
  /** @returns false when there was no such tag. */
  removeTag(name: string, tag: string): Promise<boolean>
  kept(): Promise<Kept>
}

/** Where saved workflows are kept. */
export interface LibraryStore {
  /** Changes what a tenant has: all of it or nothing, one change after the other. */
  change<Value>(tenant: string, work: (shelf: Shelf) => Promise<Value>): Promise<Value>
  find(viewer: Viewer, key: WorkflowKey): Promise<FoundWorkflow | undefined>
  list(range: WorkflowRange): Promise<readonly FoundWorkflow[]>
  findVersion(key: WorkflowKey, version: number): Promise<NewVersion | undefined>
  listVersions(key: WorkflowKey): Promise<readonly FoundVersion[]>
  /** Runs of `tenant` that are pinned to these workflows, by `TENANT/NAME`. */
  countRuns(
    tenant: string,
    keys: readonly WorkflowKey[],
  ): Promise<ReadonlyMap<string, readonly RunCount[]>>
  /** Runs of `tenant` under way: those pinned to the workflow, and those of its name. */
  listLiveRuns(tenant: string, key: WorkflowKey): Promise<readonly LiveRun[]>
  kept(tenant: string): Promise<Kept>
  pin(pin: RunPin): Promise<void>
  /** What a run is pinned to, or the run that began it, or … */
  findPin(tenant: string, run: string): Promise<RunPin | undefined>
}
