import { PlatformError, type PlatformErrorOptions } from '../kernel/errors.ts'

/** Thrown when a command is not understood, or does not make sense as it is given. */
export class UsageError extends PlatformError {
  readonly code = 'cli.usage'

  constructor(message: string, options: PlatformErrorOptions = {}) {
    super(message, options)
  }
}

/** Thrown when a value given for an input is not what the definition asks for. */
export class InvalidInputError extends PlatformError {
  readonly code = 'cli.invalid-input'

  constructor(input: string, problem: string, options: PlatformErrorOptions = {}) {
    super(`input "${input}": ${problem}`, { ...options, details: { input } })
  }
}

/** What a {@link FileError} says beside the path. */
export interface FileErrorOptions {
  /** @defaultValue 'read' */
  readonly action?: 'read' | 'written'
  readonly hint?: string
}

/** Thrown when a file that a command names cannot be read or written. */
export class FileError extends PlatformError {
  readonly code = 'cli.file'

  constructor(
    path: string,
    cause: NodeJS.ErrnoException,
    { action = 'read', hint = 'check the path and its permissions' }: FileErrorOptions = {},
  ) {
    super(`${path} cannot be ${action} (${cause.code ?? cause.message})`, {
      hint,
      details: { path },
      cause,
    })
  }
}

/** Thrown when a file stands where one is to be written. */
export class FileExistsError extends PlatformError {
  readonly code = 'cli.file-exists'

  constructor(paths: readonly string[]) {
    super(`${paths.join(', ')} ${paths.length === 1 ? 'exists' : 'exist'} already`, {
      hint: 'nothing was changed; --force writes over what is there',
      details: { paths: [...paths] },
    })
  }
}

/** Thrown when a run is left to a worker and there is none. */
export class NobodyThereError extends PlatformError {
  readonly code = 'cli.nobody-there'

  constructor() {
    super('no worker takes up runs of this data directory', {
      hint: 'start one with "prsm worker" or "prsm serve", or leave out --detach',
    })
  }
}

/** Thrown when a definition has problems; `explained` shows each of them in its place. */
export class DefinitionProblemsError extends PlatformError {
  readonly code = 'workflow.invalid-definition'
  readonly explained: string

  constructor(message: string, explained: string, options: PlatformErrorOptions) {
    super(message, options)
    this.explained = explained
  }
}
