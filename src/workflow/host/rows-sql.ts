import { toMicroFtns } from '../../kernel/money.ts'
import type { Migration } from '../../platform/sql/migrate.ts'
import { DEFAULT_TERMS } from '../queue/task.ts'
import { levelOf, queueKey } from '../queue/urgency.ts'
import { classifyFailure, isCode } from '../rollback/classify.ts'
import { errorRecord, type RunRecord, runState } from '../schema.ts'

import type { NewRun, RunPatch } from './run-store.ts'

/** The tables of workflows. */
export const WORKFLOW_MIGRATIONS: readonly Migration[] = [
  {
    id: '04-workflow-runs',
    sql: `
      create table definitions (
        hash text collate "C" not null,
        tenant text collate "C" not null,
        name text not null,
        body json not null,
        created_ms bigint not null,
        primary key (tenant, hash)
      );
      create index definitions_hash on definitions (hash);
      create table runs (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        name text not null,
        definition text collate "C" not null,
        status text not null,
        parent text collate "C",
        owner text collate "C",
        is_orphan boolean not null default false,
        wake_ms bigint,
        signals integer not null default 0,
        created_ms bigint not null,
        started_ms bigint,
        ended_ms bigint,
        cost bigint not null default 0,
        error json
      ) with (fillfactor = 60);
      create index runs_due on runs (wake_ms) where owner is null and wake_ms is not null;
      create index runs_owned on runs (owner) where owner is not null;
      create index runs_by_tenant on runs (tenant, id desc);
      create table workers (
        id text collate "C" primary key,
        expires_at timestamptz not null
      );
      create table signals (
        id text collate "C" primary key,
        run text collate "C" not null,
        signal text not null,
        step text,
        item integer,
        payload json not null,
        sender text not null,
        created_at timestamptz not null default clock_timestamp()
      );
      create index signals_run on signals (run);
    `,
  },
]

/** The table of snapshots: one of a run, the latest. */
export const HISTORY_MIGRATIONS: readonly Migration[] = [
  {
    id: '30-run-snapshots',
    sql: `
      create table run_snapshots (
        run text collate "C" primary key,
        version integer not null,
        definition text collate "C" not null,
        state text not null,
        hash text not null
      );
    `,
  },
  { id: '31-run-lineage', sql: 'alter table runs add column forked_from text collate "C"' },
]

/** A run as it is stored. */
export interface RunRow {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly definition: string
  readonly status: string
  readonly parent: string | null
  readonly forked_from: string | null
  readonly created_ms: bigint
  readonly started_ms: bigint | null
  readonly ended_ms: bigint | null
  readonly cost: bigint
  readonly error: unknown
}

/** The columns of a run that its record is made of. */
export const RUN_COLUMNS = [
  'id',
  'tenant',
  'name',
  'definition',
  'status',
  'parent',
  'forked_from',
  'created_ms',
  'started_ms',
  'ended_ms',
  'cost',
  'error',
] as const
const RUN = RUN_COLUMNS.join(', ')

/** The statements of the run store, by what they do. */
export const RUNS_SQL = {
  insertRuns: `
  insert into runs (id, tenant, name, definition, status, parent, owner, wake_ms, created_ms, started_ms,
    priority, queue_key, team, terms)
  select id, tenant, name, definition, status, parent, owner,
    case when owner is null then coalesce(not_before_ms, created_ms) end,
    created_ms, started_ms, priority, queue_key, team, terms
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
      $10::smallint[], $11::bigint[], $12::text[], $13::json[], $14::bigint[])
    as n (id, tenant, name, definition, status, parent, owner, created_ms, started_ms, priority, queue_key, team,
      terms, not_before_ms)`,
  // A null leaves a column as it is; what may be set to null has a flag of its own. A run that is
  // given up while a signal has come that its owner has not answered is due at once. The owner is
  // compared in a form that no index serves: each row is to be found by its key, not among all the
  // rows its owner has and had.
  //
  // A worker that was taken for dead may go on with a run for a while, and another one may have read
  // the run before that: the journal lets one of them write, and the row follows the journal. What
  // has ended or is given up is written to a row that nobody holds as well, and whoever gives up a
  // run without knowing all of its history leaves it to be read at once. Otherwise the row would say
  // that there is nothing to do, and nobody would look again.
  patchRuns: `
  update runs r set
    status = case when p.is_behind then r.status else coalesce(p.status, r.status) end,
    owner = case when p.gives_up then null else r.owner end,
    wake_ms = case
      when not p.gives_up then r.wake_ms
      when r.signals > p.consumed or p.is_behind then 0
      else p.wake_ms end,
    signals = r.signals - p.consumed,
    started_ms = coalesce(p.started_ms, r.started_ms),
    ended_ms = case when p.reopens then null else coalesce(p.ended_ms, r.ended_ms) end,
    cost = coalesce(p.cost, r.cost),
    error = case when p.reopens then null else coalesce(p.error, r.error) end
  from (
    select u.*, u.gives_up and exists (
      select from events e where e.stream = u.id and e.version > u.version) as is_behind
    from unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::boolean[], $9::bigint[], $10::json[], $11::text[], $12::int[])
      as u (id, status, gives_up, wake_ms, consumed, started_ms, ended_ms, reopens, cost, error, worker, version)
  ) p
  where r.id = p.id and ((r.owner = p.worker) is true
    or (r.owner is null and (p.gives_up or p.ended_ms is not null)))`,
  forkRuns: `
  update runs set forked_from = f.source from unnest($1::text[], $2::text[]) as f (id, source)
  where runs.id = f.id`,
  redefineRuns: `
  update runs set definition = d.definition
  from unnest($1::text[], $2::text[], $3::text[]) as d (id, worker, definition)
  where runs.id = d.id and (runs.owner = d.worker) is true`,
  deleteSignals: 'delete from signals where id = any($1)',
  insertSignals: `
  insert into signals (id, run, signal, step, item, payload, sender)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::json[], $7::text[])
  on conflict (id) do nothing`,
  // The count makes a signal visible to an owner that is giving the run up at this moment.
  // A letter does not begin a run that may not begin yet; a request, to cancel it say, is heard.
  wakeRuns: `
  update runs set signals = signals + w.count,
    wake_ms = case when owner is null and (status <> 'scheduled' or w.is_request) then 0 else wake_ms end
  from (
    select run, count(*)::int as count, bool_or(is_request) as is_request
    from unnest($1::text[], $2::boolean[]) as s (run, is_request) group by run) w
  where id = w.run
  returning id`,
  adopted: 'update runs set is_orphan = false where id = any($1) and is_orphan',
  readHistories: `
  select e.stream, e.version, e.kind, e.at_ms, e.data
  from unnest($1::text[], $2::int[]) as r (run, after)
    join events e on e.stream = r.run and e.version > r.after
  order by e.stream, e.version`,
  readSnapshots: `
  select run, version, definition, state, hash from run_snapshots where run = any($1)`,
  dropSnapshots: 'delete from run_snapshots where run = any($1)',
  keepSnapshots: `
  insert into run_snapshots (run, version, definition, state, hash)
  select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[])
  on conflict (run) do update set version = excluded.version, definition = excluded.definition,
    state = excluded.state, hash = excluded.hash`,
  heartbeat: `
  update workers set expires_at = clock_timestamp() + $2 * interval '1 millisecond' where id = $1 returning id`,
  register: `
  insert into workers (id, expires_at, host, labels, models, capacity)
  values ($1, clock_timestamp() + $2 * interval '1 millisecond', $3, $4, $5, $6)`,
  // Also what is a worker's that is not known any more: its answer to having been claimed was lost
  // together with its lease. Runs that another host drives have an owner of another form.
  reap: `
  with dead as (delete from workers where expires_at < clock_timestamp() returning id)
  update runs set owner = null, is_orphan = true, wake_ms = 0
  where owner is not null and starts_with(owner, 'work_')
    and (owner in (select id from dead) or not exists (select from workers w where w.id = owner))
  returning id`,
  retire: `
  with gone as (delete from workers where id = $1)
  update runs set owner = null, is_orphan = true, wake_ms = 0 where owner = $1`,
  release: `
  update runs set owner = null, is_orphan = is_orphan or $3, wake_ms = 0 where owner = $1 and id = $2`,
  owned: 'select id from runs where owner = $1',
  listSignals: `
  select s.id, s.run, s.signal, s.step, s.item, s.payload, s.sender
  from signals s join runs r on r.id = s.run where r.owner = $1
  order by s.created_at, s.id limit 1000`,
  insertDefinition: `
  insert into definitions (hash, tenant, name, body, created_ms) values ($1, $2, $3, $4, $5)
  on conflict do nothing`,
  selectDefinition: 'select body from definitions where hash = $1 limit 1',
  selectRun: `select ${RUN} from runs where tenant = $1 and id = $2`,
} as const

/** Reads a run. */
export function toRunRecord(row: RunRow): RunRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    definition: row.definition,
    status: runState.parse(row.status),
    createdAt: Number(row.created_ms),
    ...(row.started_ms !== null && { startedAt: Number(row.started_ms) }),
    ...(row.ended_ms !== null && { endedAt: Number(row.ended_ms) }),
    ...(row.parent !== null && { parent: row.parent }),
    ...(row.forked_from !== null && { forkedFrom: row.forked_from }),
    cost: toMicroFtns(row.cost),
    ...(row.error !== null && failureOf(errorRecord.parse(row.error))),
  }
}

function failureOf(error: NonNullable<RunRecord['error']>): Pick<RunRecord, 'error' | 'failure'> {
  const { code, details } = error
  const failure = isCode(code) ? classifyFailure({ code, ...(details && { details }) }) : undefined
  return { error, ...(failure !== undefined && { failure }) }
}

/** Columns of new runs, in the order of `RUNS_SQL.insertRuns`. */
export function insertValues(runs: readonly NewRun[]): readonly unknown[] {
  return [
    runs.map(({ id }) => id),
    runs.map(({ tenant }) => tenant),
    runs.map(({ name }) => name),
    runs.map(({ definition }) => definition),
    runs.map(({ status }) => status),
    runs.map(({ parent }) => parent ?? null),
    runs.map(({ owner }) => owner ?? null),
    runs.map(({ createdAt }) => createdAt),
    runs.map(({ startedAt }) => startedAt ?? null),
    runs.map(({ terms = DEFAULT_TERMS }) => levelOf(terms.priority)),
    runs.map(({ createdAt, terms: { priority, deadline } = DEFAULT_TERMS }) =>
      queueKey({ priority, createdAt, deadline }),
    ),
    runs.map(({ terms = DEFAULT_TERMS }) => terms.team),
    runs.map(({ terms }) => (terms === undefined ? null : JSON.stringify(terms))),
    runs.map(({ notBefore }) => notBefore ?? null),
  ]
}

/** A patch of one run, with how many signals were answered since the last one. */
export interface PatchRow {
  readonly id: string
  /** Who owns the run, as far as it knows. */
  readonly worker: string
  /** Events of the run that it knows of; `undefined` when that is of no account. */
  readonly version: number | undefined
  readonly patch: RunPatch
  readonly consumed: number
}

/** Columns of patches, in the order of `RUNS_SQL.patchRuns`. */
export function patchValues(rows: readonly PatchRow[]): readonly unknown[] {
  return [
    rows.map(({ id }) => id),
    rows.map(({ patch }) => patch.status ?? null),
    rows.map(({ patch }) => patch.owner === null),
    rows.map(({ patch }) => patch.wakeAt ?? null),
    rows.map(({ consumed }) => consumed),
    rows.map(({ patch }) => patch.startedAt ?? null),
    rows.map(({ patch }) => patch.endedAt ?? null),
    rows.map(({ patch }) => patch.endedAt === null),
    rows.map(({ patch }) => patch.cost ?? null),
    rows.map(({ patch }) =>
      patch.error === undefined || patch.error === null ? null : JSON.stringify(patch.error),
    ),
    rows.map(({ worker }) => worker),
    rows.map(({ version }) => version ?? null),
  ]
}
