import type { Clock } from '../../kernel/clock.ts'
import { deferred } from '../../kernel/deferred.ts'
import type {
  EventKind,
  Journal,
  JournalEvent,
  JournalRange,
  StoredEvent,
} from '../../kernel/journal.ts'
import type { JsonObject } from '../../kernel/json.ts'

import type { Database } from './database.ts'
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
/** Other processes are told at most this often, milliseconds; a NOTIFY serialises commits. */
const NOTIFY_EVERY_MS = 40
/** Followers look by themselves this often, milliseconds: a notification may have been lost. */
const LOOK_EVERY_MS = 2_000
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
  const wakers: Wakers = new Map()
  const wakeAll = (): void => {
    for (const key of wakers.keys()) wakeOf(wakers, key)
  }
  const stopListening = await database.listen(CHANNEL, wakeAll)
  let cancelNotify: (() => void) | undefined
  const tellOthers = (): void => {
    cancelNotify ??= clock.after(NOTIFY_EVERY_MS, () => {
      cancelNotify = undefined
      // A lost hint costs others one look's delay; the connection's own fault is reported elsewhere.
      database.notify(CHANNEL, '').catch(() => undefined)
    })
  }
  const read = (range: JournalRange, limit: number): Promise<readonly StoredEvent[]> =>
    readRange(database, range, limit)
  return {
    writer: {
      name: 'journal',
      send: append,
      committed(events) {
        if (wakers.size > 0) wakeFor(wakers, events)
        tellOthers()
      },
    },
    read,
    follow: (range, signal) => follow({ read, clock, wakers }, range, signal),
    close() {
      stopListening()
      cancelNotify?.()
    },
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

/** Those who wait for news, by tenant or stream. */
type Wakers = Map<string, Set<() => void>>

function wakeFor(wakers: Wakers, events: readonly JournalEvent[]): void {
  const keys = new Set(events.flatMap(({ tenant, stream }) => [`t ${tenant}`, `s ${stream}`]))
  for (const key of keys) wakeOf(wakers, key)
}

function wakeOf(wakers: Wakers, key: string): void {
  for (const wake of wakers.get(key) ?? []) wake()
}

interface FollowDeps {
  readonly read: Journal['read']
  readonly clock: Clock
  readonly wakers: Wakers
}

async function* follow(
  { read, clock, wakers }: FollowDeps,
  from: JournalRange,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent> {
  let range = from
  while (!signal.aborted) {
    const news = armWake({ clock, wakers }, keyOf(range), signal)
    let page: readonly StoredEvent[]
    try {
      page = await read(range, PAGE)
      if (page.length === 0) await news.arrived
    } finally {
      news.disarm()
    }
    for (const event of page) {
      if (signal.aborted) return
      yield event
      range = advance(range, event)
    }
  }
}

/** What a range is woken by. */
function keyOf(range: JournalRange): string {
  return 'stream' in range ? `s ${range.stream}` : `t ${range.tenant}`
}

function advance(range: JournalRange, { seq, version }: StoredEvent): JournalRange {
  return 'stream' in range ? { ...range, afterVersion: version } : { ...range, afterSeq: seq }
}

/** Armed before the look, so that a commit between look and wait is not missed. */
function armWake(
  { clock, wakers }: Pick<FollowDeps, 'clock' | 'wakers'>,
  key: string,
  signal: AbortSignal,
): { readonly arrived: Promise<void>; disarm(): void } {
  const news = deferred()
  const wake = (): void => news.resolve()
  const cancel = clock.after(LOOK_EVERY_MS, wake)
  const waiting = wakers.get(key) ?? new Set()
  wakers.set(key, waiting.add(wake))
  signal.addEventListener('abort', wake, { once: true })
  return {
    arrived: news.promise,
    disarm() {
      cancel()
      waiting.delete(wake)
      if (waiting.size === 0 && wakers.get(key) === waiting) wakers.delete(key)
      signal.removeEventListener('abort', wake)
    },
  }
}
