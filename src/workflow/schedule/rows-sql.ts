import type { Migration } from '../../platform/sql/migrate.ts'

/** The tables of schedules. */
export const SCHEDULE_MIGRATIONS: readonly Migration[] = [
  {
    id: '10-schedules',
    sql: `
      create table schedules (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        name text collate "C" not null,
        version integer not null,
        revision integer not null,
        status text not null,
        workflow text not null,
        definition text collate "C" not null,
        spec json not null,
        hook_hash text,
        created_ms bigint not null,
        set_ms bigint not null,
        updated_ms bigint not null,
        cursor_ms bigint not null,
        seq bigint not null,
        next_ms bigint,
        due_ms bigint,
        listens boolean not null,
        fires integer not null,
        missed integer not null,
        skipped integer not null,
        parked integer not null,
        claimed_ms bigint not null default 0
      );
      create unique index schedules_name on schedules (tenant, name) where status <> 'deleted';
      create index schedules_due on schedules (due_ms) where due_ms is not null;
      create index schedules_listen on schedules (tenant) where listens;
      create table schedule_versions (
        schedule text collate "C" not null,
        version integer not null,
        definition text collate "C" not null,
        spec json not null,
        by_key text not null,
        at_ms bigint not null,
        primary key (schedule, version)
      );
      create table schedule_fires (
        schedule text collate "C" not null,
        key text collate "C" not null,
        run text collate "C" not null,
        version integer not null,
        cause text not null,
        scheduled_ms bigint not null,
        decided_ms bigint not null,
        status text not null,
        reason json,
        inputs json not null,
        backfill text,
        concurrency integer,
        is_open boolean not null,
        is_cancelled boolean not null,
        claimed_ms bigint not null default 0,
        primary key (schedule, key)
      );
      create unique index schedule_fires_run on schedule_fires (run);
      create index schedule_fires_time on schedule_fires (schedule, scheduled_ms desc, key desc);
      create index schedule_fires_open on schedule_fires (schedule) where is_open;
      create index schedule_fires_starting on schedule_fires (claimed_ms) where status = 'starting';
    `,
  },
]

/** The columns of a schedule that its state is made of. */
export const SCHEDULE_COLUMNS = [
  'id',
  'tenant',
  'name',
  'version',
  'revision',
  'status',
  'workflow',
  'definition',
  'spec',
  'hook_hash',
  'created_ms',
  'set_ms',
  'updated_ms',
  'cursor_ms',
  'seq',
  'next_ms',
  'due_ms',
  'listens',
  'fires',
  'missed',
  'skipped',
  'parked',
] as const

/** The columns of a fire that its state is made of. */
export const FIRE_COLUMNS = [
  'schedule',
  'key',
  'run',
  'version',
  'cause',
  'scheduled_ms',
  'decided_ms',
  'status',
  'reason',
  'inputs',
  'backfill',
  'concurrency',
  'is_open',
  'is_cancelled',
] as const

const SCHEDULE = SCHEDULE_COLUMNS.join(', ')
const FIRE = FIRE_COLUMNS.join(', ')
const assignments = (columns: readonly string[]): string =>
  columns.map((column) => `${column} = excluded.${column}`).join(', ')
const prefixed = (alias: string, columns: readonly string[]): string =>
  columns.map((column) => `${alias}.${column}`).join(', ')

/** How many events are looked through in one turn, and how many of them may fit. */
const EVENTS_AHEAD = 20_000
/** Events that a schedule fires for in one turn. */
export const EVENTS_PAGE = 200

const WAITING = `(select count(*)::int from schedule_fires f
  where f.schedule = s.id and f.is_open and f.status = 'queued') as waiting`

/** The statements of the store of schedules, by what they do. */
export const SCHEDULES_SQL = {
  putSchedules: `
  insert into schedules (${SCHEDULE}, claimed_ms)
  select ${SCHEDULE}, 0 from json_populate_recordset(null::schedules, $1::json)
  on conflict (id) do update set ${assignments(SCHEDULE_COLUMNS)}, claimed_ms = 0`,
  putVersions: `
  insert into schedule_versions select * from json_populate_recordset(null::schedule_versions, $1::json)`,
  putFires: `
  insert into schedule_fires (${FIRE}, claimed_ms)
  select ${FIRE}, claimed_ms from json_populate_recordset(null::schedule_fires, $1::json)
  on conflict (schedule, key) do update set ${assignments([...FIRE_COLUMNS, 'claimed_ms'])}`,
  touch: `
  update schedules set cursor_ms = $3, seq = $4, next_ms = $5, due_ms = $6, claimed_ms = 0
  where id = $1 and revision = $2`,
  find: `
  select ${prefixed('s', SCHEDULE_COLUMNS)}, ${WAITING} from schedules s
  where s.tenant = $1 and (s.id = $2 or (s.name = $2 and s.status <> 'deleted'))`,
  findById: `select ${SCHEDULE} from schedules where id = $1`,
  list: `
  select ${prefixed('s', SCHEDULE_COLUMNS)}, ${WAITING} from schedules s
  where s.tenant = $1 and s.name > $2 and s.status <> 'deleted' and ($3::text is null or s.status = $3)
  order by s.name limit $4`,
  versions: `
  select version, definition, spec, by_key, at_ms from schedule_versions
  where schedule = $1 and ($2::int is null or version = $2) order by version desc`,
  fires: `
  select ${FIRE} from schedule_fires
  where schedule = $1 and ($2::text is null or status = $2)
    and ($3::bigint is null or (scheduled_ms, key) < ($3, $4))
  order by scheduled_ms desc, key desc limit $5`,
  firesByKey: `select ${FIRE} from schedule_fires where schedule = $1 and key = any($2)`,
  closeEnded: `
  update schedule_fires f set is_open = false from runs r
  where f.schedule = $1 and f.is_open and f.status = 'started' and r.id = f.run and r.ended_ms is not null`,
  openFires: `
  select ${FIRE} from schedule_fires where schedule = $1 and is_open
  order by decided_ms, scheduled_ms, key`,
  claimDue: `
  update schedules set claimed_ms = $2
  where id in (
    select s.id from schedules s
    where s.claimed_ms <= $1 and (s.due_ms <= $1 or (s.listens and s.seq < (
      select h.seq from journal_heads h where h.tenant = s.tenant)))
    order by s.due_ms nulls last limit $3 for update skip locked)
  returning ${SCHEDULE}`,
  claimStarting: `
  update schedule_fires set claimed_ms = $2
  where (schedule, key) in (
    select schedule, key from schedule_fires
    where status = 'starting' and claimed_ms <= $1
    order by claimed_ms limit $3 for update skip locked)
  returning ${FIRE}`,
  settle: `
  update schedule_fires set status = 'started' where schedule = $1 and key = $2 and status = 'starting'`,
  nextDue: 'select min(due_ms) as due_ms from schedules where due_ms is not null',
  head: 'select seq from journal_heads where tenant = $1',
  events: `
  select e.seq, e.stream, e.kind, e.at_ms, e.data from events e
  where e.tenant = $1 and e.seq > $2 and e.seq <= least($3::bigint, $2::bigint + ${EVENTS_AHEAD})
    and e.kind = any($4)
    and ($5::text is null or exists (
      select 1 from runs r where r.id = e.stream and r.name = $5 and r.parent is null))
  order by e.seq limit ${EVENTS_PAGE}`,
  ownStreams: `
  with recursive lineage as (
    select id as stream, id, parent from runs where id = any($2)
    union all
    select l.stream, r.id, r.parent from lineage l join runs r on r.id = l.parent)
  select distinct l.stream from lineage l join schedule_fires f on f.run = l.id
  where f.schedule = $1`,
} as const

/** How far events are looked through when the journal goes on to `head`. */
export function eventsUpTo(afterSeq: number, head: number): number {
  return Math.min(head, afterSeq + EVENTS_AHEAD)
}
