import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../platform/sql/database.ts'
import { openFollowers } from '../../platform/sql/followers.ts'
import { type GroupCommit, type Sender, write } from '../../platform/sql/group-commit.ts'
import type { Migration } from '../../platform/sql/migrate.ts'

import type { ChunkStore, NewChunk } from './chunk-store.ts'
import type { Chunk } from './schema.ts'

/** The tables of the text that steps write. An `item` of -1 is a step without a list. */
export const CHUNK_MIGRATIONS: readonly Migration[] = [
  {
    id: '53-chunks',
    sql: `
      create table chunk_runs (
        run text collate "C" primary key,
        seq bigint not null
      ) with (fillfactor = 60);
      create table chunk_units (
        run text collate "C" not null,
        step text collate "C" not null,
        item integer not null,
        attempt integer not null,
        token text collate "C" not null,
        begins integer not null,
        ends integer not null,
        primary key (run, step, item)
      ) with (fillfactor = 60);
      create table chunks (
        run text collate "C" not null,
        seq bigint not null,
        step text collate "C" not null,
        item integer not null,
        attempt integer not null,
        begins integer not null,
        is_cut boolean not null,
        text text not null,
        primary key (run, seq)
      );
    `,
  },
  // An attempt that is void goes without a look at the text of all other steps.
  { id: '54-chunks-by-unit', sql: 'create index chunks_unit on chunks (run, step, item)' },
]

const SQL = {
  // The row of the run stays locked until the commit, so that its chunks have the order of commits
  // and no reader meets one below those that it has seen. Units first, then runs, both in order: two
  // processes never wait for each other.
  write: `
  with given as materialized (
    select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[],
        $10::boolean[], $11::text[])
      as g (run, step, item, token, worker, task, lease, begins, ends, is_cut, text)
    where case when g.task is null
        then exists (select from runs r where r.id = g.run and r.owner = g.worker)
        else exists (select from tasks t where t.id = g.task and t.owner = g.worker and t.lease = g.lease) end
      and (g.begins = 0 or exists (
        select from chunk_units u where u.run = g.run and u.step = g.step and u.item = g.item and u.token = g.token))
    order by g.run, g.step, g.item
  ), units as (
    insert into chunk_units as u (run, step, item, attempt, token, begins, ends)
    select run, step, item, 1, token, begins, ends from given
    on conflict (run, step, item) do update set
      attempt = case when u.token = excluded.token then u.attempt else u.attempt + 1 end,
      token = excluded.token, begins = excluded.begins, ends = excluded.ends
    where case when u.token = excluded.token then u.ends = excluded.begins else excluded.begins = 0 end
    returning run, step, item, attempt, begins
  ), void as (
    delete from chunks c using units u
    where u.begins = 0 and u.attempt > 1 and c.run = u.run and c.step = u.step and c.item = u.item
  ), heads as (
    insert into chunk_runs as h (run, seq) select run, count(*) from units group by run order by run
    on conflict (run) do update set seq = h.seq + excluded.seq
    returning run, seq
  )
  insert into chunks (run, seq, step, item, attempt, begins, is_cut, text)
  select g.run, h.seq + 1 - row_number() over (partition by g.run order by g.step desc, g.item desc),
    g.step, g.item, u.attempt, g.begins, g.is_cut, g.text
  from given g join units u using (run, step, item) join heads h on h.run = g.run`,
  read: `
  select seq, step, item, attempt, begins, is_cut, text from chunks
  where run = $1 and seq > $2 and ($3::text is null or step = $3) and ($4::int is null or item = $4)
  order by seq limit $5`,
} as const

const CHANNEL = 'prsm_chunks'
const PAGE = 500
const NO_ITEM = -1

/** The chunks in SQL, and the writer through which they enter. */
export interface SqlChunks extends Pick<ChunkStore, 'read' | 'follow'> {
  readonly writer: Sender<NewChunk>
  close(): void
}

/** Opens the chunks of a process. */
export async function openChunks({
  database,
  clock,
}: {
  readonly database: Database
  readonly clock: Clock
}): Promise<SqlChunks> {
  const followers = await openFollowers({ database, clock, channel: CHANNEL, namesKeys: true })
  const read: ChunkStore['read'] = async ({ run, after, step, index }, limit) => {
    const rows = await database.query<ChunkRow>({
      name: 'chunks-read',
      text: SQL.read,
      values: [run, after, step ?? null, index ?? null, limit],
    })
    return rows.map(toChunk)
  }
  return {
    writer: {
      name: 'chunks',
      send(sql, chunks) {
        const columns = columnsOf(inOneEach(chunks))
        void sql.query({ name: 'chunks-write', text: SQL.write, values: columns })
      },
      committed: (chunks) => followers.committed(() => new Set(chunks.map(({ run }) => run))),
    },
    read,
    follow: (run, after, signal) =>
      followers.follow(
        {
          key: run,
          read: (position) => read({ run, after: position }, PAGE),
          positionOf: ({ seq }: Chunk) => seq,
        },
        after,
        signal,
      ),
    close: () => followers.close(),
  }
}

/** The chunks as steps and doors use them. */
export function createSqlChunkStore(chunks: SqlChunks, group: GroupCommit): ChunkStore {
  return {
    read: chunks.read,
    follow: chunks.follow,
    async write(chunk) {
      await group.commit([write(chunks.writer, [chunk])])
    },
  }
}

/**
 * One row for each unit: pieces that follow each other are joined, and those of an attempt that has
 * another one behind it are left out.
 */
function inOneEach(chunks: readonly NewChunk[]): readonly NewChunk[] {
  const units = new Map<string, NewChunk>()
  for (const chunk of chunks) {
    const key = JSON.stringify([chunk.run, chunk.step, chunk.index ?? NO_ITEM])
    const before = units.get(key)
    units.set(key, before?.token === chunk.token ? joined(before, chunk) : chunk)
  }
  return [...units.values()]
}

function joined(before: NewChunk, chunk: NewChunk): NewChunk {
  return { ...chunk, offset: before.offset, text: before.text + chunk.text }
}

function columnsOf(chunks: readonly NewChunk[]): readonly unknown[] {
  return [
    chunks.map(({ run }) => run),
    chunks.map(({ step }) => step),
    chunks.map(({ index }) => index ?? NO_ITEM),
    chunks.map(({ token }) => token),
    chunks.map(({ holder }) => holder.worker),
    chunks.map(({ holder }) => holder.task?.id ?? null),
    chunks.map(({ holder }) => holder.task?.lease ?? null),
    chunks.map(({ offset }) => offset),
    chunks.map(({ offset, text }) => offset + text.length),
    chunks.map(({ isCut }) => isCut),
    chunks.map(({ text }) => text),
  ]
}

interface ChunkRow {
  readonly seq: bigint
  readonly step: string
  readonly item: number
  readonly attempt: number
  readonly begins: number
  readonly is_cut: boolean
  readonly text: string
}

function toChunk({ seq, step, item, attempt, begins, is_cut: isCut, text }: ChunkRow): Chunk {
  return {
    seq: Number(seq),
    step,
    ...(item !== NO_ITEM && { index: item }),
    attempt,
    offset: begins,
    text,
    ...(isCut && { isCut }),
  }
}
