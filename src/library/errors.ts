import { PlatformError } from '../kernel/errors.ts'

import type { LibraryAction } from './schema.ts'

/** Thrown when a text does not name a saved workflow. */
export class InvalidReferenceError extends PlatformError {
  readonly code = 'library.invalid-reference'

  constructor(text: string) {
    super(`"${text}" does not name a saved workflow`, {
      hint: 'write NAME, NAME@VERSION, NAME@TAG, or TENANT/NAME for one of another tenant',
      details: { text },
    })
  }
}

/** Thrown when there is no such workflow, or whoever asks may not know of it. */
export class UnknownWorkflowError extends PlatformError {
  readonly code = 'library.unknown-workflow'

  constructor(name: string) {
    super(`there is no saved workflow "${name}"`, {
      hint: 'prsm workflow ls lists those there are; --all also those of others',
      details: { name },
    })
  }
}

/** Thrown when a workflow has no such version or tag. */
export class UnknownVersionError extends PlatformError {
  readonly code = 'library.unknown-version'

  constructor(name: string, version: string) {
    super(`workflow "${name}" has no version "${version}"`, {
      hint: `prsm workflow versions ${name} lists versions and tags`,
      details: { name, version },
    })
  }
}

/** Thrown when the sharing of a workflow does not grant what is asked for. */
export class NotGrantedError extends PlatformError {
  readonly code = 'library.not-granted'

  constructor(name: string, action: LibraryAction, granted: readonly LibraryAction[]) {
    super(`you may not ${action} "${name}"`, {
      hint: granted.includes('buy')
        ? `buy it first: prsm workflow buy ${name}`
        : 'ask its owner to share it with you',
      details: { name, action, granted: [...granted] },
    })
  }
}

/** Thrown when another version was saved meanwhile. */
export class StaleVersionError extends PlatformError {
  readonly code = 'library.stale-version'

  constructor(name: string, expected: number, newest: number) {
    super(`version ${newest} of "${name}" is the newest, not ${expected}`, {
      hint: `look at what changed: prsm workflow diff ${name}`,
      details: { name, expected, newest },
    })
  }
}

/** Thrown when a draft is to be run or tagged. */
export class DraftError extends PlatformError {
  readonly code = 'library.draft'

  constructor(name: string, version: number) {
    super(`version ${version} of "${name}" is a draft`, {
      hint: `prsm workflow show ${name} says what is wrong with it; save it without --draft when it is right`,
      details: { name, version },
    })
  }
}

/** Thrown when an archived workflow is to be changed or run. */
export class ArchivedError extends PlatformError {
  readonly code = 'library.archived'

  constructor(name: string) {
    super(`"${name}" is archived`, {
      hint: `prsm workflow unarchive ${name}`,
      details: { name },
    })
  }
}

/** Thrown when a name is taken already. */
export class NameTakenError extends PlatformError {
  readonly code = 'library.name-taken'

  constructor(name: string) {
    super(`there is something of the name "${name}" already`, {
      hint: 'choose another name with --as',
      details: { name },
    })
  }
}

/** Thrown when a workflow cannot go because runs of it are under way. */
export class RunsUnderWayError extends PlatformError {
  readonly code = 'library.runs-under-way'

  constructor(name: string, runs: number) {
    super(`"${name}" has ${runs} ${runs === 1 ? 'run' : 'runs'} under way`, {
      hint: `archive it instead, or cancel them: prsm ls --name ${name}`,
      details: { name, runs },
    })
  }
}

/** What exceeds which limit. */
export interface Excess {
  readonly resource: 'workflows' | 'versions' | 'bytes'
  readonly wanted: number
  readonly limit: number
}

/** Thrown when a tenant would keep more than it may. */
export class QuotaExceededError extends PlatformError {
  readonly code = 'library.quota-exceeded'
  readonly resource: Excess['resource']

  constructor({ resource, wanted, limit }: Excess) {
    super(`this would be ${wanted} ${resource} in the library; ${limit} are allowed`, {
      hint: 'remove old versions with prsm workflow prune, or workflows with prsm workflow rm',
      details: { resource, wanted, limit },
    })
    this.resource = resource
  }
}

/** Thrown when a price or a list of tenants stands beside a level that has none. */
export class InvalidSharingError extends PlatformError {
  readonly code = 'library.invalid-sharing'

  constructor(message: string) {
    super(message, { hint: 'prsm workflow share --help says what goes with which level' })
  }
}

/** Thrown when something without a name is to be saved. */
export class NamelessError extends PlatformError {
  readonly code = 'library.nameless'

  constructor() {
    super('the definition has no usable name', {
      hint: 'write "name" at its top, or give one with --as',
    })
  }
}
