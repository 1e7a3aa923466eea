import { type Artifacts, createArtifacts, createSqlArtifactStore } from '../artifacts/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { present } from '../kernel/present.ts'
import { createLedger, createSqlLedgerStore, type Ledger, ledgerWriter } from '../ledger/index.ts'
import { createSqlPayments, libraryWriters } from '../library/index.ts'
import type { Database } from '../platform/sql/database.ts'
import { createGroupCommit, type GroupCommit } from '../platform/sql/group-commit.ts'
import { openJournal, type SqlJournal } from '../platform/sql/journal.ts'
import { createSqlProgressStore, type ProgressStore } from '../progress/index.ts'
import {
  type BreakerBoard,
  createSqlBreakerBoard,
  type ChunkStore,
  createSqlChunkStore,
  createSqlHistoryStore,
  createSqlIncidents,
  createSqlInbox,
  createSqlRunStore,
  createSqlScheduleStore,
  createSqlTaskStore,
  type HistoryStore,
  type Inbox,
  type IncidentStore,
  openChunks,
  type RunStore,
  runWriters,
  type ScheduleStore,
  scheduleWriter,
  type TaskStore,
} from '../workflow/index.ts'

import type { Config } from './config.ts'
import { type Reach, withCrashPoints, withMoneyPoint } from './crash-points.ts'
import { type OpenDatabase, openPlatformDatabase } from './database.ts'

/** Everything that is kept, on one database. */
export interface Stores {
  readonly opened: OpenDatabase
  readonly journal: SqlJournal
  readonly group: GroupCommit
  readonly ledger: Ledger
  readonly runs: RunStore
  readonly tasks: TaskStore
  readonly board: BreakerBoard
  readonly inbox: Inbox
  readonly schedules: ScheduleStore
  readonly history: HistoryStore
  readonly incidents: IncidentStore
  readonly artifacts: Artifacts
  readonly chunks: ChunkStore
  readonly progress: ProgressStore
  readonly payments: ReturnType<typeof createSqlPayments>
  close(): Promise<void>
}

/** Opens the database and everything kept in it; `reach` is called at every crash point. */
export async function openStores(
  config: Config,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  reach?: Reach,
): Promise<Stores> {
  const opened = await openPlatformDatabase(config, { clock, log })
  const { database } = opened
  const unfollow = await clock.follow?.(() => readTime(database))
  const journal = await openJournal({ database, clock })
  const texts = await openChunks({ database, clock })
  // The ledger may refuse, so it comes first; text is written before a run is given up; the journal
  // locks its tenant's row, so it comes last.
  const writers = [
    ledgerWriter,
    texts.writer,
    ...runWriters,
    ...libraryWriters,
    scheduleWriter,
    journal.writer,
  ]
  const group = createGroupCommit({
    database: reach === undefined ? database : withMoneyPoint(database, reach),
    writers,
    log,
  })
  const parts = { database, group, journalWriter: journal.writer }
  const driven = {
    runs: createSqlRunStore(parts),
    tasks: createSqlTaskStore(database),
    inbox: createSqlInbox(database),
  }
  return {
    opened,
    journal,
    group,
    ledger: createLedger({ store: createSqlLedgerStore(parts), clock }),
    board: createSqlBreakerBoard(database),
    ...(reach === undefined ? driven : withCrashPoints(driven, reach)),
    payments: createSqlPayments(parts),
    schedules: createSqlScheduleStore(parts),
    history: createSqlHistoryStore(database),
    incidents: createSqlIncidents(database),
    chunks: createSqlChunkStore(texts, group),
    artifacts: createArtifacts({ store: createSqlArtifactStore(database) }),
    progress: createSqlProgressStore(database),
    async close() {
      unfollow?.()
      await group.close()
      journal.close()
      texts.close()
      await opened.close()
    },
  }
}

const NOW_MS = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now'

async function readTime(database: Database): Promise<number> {
  const [row] = await database.query<{ now: number }>({ text: NOW_MS })
  return present(row).now
}
