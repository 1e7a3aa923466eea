import type { Migration } from '../../platform/sql/migrate.ts'

/** The tables of the queue. */
export const QUEUE_MIGRATIONS: readonly Migration[] = [
  {
    id: '07-queue',
    sql: `
      alter table workers
        add column host text not null default '',
        add column labels text[] not null default '{}',
        add column models text[] not null default '{}',
        add column capacity bigint[] not null default '{0,0,0,0,0,0,0}',
        add column is_draining boolean not null default false,
        add column started_at timestamptz not null default clock_timestamp();
      alter table runs
        add column priority smallint not null default 2,
        add column queue_key bigint not null default 0,
        add column team text collate "C" not null default 'default',
        add column terms json;
      drop index runs_due;
      create index runs_due on runs (wake_ms)
        where owner is null and wake_ms is not null and (status <> 'queued' or signals > 0);
      create index runs_queued on runs (tenant, team, queue_key, id)
        where owner is null and status = 'queued';
      create index runs_by_key on runs ((terms ->> 'key')) where terms ->> 'key' is not null and ended_ms is null;
      create table tasks (
        id text collate "C" primary key,
        run text collate "C" not null,
        step text not null,
        item integer,
        attempt integer not null,
        tenant text collate "C" not null,
        team text collate "C" not null,
        priority smallint not null,
        queue_key bigint not null,
        labels text[] not null,
        amounts bigint[] not null,
        is_preemptible boolean not null,
        expected_ms bigint,
        body json,
        status text not null default 'queued',
        owner text collate "C",
        lease integer not null default 0,
        workers_lost integer not null default 0,
        is_recalled boolean not null default false,
        checkpoint json,
        created_ms bigint not null,
        started_ms bigint,
        ended_ms bigint
      ) with (fillfactor = 60);
      create index tasks_waiting on tasks (tenant, team, queue_key, id) where owner is null and ended_ms is null;
      create index tasks_owned on tasks (owner) where owner is not null;
      create index tasks_ended on tasks (ended_ms) where ended_ms is not null;
      create table resource_limits (
        tenant text not null,
        team text not null,
        resource text not null,
        amount double precision not null,
        primary key (tenant, team, resource)
      );
      create table shares (
        tenant text not null,
        team text not null,
        weight double precision not null,
        primary key (tenant, team)
      );
    `,
  },
]

const TASK = `t.id, t.run, t.step, t.item, t.attempt, t.tenant, t.team, t.priority, t.queue_key,
    t.labels, t.amounts, t.is_preemptible, t.expected_ms, t.body, t.lease, t.workers_lost, t.checkpoint, t.created_ms`

/** Everything that waits, by tenant and team: one step to each from the one before. */
const LANES = `
  with recursive lanes as (
    (select tenant, team from tasks where owner is null and ended_ms is null order by tenant, team limit 1)
    union all
    select n.tenant, n.team from lanes l, lateral (
      select tenant, team from tasks
      where owner is null and ended_ms is null and (tenant, team) > (l.tenant, l.team)
      order by tenant, team limit 1) n
  )`

/** How a waiting step, a letter to its run and the run are written together; `done` names the steps. */
const TELL = `
  told as (
    insert into signals (id, run, signal, step, item, payload, sender)
    select d.signal_id, d.run, '$task', d.step, d.item, d.payload, d.sender from done d
    on conflict (id) do nothing
    returning run
  )
  update runs set signals = signals + n.count, wake_ms = case when owner is null then 0 else wake_ms end
  from (select run, count(*)::int as count from told group by run) n where runs.id = n.run`

/** The statements of the queue, by what they do. */
export const QUEUE_SQL = {
  // One worker at a time chooses: each has to see what the others have taken.
  lock: `select pg_advisory_xact_lock(hashtextextended('prsm-queue', 0))`,
  isWaited: `
  select exists (select from tasks where owner is null and ended_ms is null) as is_waited`,
  candidates: `${LANES}
  select ${TASK} from lanes l, lateral (
    select c.* from tasks c
    where c.owner is null and c.ended_ms is null and not c.is_recalled
      and c.tenant = l.tenant and c.team = l.team
      and c.labels <@ $1::text[] and ($2::text[] is null or c.run = any($2))
      and not exists (select from runs r where r.id = c.run and r.status = 'paused')
    order by c.queue_key, c.id limit $3) t`,
  inUse: `
  select id, tenant, team, owner, priority, amounts, is_preemptible, expected_ms, started_ms
  from tasks where owner is not null`,
  capacities: `
  select capacity from workers where expires_at >= clock_timestamp() and not is_draining`,
  isDraining: 'select is_draining from workers where id = $1',
  take: `
  update tasks set owner = $1, status = 'running', lease = lease + 1, started_ms = $3
  where id = any($2) and owner is null and ended_ms is null
  returning id, lease`,
  insert: `
  insert into tasks (id, run, step, item, attempt, tenant, team, priority, queue_key, labels, amounts,
    is_preemptible, expected_ms, body, created_ms, status)
  select n.id, n.run, n.step, n.item, n.attempt, n.tenant, n.team, n.priority, n.queue_key,
    array(select json_array_elements_text(n.labels)),
    array(select json_array_elements_text(n.amounts)::bigint),
    n.is_preemptible, n.expected_ms, n.body, n.created_ms,
    case when n.attempt > 1 then 'retrying' else 'queued' end
  from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::smallint[],
      $9::bigint[], $10::json[], $11::json[], $12::boolean[], $13::bigint[], $14::json[], $15::bigint[])
    as n (id, run, step, item, attempt, tenant, team, priority, queue_key, labels, amounts, is_preemptible,
      expected_ms, body, created_ms)
  on conflict (id) do nothing`,
  end: `
  with done as (
    update tasks set status = $4, owner = null, body = null, checkpoint = null, ended_ms = $5
    where id = $1 and owner = $2 and lease = $3
    returning run, step, item, 'task:' || id as signal_id, $6::json as payload, $2 as sender
  ), ${TELL} returning runs.id`,
  began: `
  with done as (
    select run, step, item, 'task:' || id || ':' || lease as signal_id, $4::json as payload, $2 as sender
    from tasks where id = $1 and owner = $2 and lease = $3
  ), ${TELL} returning runs.id`,
  giveBack: `
  update tasks set owner = null, status = $4 where id = $1 and owner = $2 and lease = $3 returning id`,
  keepCheckpoint: `
  update tasks set checkpoint = $4 where id = $1 and owner = $2 and lease = $3 returning id`,
  owned: 'select id, lease from tasks where owner = $1',
  recalls: 'select id, lease from tasks where owner = $1 and is_recalled',
  recall: `
  with running as (
    update tasks set is_recalled = true where id = any($1) and owner is not null
  ), done as (
    update tasks set status = 'cancelled', body = null, checkpoint = null, ended_ms = $2
    where id = any($1) and owner is null and ended_ms is null
    returning run, step, item, 'task:' || id as signal_id,
      json_build_object('task', id, 'status', 'cancelled') as payload, run as sender
  ), ${TELL}`,
  // One whose worker was lost, or that gave way, when it was to be cancelled.
  recalled: `
  with done as (
    update tasks set status = 'cancelled', body = null, checkpoint = null, ended_ms = $1
    where owner is null and ended_ms is null and is_recalled
    returning run, step, item, 'task:' || id as signal_id,
      json_build_object('task', id, 'status', 'cancelled') as payload, run as sender
  ), ${TELL}`,
  orphans: `
  update tasks t set owner = null, status = 'retrying', workers_lost = workers_lost + 1
  where owner is not null and not exists (select from workers w where w.id = t.owner)
  returning id`,
  poisoned: `
  with done as (
    update tasks set status = 'failed', body = null, checkpoint = null, ended_ms = $1
    where owner is null and ended_ms is null and workers_lost >= $2
    returning run, step, item, 'task:' || id as signal_id,
      json_build_object('task', id, 'status', 'failed', 'isTransient', false, 'retryAfterMs', 0, 'usage', '[]'::json,
        'error', $3::json) as payload, 'queue' as sender
  ), ${TELL}`,
  forget: 'delete from tasks where ended_ms < $1',
  // What waits comes first, in its order; then what runs; then what has ended, the latest first.
  list: `
  select * from (
    select t.id, t.run, t.step, t.item, t.attempt, t.tenant, t.team, t.priority, t.queue_key, t.labels, t.amounts,
      t.is_preemptible, t.status, t.owner, t.workers_lost, t.created_ms, t.started_ms, t.ended_ms, null::bigint as not_before_ms
    from tasks t
    union all
    select r.id, r.id, null, null, 1, r.tenant, r.team, r.priority, r.queue_key, '{}', '{0,0,0,0,0,0,0}',
      false, r.status, null, 0, r.created_ms, null, null,
      case when r.status = 'scheduled' then r.wake_ms end
    from runs r where r.owner is null and r.status in ('queued', 'scheduled')
  ) q
  where ($1::text is null or tenant = $1) and ($2::text is null or status = $2)
  order by ended_ms desc nulls first, started_ms desc nulls first, queue_key, id limit $3`,
  workers: `
  select w.id, w.host, w.labels, w.models, w.capacity, w.is_draining,
    w.expires_at < clock_timestamp() as is_lost,
    (extract(epoch from w.started_at) * 1000)::bigint as started_ms,
    (extract(epoch from w.expires_at) * 1000)::bigint as expires_ms,
    (select count(*) from runs r where r.owner = w.id)::int as runs
  from workers w order by w.started_at, w.id`,
  waiting: `
  select labels, amounts, count(*)::int as count, min(created_ms) as oldest_ms
  from tasks where owner is null and ended_ms is null group by labels, amounts`,
  setDraining: 'update workers set is_draining = $2 where id = $1 returning id',
  limits: 'select tenant, team, resource, amount from resource_limits order by 1, 2, 3',
  setLimit: `
  insert into resource_limits (tenant, team, resource, amount) values ($1, $2, $3, $4)
  on conflict (tenant, team, resource) do update set amount = excluded.amount`,
  dropLimit: 'delete from resource_limits where tenant = $1 and team = $2 and resource = $3',
  shares: 'select tenant, team, weight from shares order by 1, 2',
  setShare: `
  insert into shares (tenant, team, weight) values ($1, $2, $3)
  on conflict (tenant, team) do update set weight = excluded.weight`,
} as const
