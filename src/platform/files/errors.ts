import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a path is not, or does not lead, inside the folder that it must stay in. */
export class OutsideFolderError extends PlatformError {
  readonly code = 'files.outside'

  constructor(path: string, reason: string) {
    super(`"${path}" ${reason}`, {
      hint: 'write a path within the folder of the run, such as "results/a.md"',
      details: { path },
    })
  }
}

/** Thrown when there is nothing at a path. */
export class FileNotFoundError extends PlatformError {
  readonly code = 'files.not-found'

  constructor(path: string, cause?: unknown) {
    super(`there is no file or folder "${path}"`, {
      hint: 'paths are taken from the folder of the run; files.list shows what is there',
      details: { path },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when something at a path is not what is needed: a folder, a device, or a file as a folder. */
export class NotAFileError extends PlatformError {
  readonly code = 'files.not-a-file'

  constructor(path: string, what: string, cause?: unknown) {
    super(`"${path}" is ${what}`, {
      hint: 'choose another path',
      details: { path, what },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when this process may not read or write a path. */
export class FileDeniedError extends PlatformError {
  readonly code = 'files.denied'

  constructor(path: string, cause: Error) {
    super(`"${path}" may not be accessed: ${cause.message}`, {
      hint: 'change the permissions or the owner, or choose another folder',
      details: { path },
      cause,
    })
  }
}

/** Thrown when there is no room for a file. */
export class DiskFullError extends PlatformError {
  readonly code = 'files.disk-full'

  constructor(path: string, cause: Error) {
    super(`there is no room for "${path}": the disk or the quota is full`, {
      hint: 'free some space, or move the data directory with --data-dir; then prsm resume goes on',
      details: { path },
      cause,
    })
  }
}

/** Thrown when a file is larger than is allowed. */
export class FileTooLargeError extends PlatformError {
  readonly code = 'files.too-large'

  constructor(path: string, sizeBytes: number, maxBytes: number) {
    super(`"${path}" has ${sizeBytes} bytes, more than ${maxBytes}`, {
      hint: 'raise "maxBytes", or split the file',
      details: { path, sizeBytes, maxBytes },
    })
  }
}

/** Thrown when a folder holds more entries than can be listed. */
export class TooManyFilesError extends PlatformError {
  readonly code = 'files.too-many'

  constructor(path: string, maxEntries: number) {
    super(`"${path}" holds more than ${maxEntries} files and folders`, {
      hint: 'choose a folder further down',
      details: { path, maxEntries },
    })
  }
}

/** Thrown when documents are more, or larger, than may be taken over. */
export class ImportLimitError extends PlatformError {
  readonly code = 'files.import-limit'

  constructor(
    from: string,
    limit: 'maxBytes' | 'maxFiles',
    { value, found }: { readonly value: number; readonly found: number },
  ) {
    const what = limit === 'maxFiles' ? 'documents' : 'bytes of documents'
    super(`"${from}" holds ${found} ${what}, more than ${value}`, {
      hint: `choose a folder with less in it, or raise ${limit}`,
      details: { from, limit, value, found },
    })
  }
}

/** Thrown when the system is short of something that others may give back soon. */
export class FilesBusyError extends PlatformError {
  readonly code = 'files.busy'
  readonly isTransient = true

  constructor(path: string, cause: Error) {
    super(`"${path}" cannot be accessed just now: ${cause.message}`, {
      hint: 'try again; too many files may be open',
      details: { path },
      cause,
    })
  }
}

/** Thrown when a path has a form that the system does not take, or its device fails. */
export class FileAccessError extends PlatformError {
  readonly code = 'files.failed'

  constructor(path: string, cause: Error) {
    super(`"${path}" cannot be accessed: ${cause.message}`, { details: { path }, cause })
  }
}
