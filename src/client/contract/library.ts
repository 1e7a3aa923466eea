import type { JsonObject } from '../../kernel/json.ts'
import type {
  DefinitionDiff,
  ForkRequest,
  LibraryUsage,
  PruneRequest,
  Pruned,
  RestoreRequest,
  SaveWorkflowRequest,
  SavedWorkflow,
  ShareWorkflowRequest,
  TagRequest,
  UpgradeReport,
  UpgradeRequest,
  VersionDetail,
  WorkflowStatus,
  WorkflowVersion,
} from '../../library/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** Names a saved workflow or template. */
export interface LibraryName {
  readonly name: string
  /** Whose it is. @defaultValue the tenant of the key */
  readonly tenant?: string | undefined
}

/** Names a version of a saved workflow. */
export interface VersionName extends LibraryName {
  /** A number or a tag. @defaultValue the newest one */
  readonly version?: string | undefined
}

/** Which saved workflows are listed. */
export interface WorkflowFilter extends ListOptions {
  /** Whether those that other tenants share are listed too. @defaultValue false */
  readonly others?: boolean
  readonly status?: WorkflowStatus
}

/** Saved workflows and their versions. */
export interface LibraryMethods {
  saveWorkflow(request: SaveWorkflowRequest, options?: EffectOptions): Promise<SavedWorkflow>
  listWorkflows(filter?: WorkflowFilter): Listing<SavedWorkflow>
  getWorkflow(name: LibraryName, options?: CallOptions): Promise<SavedWorkflow>
  deleteWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  listVersions(name: LibraryName, options?: CallOptions): Promise<readonly WorkflowVersion[]>
  getVersion(version: VersionName, options?: CallOptions): Promise<VersionDetail>
  /** What those see of a version who may run it and not read it. */
  getOutline(version: VersionName, options?: CallOptions): Promise<JsonObject>
  /** What differs between a version and another one, by default the newest. */
  diffVersions(version: VersionName, to?: string, options?: CallOptions): Promise<DefinitionDiff>
  restoreVersion(
    name: LibraryName,
    request: RestoreRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  tagVersion(
    name: LibraryName,
    request: TagRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  untagVersion(name: LibraryName, tag: string, options?: EffectOptions): Promise<SavedWorkflow>
  archiveWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  unarchiveWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  shareWorkflow(
    name: LibraryName,
    request: ShareWorkflowRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  forkWorkflow(
    name: LibraryName,
    request?: ForkRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  buyWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  pruneVersions(name: LibraryName, request: PruneRequest, options?: EffectOptions): Promise<Pruned>
  /** Which runs under way a change would break, by the definitions alone. */
  checkUpgrade(
    name: LibraryName,
    request: UpgradeRequest,
    options?: CallOptions,
  ): Promise<UpgradeReport>
  libraryUsage(options?: CallOptions): Promise<LibraryUsage>
}
