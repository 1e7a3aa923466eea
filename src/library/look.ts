import type { JsonObject } from '../kernel/json.ts'
import { type CompiledWorkflow, InvalidDefinitionError } from '../workflow/index.ts'

import { findGranted, mayOf, versionNumberOf } from './access.ts'
import type { LibraryDeps } from './deps.ts'
import { diffDefinitions } from './diff.ts'
import { ArchivedError, DraftError, UnknownVersionError } from './errors.ts'
import { outlineOf } from './outline.ts'
import type { WorkflowReference } from './reference.ts'
import type {
  LibraryAction,
  SavedWorkflow,
  UpgradeReport,
  UpgradeVerdict,
  VersionDetail,
  WorkflowVersion,
} from './schema.ts'
import type { Viewer } from './sharing.ts'
import { type RunCount, statusOf } from './status.ts'
import type { FoundVersion, FoundWorkflow, LiveRun, NewVersion } from './store.ts'
import { judgeUpgrade, runSoFar } from './upgrade.ts'

/** A workflow as `viewer` may see it. */
export function viewOf(
  viewer: Viewer,
  found: FoundWorkflow,
  runs: readonly RunCount[],
): SavedWorkflow {
  const may = mayOf(viewer, found)
  const { tenant, name, owner, description, level, head, hash, tags, price, licence } = found
  const { isDraft, problems, forkedFrom, createdAt, updatedAt, archivedAt } = found
  return {
    tenant,
    name,
    owner,
    ...(description !== undefined && { description }),
    status: statusOf({ isArchived: archivedAt !== undefined, isDraft, runs }),
    level,
    ...(may.includes('share') && { sharedWith: [...found.sharedWith] }),
    version: head,
    hash,
    tags: { ...tags },
    // A problem quotes what is wrong, and so the definition.
    problems: may.includes('read') ? [...problems] : [],
    price,
    ...(licence !== undefined && { licence }),
    ...(forkedFrom !== undefined && { forkedFrom }),
    may: [...may],
    createdAt,
    updatedAt,
    ...(archivedAt !== undefined && { archivedAt }),
  }
}

/** A version as it crosses the wire. */
export function versionView({ parent, ...version }: FoundVersion): WorkflowVersion {
  return {
    ...version,
    problems: [...version.problems],
    tags: [...version.tags],
    ...(parent !== undefined && { parent }),
  }
}

/** Who asks for which version, to do what with it. */
export interface VersionAsked {
  readonly viewer: Viewer
  readonly reference: WorkflowReference
  readonly action: LibraryAction
}

/** A version, found. */
export interface GrantedVersion {
  readonly workflow: FoundWorkflow
  readonly version: NewVersion
}

/** The version a reference names. @throws {@link UnknownVersionError} and those of `findGranted` */
export async function findVersion(
  { store }: LibraryDeps,
  asked: VersionAsked,
): Promise<GrantedVersion> {
  const workflow = await findGranted(store, asked)
  const selector = asked.reference.version
  const number = versionNumberOf(workflow, selector)
  const version = await store.findVersion(workflow, number)
  if (version === undefined) throw new UnknownVersionError(workflow.name, selector ?? `${number}`)
  return { workflow, version }
}

/** A version that can be run. @throws {@link ArchivedError} {@link DraftError} */
export async function findRunnable(
  deps: LibraryDeps,
  viewer: Viewer,
  reference: WorkflowReference,
): Promise<GrantedVersion> {
  const found = await findVersion(deps, { viewer, reference, action: 'run' })
  const { workflow, version } = found
  if (workflow.archivedAt !== undefined) throw new ArchivedError(workflow.name)
  if (version.isDraft) throw new DraftError(workflow.name, version.version)
  return found
}

/** A version with its definition, as it crosses the wire. */
export async function versionDetailOf(
  deps: LibraryDeps,
  viewer: Viewer,
  reference: WorkflowReference,
): Promise<VersionDetail> {
  const { workflow, version } = await findVersion(deps, { viewer, reference, action: 'read' })
  const all = await deps.store.listVersions(workflow)
  const { tags = [], runs = 0 } = all.find((each) => each.version === version.version) ?? {}
  const { definition } = version
  const { definition: _, ...plain } = { ...version, tags, runs }
  return { ...versionView(plain), definition }
}

/** The definition compiled. @throws {@link InvalidDefinitionError} */
export function compileDefinition(
  { workflows }: LibraryDeps,
  definition: JsonObject,
): CompiledWorkflow {
  const checked = workflows.checkSource({
    value: definition,
    file: undefined,
    place: () => undefined,
  })
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
  return checked.value
}

/**
 * The definition of a run, as far as its tenant may read it.
 *
 * @remarks A run of a workflow that is shared to be executed only shows its outline; so do the runs
 * that its steps begin.
 */
export async function definitionOfRun(
  deps: LibraryDeps,
  viewer: Viewer,
  run: string,
): Promise<JsonObject> {
  const definition = await deps.workflows.getDefinition(viewer.tenant, run)
  const pin = await deps.store.findPin(viewer.tenant, run)
  if (pin === undefined || pin.tenant === viewer.tenant) return definition
  const found = await deps.store.find(viewer, pin)
  const mayRead = found !== undefined && mayOf(viewer, found).includes('read')
  return mayRead ? definition : outlineOf(compileDefinition(deps, definition))
}

/** What a change would mean for the runs under way of whoever asks. */
export async function checkUpgrade(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  definition: JsonObject,
): Promise<UpgradeReport> {
  const { workflow, version } = await findVersion(deps, { viewer, reference, action: 'read' })
  const after = compileDefinition(deps, definition)
  const live = await deps.store.listLiveRuns(viewer.tenant, workflow)
  const judge = async ({ run, version: pinned }: LiveRun): Promise<UpgradeVerdict> => {
    const before = await deps.workflows.getDefinition(viewer.tenant, run)
    const events = await deps.workflows.listEvents(viewer.tenant, run)
    const soFar = runSoFar(events.map(({ event }) => event))
    const diff = diffDefinitions(before, definition)
    return {
      run,
      ...(pinned !== undefined && { version: pinned }),
      ...judgeUpgrade(soFar, { diff, after }),
    }
  }
  const runs: UpgradeVerdict[] = []
  for (const each of live) runs.push(await judge(each))
  return { diff: diffDefinitions(version.definition, definition), runs }
}
