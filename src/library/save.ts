import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256 } from '../kernel/hash.ts'
import type { JsonObject } from '../kernel/json.ts'
import { toMicroFtns } from '../kernel/money.ts'
import { InvalidDefinitionError, type Problem } from '../workflow/index.ts'

import { requireGranted } from './access.ts'
import type { LibraryDeps } from './deps.ts'
import { ArchivedError, NamelessError, NameTakenError, StaleVersionError } from './errors.ts'
import { checkQuota } from './quotas.ts'
import { libraryName } from './schema.ts'
import type { Viewer } from './sharing.ts'
import type { FoundWorkflow, NewVersion, Shelf, WorkflowRecord } from './store.ts'

/** A definition to be kept, and how. */
export interface Saving {
  readonly viewer: Viewer
  /** That of the definition by default. */
  readonly name?: string | undefined
  readonly definition: JsonObject
  readonly message: string
  /** Whether it is kept although it has problems. */
  readonly isDraft: boolean
  readonly expectedVersion?: number | undefined
  /** The version it was made from; the newest one by default. */
  readonly parent?: number | undefined
  /** Only for what must be new. */
  readonly origin?: Origin
}

/** Where something new comes from. */
export interface Origin {
  readonly forkedFrom: string
  readonly licence: string | undefined
}

/** A definition with everything that is known of it before it is kept. */
interface Examined {
  readonly hash: string
  readonly sizeBytes: number
  readonly problems: readonly Problem[]
}

/**
 * Keeps a definition as a new version.
 *
 * @remarks Retry: what the newest version holds already makes no other one.
 */
export async function saveDefinition(deps: LibraryDeps, saving: Saving): Promise<FoundWorkflow> {
  const name = nameFor(saving)
  const examined = examine(deps, saving.definition)
  if (examined.problems.length > 0 && !saving.isDraft)
    throw new InvalidDefinitionError(examined.problems)
  return deps.store.change(saving.viewer.tenant, async (shelf) => {
    const found = await findForEdit(shelf, name, saving)
    const isKnown = found?.hash === examined.hash && found.isDraft === saving.isDraft
    if (found !== undefined && isKnown && saving.origin === undefined) return found
    await add(deps, shelf, { name, found, saving, examined })
    return requireGranted(await shelf.find(name), {
      viewer: saving.viewer,
      reference: { name },
      action: 'see',
    })
  })
}

function nameFor({ name, definition }: Saving): string {
  const parsed = libraryName.safeParse(name ?? definition['name'])
  if (!parsed.success) throw new NamelessError()
  return parsed.data
}

function examine({ workflows }: LibraryDeps, definition: JsonObject): Examined {
  const text = canonicalJson(definition)
  const checked = workflows.checkSource({
    value: definition,
    file: undefined,
    place: () => undefined,
  })
  return {
    hash: sha256(text),
    sizeBytes: Buffer.byteLength(text),
    problems: checked.ok ? [] : checked.refusal,
  }
}

async function findForEdit(
  shelf: Shelf,
  name: string,
  { viewer, expectedVersion, origin }: Saving,
): Promise<FoundWorkflow | undefined> {
  const found = await shelf.find(name)
  const newest = found?.head ?? 0
  if (found !== undefined) {
    if (origin !== undefined) throw new NameTakenError(name)
    requireGranted(found, { viewer, reference: { name }, action: 'edit' })
    if (found.archivedAt !== undefined) throw new ArchivedError(name)
  }
  if (expectedVersion !== undefined && expectedVersion !== newest)
    throw new StaleVersionError(name, expectedVersion, newest)
  return found
}

interface Addition {
  readonly name: string
  readonly found: FoundWorkflow | undefined
  readonly saving: Saving
  readonly examined: Examined
}

async function add(
  { clock, limits }: LibraryDeps,
  shelf: Shelf,
  { name, found, saving, examined }: Addition,
): Promise<void> {
  const at = clock.now()
  const { viewer, definition, message, isDraft } = saving
  const { hash, sizeBytes, problems } = examined
  checkQuota(
    await shelf.kept(),
    { workflows: found === undefined ? 1 : 0, versions: 1, sizeBytes },
    limits,
  )
  const head = (found?.head ?? 0) + 1
  const version: NewVersion = {
    version: head,
    hash,
    author: `${viewer.tenant}/${viewer.id}`,
    message,
    at,
    parent: saving.parent ?? found?.head,
    sizeBytes,
    isDraft,
    problems,
    definition,
  }
  const record = found ?? newRecord(name, saving, at)
  await shelf.put({ ...record, head, updatedAt: at, description: descriptionIn(definition) })
  await shelf.addVersion(name, version)
}

/** A workflow that nobody but its owner sees. */
export function newRecord(
  name: string,
  { viewer, origin }: Pick<Saving, 'viewer' | 'origin'>,
  at: number,
): WorkflowRecord {
  return {
    tenant: viewer.tenant,
    name,
    owner: viewer.id,
    description: undefined,
    level: 'private',
    sharedWith: [],
    head: 0,
    price: toMicroFtns(0n),
    licence: origin?.licence,
    forkedFrom: origin?.forkedFrom,
    createdAt: at,
    updatedAt: at,
    archivedAt: undefined,
  }
}

/** What a definition says of itself. */
export function descriptionIn({ description }: JsonObject): string | undefined {
  return typeof description === 'string' ? description : undefined
}
