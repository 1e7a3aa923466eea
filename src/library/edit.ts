import { toMicroFtns } from '../kernel/money.ts'
import { RefusedError } from '../workflow/index.ts'

import { type Asked, findGranted, requireGranted, versionNumberOf } from './access.ts'
import type { LibraryDeps } from './deps.ts'
import {
  DraftError,
  InvalidSharingError,
  RunsUnderWayError,
  UnknownVersionError,
} from './errors.ts'
import type { WorkflowReference } from './reference.ts'
import { decidePrune, type RetentionPolicy } from './retention.ts'
import type { Pruned, ShareWorkflowRequest, TagRequest } from './schema.ts'
import type { Viewer } from './sharing.ts'
import type { FoundWorkflow, NewVersion, Shelf } from './store.ts'

/** Does `work` on a workflow while nobody else changes it, and gives it as it is then. */
async function editing(
  { store }: LibraryDeps,
  asked: Asked,
  work: (shelf: Shelf, found: FoundWorkflow) => Promise<void>,
): Promise<FoundWorkflow> {
  const { tenant, name } = await findGranted(store, asked)
  return store.change(tenant, async (shelf) => {
    await work(shelf, requireGranted(await shelf.find(name), asked))
    return requireGranted(await shelf.find(name), { ...asked, action: 'see' })
  })
}

/** A version of a workflow on a shelf. @throws {@link UnknownVersionError} */
async function getVersion(
  shelf: Shelf,
  found: FoundWorkflow,
  selector: string | undefined,
): Promise<NewVersion> {
  const number = versionNumberOf(found, selector)
  const version = await shelf.findVersion(found.name, number)
  if (version === undefined) throw new UnknownVersionError(found.name, selector ?? `${number}`)
  return version
}

/** Puts a tag at a version, wherever it was before. */
export function putTag(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  { tag, version: selector }: TagRequest,
): Promise<FoundWorkflow> {
  return editing(deps, { viewer, reference, action: 'edit' }, async (shelf, found) => {
    const { version, isDraft } = await getVersion(shelf, found, selector)
    if (isDraft) throw new DraftError(found.name, version)
    await shelf.putTag(found.name, tag, version)
  })
}

/** Takes a tag away. @throws {@link UnknownVersionError} there is none of this name. */
export function removeTag(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  tag: string,
): Promise<FoundWorkflow> {
  return editing(deps, { viewer, reference, action: 'edit' }, async (shelf, { name }) => {
    if (!(await shelf.removeTag(name, tag))) throw new UnknownVersionError(name, tag)
  })
}

/** Archives a workflow, or takes it back; again is no change. */
export function setArchived(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  isArchived: boolean,
): Promise<FoundWorkflow> {
  return editing(deps, { viewer, reference, action: 'edit' }, async (shelf, found) => {
    if ((found.archivedAt !== undefined) === isArchived) return
    const at = deps.clock.now()
    await shelf.put({ ...found, updatedAt: at, archivedAt: isArchived ? at : undefined })
  })
}

/** Sets who else may do what. @throws {@link InvalidSharingError} {@link DraftError} */
export function shareWorkflow(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  request: ShareWorkflowRequest,
): Promise<FoundWorkflow> {
  checkSharing(request)
  const { level, with: tenants = [], price = toMicroFtns(0n), licence } = request
  return editing(deps, { viewer, reference, action: 'share' }, async (shelf, found) => {
    const isOffered = level === 'public_template' || level === 'marketplace'
    if (isOffered && found.isDraft) throw new DraftError(found.name, found.head)
    await shelf.put({
      ...found,
      level,
      sharedWith: [...new Set(tenants)].toSorted(),
      price,
      licence: licence ?? found.licence,
      updatedAt: deps.clock.now(),
    })
  })
}

function checkSharing({
  level,
  with: tenants = [],
  price = toMicroFtns(0n),
}: ShareWorkflowRequest): void {
  const isByName = level === 'shared_read' || level === 'shared_execute'
  if (tenants.length > 0 && !isByName)
    throw new InvalidSharingError(`"${level}" is not a matter of single tenants`)
  if (price > 0n && level !== 'marketplace')
    throw new InvalidSharingError(`"${level}" has no price; "marketplace" has`)
}

/** Removes a workflow with all its versions. @throws {@link RunsUnderWayError} */
export async function removeWorkflow(
  { store }: LibraryDeps,
  viewer: Viewer,
  reference: WorkflowReference,
): Promise<void> {
  const asked: Asked = { viewer, reference, action: 'delete' }
  const found = await findGranted(store, asked)
  const live = await store.listLiveRuns(found.tenant, found)
  const own = live.filter(({ version }) => version !== undefined)
  if (own.length > 0) throw new RunsUnderWayError(found.name, own.length)
  await store.change(found.tenant, async (shelf) => {
    requireGranted(await shelf.find(found.name), asked)
    await shelf.remove(found.name)
  })
}

/** Removes old versions that nothing needs. */
export async function pruneVersions(
  deps: LibraryDeps,
  [viewer, reference]: readonly [Viewer, WorkflowReference],
  policy: RetentionPolicy,
): Promise<Pruned> {
  let outcome: Pruned = { removed: [], kept: 0 }
  await editing(deps, { viewer, reference, action: 'edit' }, async (shelf, { name }) => {
    const versions = await shelf.listVersions(name)
    const kept = versions.map((each) => ({ ...each, isTagged: each.tags.length > 0 }))
    const removed = [...decidePrune(kept, policy, deps.clock.now())]
    await shelf.removeVersions(name, removed)
    outcome = { removed, kept: versions.length - removed.length }
  })
  return outcome
}

/** Buys the right to use a workflow, once for the whole tenant. @throws {@link RefusedError} */
export async function buyWorkflow(
  { store, payments, clock }: LibraryDeps,
  viewer: Viewer,
  reference: WorkflowReference,
): Promise<FoundWorkflow> {
  const before = await findGranted(store, { viewer, reference, action: 'see' })
  // Bought before: it is not paid a second time.
  if (before.isBought) return before
  const { tenant, name, price } = await findGranted(store, { viewer, reference, action: 'buy' })
  const outcome = await payments.pay({
    id: `buy:${viewer.tenant}:${tenant}/${name}:${before.createdAt}`,
    buyer: viewer.tenant,
    seller: tenant,
    name,
    amount: price,
    at: clock.now(),
    paid: { kind: 'purchase' },
  })
  if (!outcome.ok) throw new RefusedError(outcome.refusal)
  return findGranted(store, { viewer, reference, action: 'see' })
}
