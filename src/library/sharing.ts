import type { LibraryAction, SharingLevel } from './schema.ts'

/** Who acts on the library. */
export interface Viewer {
  readonly tenant: string
  /** The key: `key_…`. */
  readonly id: string
  /** Administrators of a tenant act as the owners of everything in it. */
  readonly isAdmin: boolean
}

/** What somebody is to a workflow. */
export type Relation = 'owner' | 'colleague' | 'invited' | 'buyer' | 'stranger'

/** What sharing is decided by. */
export interface Shared {
  readonly tenant: string
  readonly owner: string
  readonly level: SharingLevel
  readonly sharedWith: readonly string[]
}

/** What `viewer` is to a workflow. */
export function relationOf(viewer: Viewer, shared: Shared, hasBought: boolean): Relation {
  if (viewer.tenant === shared.tenant) {
    return viewer.isAdmin || viewer.id === shared.owner ? 'owner' : 'colleague'
  }
  if (shared.sharedWith.includes(viewer.tenant)) return 'invited'
  return hasBought ? 'buyer' : 'stranger'
}

const NOTHING: readonly LibraryAction[] = []
const READ = ['see', 'read'] as const
const RUN = ['see', 'run'] as const
const COPY = ['see', 'read', 'fork'] as const
const USE = ['see', 'read', 'run', 'fork'] as const
const OWN = ['see', 'read', 'run', 'fork', 'edit', 'share', 'delete'] as const

type Rest = Exclude<Relation, 'owner'>

/** What each level grants to those who are not the owner: what its name says, and nothing more. */
const GRANTS: Readonly<Record<SharingLevel, Readonly<Record<Rest, readonly LibraryAction[]>>>> = {
  private: { colleague: NOTHING, invited: NOTHING, buyer: NOTHING, stranger: NOTHING },
  shared_read: { colleague: READ, invited: READ, buyer: NOTHING, stranger: NOTHING },
  shared_execute: { colleague: RUN, invited: RUN, buyer: NOTHING, stranger: NOTHING },
  public_read: { colleague: READ, invited: READ, buyer: READ, stranger: READ },
  public_template: { colleague: COPY, invited: COPY, buyer: COPY, stranger: COPY },
  marketplace: { colleague: USE, invited: ['see', 'buy'], buyer: USE, stranger: ['see', 'buy'] },
}

/** What somebody may do with a workflow that is shared on a level. */
export function grantsOf(level: SharingLevel, relation: Relation): readonly LibraryAction[] {
  return relation === 'owner' ? OWN : GRANTS[level][relation]
}
