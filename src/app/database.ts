import { ACCESS_MIGRATIONS } from '../access/index.ts'
import { API_MIGRATIONS } from '../api/index.ts'
import { ARTIFACT_MIGRATIONS } from '../artifacts/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { LEDGER_MIGRATIONS } from '../ledger/index.ts'
import { LIBRARY_MIGRATIONS, SIGNER_MIGRATIONS, TEMPLATE_MIGRATIONS } from '../library/index.ts'
import { type Database, openDatabase } from '../platform/sql/database.ts'
import { keepEmbeddedPostgres } from '../platform/sql/embedded/keep-running.ts'
import type { EmbeddedConnection } from '../platform/sql/embedded/session.ts'
import { JOURNAL_MIGRATIONS } from '../platform/sql/journal.ts'
import { migrate, type Migration } from '../platform/sql/migrate.ts'
import { PROGRESS_MIGRATIONS } from '../progress/index.ts'
import { VAULT_MIGRATIONS } from '../vault/index.ts'
import {
  BREAKER_MIGRATIONS,
  CHUNK_MIGRATIONS,
  HISTORY_MIGRATIONS,
  QUEUE_MIGRATIONS,
  RESTATE_MIGRATIONS,
  RETENTION_MIGRATIONS,
  SCHEDULE_MIGRATIONS,
  ROLLBACK_MIGRATIONS,
  WORKFLOW_MIGRATIONS,
} from '../workflow/index.ts'

import type { Config } from './config.ts'

/** The schema of the whole platform, in order. */
export const MIGRATIONS: readonly Migration[] = [
  ...JOURNAL_MIGRATIONS,
  ...LEDGER_MIGRATIONS,
  ...ARTIFACT_MIGRATIONS,
  ...WORKFLOW_MIGRATIONS,
  ...SCHEDULE_MIGRATIONS,
  ...ACCESS_MIGRATIONS,
  ...API_MIGRATIONS,
  ...HISTORY_MIGRATIONS,
  ...QUEUE_MIGRATIONS,
  ...RESTATE_MIGRATIONS,
  ...LIBRARY_MIGRATIONS,
  ...TEMPLATE_MIGRATIONS,
  ...PROGRESS_MIGRATIONS,
  ...ROLLBACK_MIGRATIONS,
  ...SIGNER_MIGRATIONS,
  ...VAULT_MIGRATIONS,
  ...RETENTION_MIGRATIONS,
  ...BREAKER_MIGRATIONS,
  ...CHUNK_MIGRATIONS,
]

/** The platform's database, its schema up to date. */
export interface OpenDatabase {
  readonly database: Database
  /** `embedded` or `given`, and its version. */
  readonly engine: { readonly kind: 'embedded' | 'given'; readonly version: string }
  /** Where other programs of this user can connect. */
  readonly url: string
  close(): Promise<void>
}

/** Opens the embedded database of the data directory, or the one at `databaseUrl`. */
export async function openPlatformDatabase(
  { dataDir, databaseUrl, durability }: Pick<Config, 'dataDir' | 'databaseUrl' | 'durability'>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<OpenDatabase> {
  if (databaseUrl !== undefined) {
    const target = { connectionString: databaseUrl }
    const database = await openDatabase({ target, clock, log, durability })
    await migrate(database, MIGRATIONS)
    const [row] = await database.query<{ server_version: string }>({ text: 'show server_version' })
    return {
      database,
      // Distributions add their own version: `15.18 (Debian 15.18-0+deb12u1)`.
      engine: { kind: 'given', version: row?.server_version.split(' ')[0] ?? 'unknown' },
      url: databaseUrl,
      close: () => database.close(),
    }
  }
  const server = await keepEmbeddedPostgres({ dataDir, clock, log })
  const database = await openDatabase({ target: server.connection, clock, log, durability })
  await migrate(database, MIGRATIONS)
  return {
    database,
    engine: { kind: 'embedded', version: server.version },
    url: urlOf(server.connection),
    async close() {
      await database.close()
      // As the first process of a container, exiting would kill the server in mid-checkpoint.
      await server.close({ wait: true })
    },
  }
}

function urlOf({ user, database, host, port }: EmbeddedConnection): string {
  return `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
}
