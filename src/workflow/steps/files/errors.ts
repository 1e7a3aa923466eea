import { PlatformError } from '../../../kernel/errors.ts'

/** Thrown when a file that is read as JSON is none. */
export class NotJsonFileError extends PlatformError {
  readonly code = 'files.not-json'

  constructor(path: string, cause: Error) {
    super(`"${path}" is not JSON: ${cause.message}`, {
      hint: 'read it with as: text, or repair it',
      details: { path },
      cause,
    })
  }
}
