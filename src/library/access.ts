import { NotGrantedError, UnknownVersionError, UnknownWorkflowError } from './errors.ts'
import type { WorkflowReference } from './reference.ts'
import type { LibraryAction } from './schema.ts'
import { grantsOf, relationOf, type Viewer } from './sharing.ts'
import type { FoundWorkflow, LibraryStore } from './store.ts'

/** What `viewer` may do with a workflow. */
export function mayOf(viewer: Viewer, found: FoundWorkflow): readonly LibraryAction[] {
  return grantsOf(found.level, relationOf(viewer, found, found.isBought))
}

/** A reference as people write it, for messages. */
export function nameIn({ tenant, name }: WorkflowReference): string {
  return tenant === undefined ? name : `${tenant}/${name}`
}

/** What an action is asked for. */
export interface Asked {
  readonly viewer: Viewer
  readonly reference: WorkflowReference
  readonly action: LibraryAction
}

/**
 * The workflow, if `viewer` may do this with it.
 *
 * @throws {@link UnknownWorkflowError} there is none, or its existence is not theirs to know.
 * @throws {@link NotGrantedError}
 */
export async function findGranted(store: LibraryStore, asked: Asked): Promise<FoundWorkflow> {
  const { viewer, reference } = asked
  const { tenant = viewer.tenant, name } = reference
  return requireGranted(await store.find(viewer, { tenant, name }), asked)
}

/** The same for one that was looked up already. */
export function requireGranted(
  found: FoundWorkflow | undefined,
  { viewer, reference, action }: Asked,
): FoundWorkflow {
  const may = found === undefined ? [] : mayOf(viewer, found)
  if (found === undefined || !may.includes('see')) throw new UnknownWorkflowError(nameIn(reference))
  if (!may.includes(action)) throw new NotGrantedError(nameIn(reference), action, may)
  return found
}

/** The number that a selector names; without one, the newest. @throws {@link UnknownVersionError} */
export function versionNumberOf(found: FoundWorkflow, selector = 'latest'): number {
  if (selector === 'latest') return found.head
  const version = /^\d+$/.test(selector) ? Number(selector) : found.tags[selector]
  if (version === undefined) throw new UnknownVersionError(found.name, selector)
  return version
}
