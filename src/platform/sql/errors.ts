import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when no connection to the database can be made, or an open one breaks. */
export class DatabaseUnreachableError extends PlatformError {
  readonly code = 'sql.unreachable'

  constructor(where: string, cause: unknown) {
    super(`database at ${where} is not reachable: ${messageOf(cause)}`, {
      hint: 'check that PostgreSQL runs there and accepts this user, or leave databaseUrl unset to use the embedded one',
      details: { where },
      cause,
    })
  }
}

/**
 * Thrown when a connection broke while a transaction was being committed.
 *
 * @remarks Whether it was committed is not known: re-read the state before acting again.
 */
export class CommitUnknownError extends PlatformError {
  readonly code = 'sql.commit-unknown'

  constructor(cause: unknown) {
    super(`the connection broke during a commit: ${messageOf(cause)}`, {
      hint: 'the work resumes from what the database holds once it is reachable again',
      cause,
    })
  }
}

/** Thrown when a connection broke while a statement ran on it, or none could be had. */
export class ConnectionLostError extends PlatformError {
  readonly code = 'sql.connection-lost'
  /** The database is likely to come back: a restart, a failover, a network fault. */
  readonly isTransient = true

  constructor(cause: unknown) {
    super(`the connection to the database is lost: ${messageOf(cause)}`, {
      hint: 'nothing acknowledged is lost; work goes on when the database is reachable again',
      cause,
    })
  }
}

/** Thrown when a statement fails for a reason of its own: a constraint, a full disk, a bug. */
export class StatementError extends PlatformError {
  readonly code = 'sql.statement-failed'
  /** The five-character SQLSTATE, such as `23505`. */
  readonly sqlState: string

  constructor(sqlState: string, cause: unknown) {
    super(`the database refused a statement (SQLSTATE ${sqlState}): ${messageOf(cause)}`, {
      details: { sqlState },
      cause,
      ...(sqlState.startsWith('53') && {
        hint: 'the database is out of disk, memory or connections: free some and resume; nothing acknowledged was lost',
      }),
    })
    this.sqlState = sqlState
  }
}

/** Thrown when the database was migrated by a newer version of PRSM. */
export class NewerSchemaError extends PlatformError {
  readonly code = 'sql.newer-schema'

  constructor(unknown: readonly string[]) {
    super(`the database has migrations which this version does not know: ${unknown.join(', ')}`, {
      hint: 'use the version of PRSM that made them, or a newer one',
      details: { migrations: [...unknown] },
    })
  }
}

/** Thrown when a migration that was already applied now has another text. */
export class ChangedMigrationError extends PlatformError {
  readonly code = 'sql.changed-migration'

  constructor(id: string) {
    super(`migration ${id} differs from the one this database was built with`, {
      hint: 'applied migrations are never edited: add a new one',
      details: { migration: id },
    })
  }
}

/** Thrown when a file of exported rows cannot be read back. */
export class InvalidDumpError extends PlatformError {
  readonly code = 'sql.invalid-dump'

  /** @param problem - the rest of a sentence that begins with the file. */
  constructor(file: string, problem: string, options: ErrorOptions = {}) {
    super(`"${file}" ${problem}`, {
      hint: 'nothing was imported; export it again with "prsm db export FILE"',
      details: { file },
      ...options,
    })
  }
}

/** Thrown when rows are to be imported into a database that already holds some. */
export class DatabaseNotEmptyError extends PlatformError {
  readonly code = 'sql.not-empty'

  constructor(where: string, table: string) {
    super(`the database at ${where} already holds rows, in "${table}" for one`, {
      hint: 'import into a new data directory (--data-dir) or a new database',
      details: { where, table },
    })
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
