import { sha256 } from '../../kernel/hash.ts'

import type { Database } from './database.ts'
import { ChangedMigrationError, NewerSchemaError } from './errors.ts'
import type { Sql } from './statements.ts'

/** One step of the schema's history. Once released it is never edited. */
export interface Migration {
  /** Sorts in the order of application: `<room number>-<room>-<what>`. */
  readonly id: string
  readonly sql: string
}

// Any constant works, as long as every version of PRSM uses the same one.
const MIGRATION_LOCK = 7_265_736_801

const CREATE_HISTORY = `create table if not exists schema_migrations (
  id text primary key,
  digest text not null,
  applied_at timestamptz not null default now()
)`

/**
 * Brings the schema up to date; many processes may do so at once and each step runs once.
 *
 * @remarks Crash: all steps that are due run in one transaction, so a crash leaves none of them.
 * @returns the ids applied by this call.
 * @throws {@link NewerSchemaError} the database knows steps that `migrations` does not.
 * @throws {@link ChangedMigrationError} an applied step has another text now.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  if (await isCurrent(database, migrations)) return []
  return database.transaction(async (sql) => {
    await sql.query({ text: 'select pg_advisory_xact_lock($1)', values: [MIGRATION_LOCK] })
    await sql.query({ text: CREATE_HISTORY })
    const due = pending(await readHistory(sql), migrations)
    for (const { id, sql: text } of due) {
      await sql.query({ text })
      await sql.query({
        text: 'insert into schema_migrations (id, digest) values ($1, $2)',
        values: [id, sha256(text)],
      })
    }
    return due.map(({ id }) => id)
  })
}

interface HistoryRow {
  readonly id: string
  readonly digest: string
}

/** A look without a lock, so that the usual start costs one round trip. */
async function isCurrent(database: Database, migrations: readonly Migration[]): Promise<boolean> {
  const [table] = await database.query<{ found: boolean }>({
    text: `select to_regclass('schema_migrations') is not null as found`,
  })
  if (table?.found !== true) return false
  return pending(await readHistory(database), migrations).length === 0
}

function readHistory(sql: Sql): Promise<readonly HistoryRow[]> {
  return sql.query<HistoryRow>({ text: 'select id, digest from schema_migrations' })
}

function pending(
  history: readonly HistoryRow[],
  known: readonly Migration[],
): readonly Migration[] {
  const applied = new Map(history.map(({ id, digest }) => [id, digest]))
  const due = known.filter(({ id }) => !applied.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const { id, sql } of known) {
    const digest = applied.get(id)
    if (digest !== undefined && digest !== sha256(sql)) throw new ChangedMigrationError(id)
  }
  const ids = new Set(known.map(({ id }) => id))
  const unknown = history.map(({ id }) => id).filter((id) => !ids.has(id))
  if (unknown.length > 0) throw new NewerSchemaError(unknown)
  return due
}
