import type { Clock } from '../../kernel/clock.ts'
import type {
  EventKind,
  Journal,
  JournalEvent,
  JournalRange,
  StoredEvent,
} from '../../kernel/journal.ts'
import type { JsonObject } from '../../kernel/json.ts'

import type { Database } from './database.ts'
import { openFollowers } from './followers.ts'
import type { Sender } from './group-commit.ts'
import type { Migration } from './migrate.ts'
import type { Sql } from './statements.ts'

/** The tables of the journal. */
export const JOURNAL_MIGRATIONS: readonly Migration[] = [
  {
    id: '01-journal-events',
    sql: `
      create table journal_heads (
        tenant text collate "C" primary key,
        seq bigint not null
      );
      create table events (
        tenant text collate "C" not null,
        seq bigint not null,
        stream text collate "C" not null,
        version integer not null check (version > 0),
        kind text not null,
        at_ms bigint not null,
        data json not null,
        primary key (tenant, seq)
      );
      create unique index events_stream_version on events (stream, version);
    `,
  },
]

const CHANNEL = 'prsm_events'
const PAGE = 1_000

// The row of `journal_heads` stays locked until the commit, so the sequence has the order of
// commits and no gaps: a reader that has seen n will never meet a later commit below n.
const APPEND = `
  with heads as (
    insert into journal_heads as h (tenant, seq)
    select tenant, events from unnest($1::text[], $2::bigint[]) as c (tenant, events)
    order by tenant
    on conflict (tenant) do update set seq = h.seq + excluded.seq
    returning tenant, seq
  )
  insert into events (tenant, seq, stream, version, kind, at_ms, data)
  select e.tenant, h.seq - e.below, e.stream, e.version, e.kind, e.at_ms, e.data
  from unnest(
    string_to_array($3, e'\\x01'), string_to_array($4, e'\\x01')::bigint[],
    string_to_array($5, e'\\x01'), string_to_array($6, e'\\x01')::int[],
    string_to_array($7, e'\\x01'), string_to_array($8, e'\\x01')::bigint[],
    string_to_array($9, e'\\x01')::json[]
  ) as e (tenant, below, stream, version, kind, at_ms, data)
  join heads h on h.tenant = e.tenant`

const COLUMNS = 'tenant, seq, stream, version, kind, at_ms as at, data'
const READ_TENANT = `select ${COLUMNS} from events where tenant = $1 and seq > $2 order by seq limit $3`
const READ_STREAM = `select ${COLUMNS} from events where stream = $1 and version > $2 order by version limit $3`

/** The journal in SQL, and the writer through which events enter it. */
export interface SqlJournal extends Journal {
  readonly writer: Sender<JournalEvent>
  close(): void
}

interface JournalDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Opens the journal of a process. */
export async function openJournal({ database, clock }: JournalDeps): Promise<SqlJournal> {
  const followers = await openFollowers({ database, clock, channel: CHANNEL, namesKeys: false })
  const read = (range: JournalRange, limit: number): Promise<readonly StoredEvent[]> =>
    readRange(database, range, limit)
  return {
    writer: {
      name: 'journal',
      send: append,
      committed: (events) =>
        followers.committed(
          () => new Set(events.flatMap(({ tenant, stream }) => [`t ${tenant}`, `s ${stream}`])),
        ),
    },
    read,
    follow(range, signal) {
      const growing = {
        key: keyOf(range),
        read: (position: number) => read(behind(range, position), PAGE),
        positionOf: ({ seq, version }: StoredEvent) => ('stream' in range ? version : seq),
      }
      const position = 'stream' in range ? range.afterVersion : range.afterSeq
      return followers.follow(growing, position, signal)
    },
    close: () => followers.close(),
  }
}

/** Stands between the values of a column: JSON escapes it, and no name contains it. */
const SEPARATOR = '\u0001'

function append(sql: Sql, events: readonly JournalEvent[]): void {
  const counts = new Map<string, number>()
  for (const { tenant } of events) counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
  const left = new Map(counts)
  const below: number[] = []
  for (const { tenant } of events) {
    const after = (left.get(tenant) ?? 0) - 1
    left.set(tenant, after)
    below.push(after)
  }
  // Columns go as joined texts: taking them apart is cheaper, here and there, than array literals.
  const column = (valueOf: (event: JournalEvent) => string | number): string =>
    events.map((event) => valueOf(event)).join(SEPARATOR)
  void sql.query({
    name: 'journal-append',
    text: APPEND,
    values: [
      [...counts.keys()],
      [...counts.values()],
      column(({ tenant }) => tenant),
      below.join(SEPARATOR),
      column(({ stream }) => stream),
      column(({ version }) => version),
      column(({ kind }) => kind),
      column(({ at }) => at),
      column(({ data }) => JSON.stringify(data)),
    ],
  })
}

interface EventRow {
  readonly tenant: string
  readonly seq: bigint
  readonly stream: string
  readonly version: number
  readonly kind: EventKind
  readonly at: bigint
  readonly data: JsonObject
}

async function readRange(
  database: Database,
  range: JournalRange,
  limit: number,
): Promise<readonly StoredEvent[]> {
  const rows = await database.query<EventRow>(
    'stream' in range
      ? {
          name: 'journal-stream',
          text: READ_STREAM,
          values: [range.stream, range.afterVersion, limit],
        }
      : {
          name: 'journal-tenant',
          text: READ_TENANT,
          values: [range.tenant, range.afterSeq, limit],
        },
  )
  return rows.map((row) => ({ ...row, seq: Number(row.seq), at: Number(row.at) }))
}

/** What a range is woken by. */
function keyOf(range: JournalRange): string {
  return 'stream' in range ? `s ${range.stream}` : `t ${range.tenant}`
}

function behind(range: JournalRange, position: number): JournalRange {
  return 'stream' in range ? { ...range, afterVersion: position } : { ...range, afterSeq: position }
}
