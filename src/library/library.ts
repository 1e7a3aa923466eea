import type { JsonObject } from '../kernel/json.ts'

import { findGranted } from './access.ts'
import type { LibraryDeps } from './deps.ts'
import { diffDefinitions } from './diff.ts'
import {
  buyWorkflow,
  pruneVersions,
  putTag,
  removeTag,
  removeWorkflow,
  setArchived,
  shareWorkflow,
} from './edit.ts'
import {
  checkUpgrade,
  compileDefinition,
  definitionOfRun,
  findRunnable,
  findVersion,
  type GrantedVersion,
  versionDetailOf,
  versionView,
  viewOf,
} from './look.ts'
import { outlineOf } from './outline.ts'
import type { WorkflowReference } from './reference.ts'
import { saveDefinition } from './save.ts'
import type {
  DefinitionDiff,
  ForkRequest,
  LibraryUsage,
  Pruned,
  PruneRequest,
  RestoreRequest,
  SavedWorkflow,
  SaveWorkflowRequest,
  ShareWorkflowRequest,
  TagRequest,
  UpgradeReport,
  VersionDetail,
  WorkflowVersion,
} from './schema.ts'
import type { Viewer } from './sharing.ts'
import type { FoundWorkflow, WorkflowRange } from './store.ts'

/** Saved workflows, their versions, and who may do what with them. */
export interface Library {
  /** @throws `InvalidDefinitionError` it has problems and is no draft; `QuotaExceededError` … */
  save(viewer: Viewer, request: SaveWorkflowRequest): Promise<SavedWorkflow>
  list(range: WorkflowRange): Promise<readonly SavedWorkflow[]>
  get(viewer: Viewer, reference: WorkflowReference): Promise<SavedWorkflow>
  /** Removes it with its versions; what is under way keeps its definition. */
  remove(viewer: Viewer, reference: WorkflowReference): Promise<void>
  /** Newest first. */
  listVersions(viewer: Viewer, reference: WorkflowReference): Promise<readonly WorkflowVersion[]>
  getVersion(viewer: Viewer, reference: WorkflowReference): Promise<VersionDetail>
  /** What those see who may run it and not read it. */
  outline(viewer: Viewer, reference: WorkflowReference): Promise<JsonObject>
  /** What differs between the version of `reference` and another one of the same workflow. */
  diff(viewer: Viewer, reference: WorkflowReference, to?: string): Promise<DefinitionDiff>
  /** Makes an older version the newest again, as a version of its own. */
  restore(
    viewer: Viewer,
    reference: WorkflowReference,
    request: RestoreRequest,
  ): Promise<SavedWorkflow>
  tag(viewer: Viewer, reference: WorkflowReference, request: TagRequest): Promise<SavedWorkflow>
  untag(viewer: Viewer, reference: WorkflowReference, tag: string): Promise<SavedWorkflow>
  setArchived(
    viewer: Viewer,
    reference: WorkflowReference,
    isArchived: boolean,
  ): Promise<SavedWorkflow>
  share(
    viewer: Viewer,
    reference: WorkflowReference,
    request: ShareWorkflowRequest,
  ): Promise<SavedWorkflow>
  /** Makes a workflow of one's own out of one that may be forked. */
  fork(viewer: Viewer, reference: WorkflowReference, request: ForkRequest): Promise<SavedWorkflow>
  buy(viewer: Viewer, reference: WorkflowReference): Promise<SavedWorkflow>
  prune(viewer: Viewer, reference: WorkflowReference, request: PruneRequest): Promise<Pruned>
  usage(tenant: string): Promise<LibraryUsage>
  checkUpgrade(
    viewer: Viewer,
    reference: WorkflowReference,
    definition: JsonObject,
  ): Promise<UpgradeReport>
  /** The version to run. @throws `DraftError` `ArchivedError` `NotGrantedError` */
  findRunnable(viewer: Viewer, reference: WorkflowReference): Promise<GrantedVersion>
  /** Ties a run to the version it was begun with, before it begins. */
  pin(run: string, granted: GrantedVersion): Promise<void>
  /** The definition of a run, or its outline where only that may be seen. */
  definitionOfRun(viewer: Viewer, run: string): Promise<JsonObject>
}

/** Builds the library; called once, from the composition root. */
export function createLibrary(deps: LibraryDeps): Library {
  const { store, limits } = deps
  const show = async (viewer: Viewer, found: FoundWorkflow): Promise<SavedWorkflow> => {
    const [shown] = await showAll(deps, viewer, [found])
    return shown ?? viewOf(viewer, found, [])
  }
  return {
    ...editors(deps, show),
    list: async (range) => showAll(deps, range.viewer, await store.list(range)),
    get: async (viewer, reference) =>
      show(viewer, await findGranted(store, { viewer, reference, action: 'see' })),
    async listVersions(viewer, reference) {
      const found = await findGranted(store, { viewer, reference, action: 'read' })
      return (await store.listVersions(found)).map(versionView)
    },
    getVersion: (viewer, reference) => versionDetailOf(deps, viewer, reference),
    async outline(viewer, reference) {
      const { version } = await findVersion(deps, { viewer, reference, action: 'run' })
      return outlineOf(compileDefinition(deps, version.definition))
    },
    async diff(viewer, reference, to) {
      const { tenant, name } = reference
      const other = { name, ...(tenant !== undefined && { tenant }), version: to ?? 'latest' }
      const before = await findVersion(deps, { viewer, reference, action: 'read' })
      const after = await findVersion(deps, { viewer, reference: other, action: 'read' })
      return diffDefinitions(before.version.definition, after.version.definition)
    },
    async usage(tenant) {
      return { ...(await store.kept(tenant)), ...limits }
    },
    checkUpgrade: (viewer, reference, definition) =>
      checkUpgrade(deps, [viewer, reference], definition),
    findRunnable: (viewer, reference) => findRunnable(deps, viewer, reference),
    pin: (run, { workflow: { tenant, name }, version: { version } }) =>
      store.pin({ run, tenant, name, version }),
    definitionOfRun: (viewer, run) => definitionOfRun(deps, viewer, run),
  }
}

type Editor =
  | 'save'
  | 'remove'
  | 'restore'
  | 'tag'
  | 'untag'
  | 'setArchived'
  | 'share'
  | 'fork'
  | 'buy'
  | 'prune'
type Show = (viewer: Viewer, found: FoundWorkflow) => Promise<SavedWorkflow>

function editors(deps: LibraryDeps, show: Show): Pick<Library, Editor> {
  return {
    async save(viewer, { definition, name, message = '', draft = false, expectedVersion }) {
      const saving = { viewer, name, definition, message, isDraft: draft, expectedVersion }
      return show(viewer, await saveDefinition(deps, saving))
    },
    remove: (viewer, reference) => removeWorkflow(deps, viewer, reference),
    async restore(viewer, { tenant, name }, { version: selector, message }) {
      const reference = { name, ...(tenant !== undefined && { tenant }), version: selector }
      const { version } = await findVersion(deps, { viewer, reference, action: 'edit' })
      const saved = await saveDefinition(deps, {
        viewer,
        name,
        definition: version.definition,
        message: message ?? `restores version ${version.version}`,
        isDraft: version.isDraft,
        parent: version.version,
      })
      return show(viewer, saved)
    },
    tag: async (viewer, reference, request) =>
      show(viewer, await putTag(deps, [viewer, reference], request)),
    untag: async (viewer, reference, tag) =>
      show(viewer, await removeTag(deps, [viewer, reference], tag)),
    setArchived: async (viewer, reference, isArchived) =>
      show(viewer, await setArchived(deps, [viewer, reference], isArchived)),
    share: async (viewer, reference, request) =>
      show(viewer, await shareWorkflow(deps, [viewer, reference], request)),
    async fork(viewer, reference, { name, version: selector }) {
      const asked = { ...reference, ...(selector !== undefined && { version: selector }) }
      const found = await findVersion(deps, { viewer, reference: asked, action: 'fork' })
      const { workflow, version } = found
      const forkedFrom = `${workflow.tenant}/${workflow.name}@${version.version}`
      const saved = await saveDefinition(deps, {
        viewer,
        name: name ?? workflow.name,
        definition: version.definition,
        message: `forks ${forkedFrom}`,
        isDraft: version.isDraft,
        origin: { forkedFrom, licence: workflow.licence },
      })
      return show(viewer, saved)
    },
    buy: async (viewer, reference) => show(viewer, await buyWorkflow(deps, viewer, reference)),
    prune: (viewer, reference, { keep, olderThanMs }) =>
      pruneVersions(deps, [viewer, reference], { keep, olderThanMs }),
  }
}

async function showAll(
  { store }: LibraryDeps,
  viewer: Viewer,
  found: readonly FoundWorkflow[],
): Promise<readonly SavedWorkflow[]> {
  const counts = await store.countRuns(viewer.tenant, found)
  return found.map((each) => viewOf(viewer, each, counts.get(`${each.tenant}/${each.name}`) ?? []))
}
