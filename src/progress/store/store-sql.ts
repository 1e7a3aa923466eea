import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'
import type { Sql } from '../../platform/sql/statements.ts'

import { type RunRow, runOf, type StepRow, stepOf } from './rows-sql.ts'
import type { ProgressStore, Recorded, SummaryRange } from './store.ts'
import { createSqlWatch, raiseAlerts } from './watch-sql.ts'

/** The read model of finished runs, and what is watched. */
export const PROGRESS_MIGRATIONS: readonly Migration[] = [
  {
    id: '15-progress-runs',
    sql: `
      create table progress_positions (
        tenant text collate "C" primary key,
        seq bigint not null
      );
      create table progress_runs (
        run text collate "C" primary key,
        tenant text collate "C" not null,
        workflow text collate "C" not null,
        opened_ms bigint not null,
        ended_ms bigint,
        summary json
      );
      create index progress_runs_by_end on progress_runs (tenant, ended_ms desc)
        where ended_ms is not null;
      create index progress_runs_by_workflow on progress_runs (tenant, workflow, ended_ms desc)
        where ended_ms is not null;
      create index progress_runs_open on progress_runs (tenant, workflow, run)
        where ended_ms is null;
      create table progress_steps (
        run text collate "C" not null,
        step text collate "C" not null,
        tenant text collate "C" not null,
        workflow text collate "C" not null,
        uses text collate "C" not null,
        ended_ms bigint not null,
        typical_ms double precision,
        summary json not null,
        primary key (run, step)
      );
      create index progress_steps_by_end on progress_steps (tenant, ended_ms desc);
      create index progress_steps_by_workflow on progress_steps (tenant, workflow, ended_ms desc);
      create index progress_steps_by_kind on progress_steps (tenant, uses, ended_ms desc)
        where typical_ms is not null;
    `,
  },
  {
    id: '16-progress-watch',
    sql: `
      create table progress_slas (
        tenant text collate "C" not null,
        workflow text collate "C" not null,
        terms json not null,
        set_ms bigint not null,
        primary key (tenant, workflow)
      );
      create table progress_alerts (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        kind text not null,
        severity text not null,
        workflow text not null,
        run text collate "C",
        message text not null,
        raised_ms bigint not null,
        acknowledged_ms bigint,
        acknowledged_by text,
        resolved_ms bigint,
        resolved_by text
      );
      create index progress_alerts_by_time on progress_alerts (tenant, raised_ms desc, id desc);
      create index progress_alerts_by_run on progress_alerts (run) where resolved_ms is null;
    `,
  },
]

/** Who settles what was said of a run that has ended. */
const SETTLED_BY = 'prsm'

const ADVANCE = `
  insert into progress_positions as p (tenant, seq) values ($1, $3)
  on conflict (tenant) do update set seq = excluded.seq where p.seq = $2
  returning seq`
const OPEN = `
  insert into progress_runs (run, tenant, workflow, opened_ms)
  select run, $1, workflow, opened_ms
  from unnest($2::text[], $3::text[], $4::bigint[]) as r (run, workflow, opened_ms)
  on conflict (run) do update set ended_ms = null, summary = null`
const END = `
  insert into progress_runs (run, tenant, workflow, opened_ms, ended_ms, summary)
  select run, $1, workflow, opened_ms, ended_ms, summary
  from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::json[])
    as r (run, workflow, opened_ms, ended_ms, summary)
  on conflict (run) do update set ended_ms = excluded.ended_ms, summary = excluded.summary`
const END_STEPS = `
  insert into progress_steps (run, step, tenant, workflow, uses, ended_ms, typical_ms, summary)
  select run, step, $1, workflow, uses, ended_ms, typical_ms, summary
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::float8[], $8::json[])
    as s (run, step, workflow, uses, ended_ms, typical_ms, summary)
  on conflict (run, step) do update
    set ended_ms = excluded.ended_ms, typical_ms = excluded.typical_ms, summary = excluded.summary`
const SETTLE = `
  update progress_alerts set resolved_ms = $2, resolved_by = $3
  where run = any($1::text[]) and resolved_ms is null and kind in ('sla.at-risk', 'step.slow')`
const IN_RANGE = `
  where tenant = $1 and ($2::text is null or workflow = $2) and ended_ms >= $3 and ended_ms < $4
  order by ended_ms desc`

/** The read model in PostgreSQL. */
export function createSqlProgressStore(database: Database): ProgressStore {
  return {
    position: (tenant) => readPosition(database, tenant),
    record: (recorded) => database.transaction((sql) => record(sql, recorded)),
    async listRuns(range) {
      const rows = await database.query<RunRow>({
        text: `select run, workflow, ended_ms, summary from progress_runs ${IN_RANGE} limit $5`,
        values: valuesOf(range),
      })
      return rows.map(runOf)
    },
    async listSteps(range) {
      const rows = await database.query<StepRow>({
        text: `
          select run, step, workflow, uses, ended_ms, summary from progress_steps
          ${IN_RANGE} limit $5`,
        values: valuesOf(range),
      })
      return rows.map(stepOf)
    },
    async listPast(tenant, workflow, limit) {
      const rows = await database.query<StepRow>({
        text: `
          select s.run, s.step, s.workflow, s.uses, s.ended_ms, s.summary
          from (
            select run, ended_ms from progress_runs
            where tenant = $1 and workflow = $2 and ended_ms is not null
            order by ended_ms desc limit $3
          ) r join progress_steps s on s.run = r.run order by r.ended_ms desc`,
        values: [tenant, workflow, limit],
      })
      return rows.map(stepOf)
    },
    async listKind(tenant, uses, limit) {
      const rows = await database.query<{ readonly typical_ms: number }>({
        text: `
          select typical_ms from progress_steps
          where tenant = $1 and uses = $2 and typical_ms is not null
          order by ended_ms desc limit $3`,
        values: [tenant, uses, limit],
      })
      return rows.map(({ typical_ms: ms }) => ms)
    },
    async listOpen(tenant, workflow, limit) {
      const rows = await database.query<{ readonly run: string }>({
        text: `
          select run from progress_runs where tenant = $1 and workflow = $2 and ended_ms is null
          order by run limit $3`,
        values: [tenant, workflow, limit],
      })
      return rows.map(({ run }) => run)
    },
    ...createSqlWatch(database),
  }
}

async function readPosition(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ seq: bigint }>({
    text: 'select seq from progress_positions where tenant = $1',
    values: [tenant],
  })
  return Number(row?.seq ?? 0)
}

function valuesOf({ tenant, workflow, since, until, limit }: SummaryRange): unknown[] {
  return [tenant, workflow ?? null, since, until, limit]
}

async function record(sql: Sql, recorded: Recorded): Promise<boolean> {
  const { tenant, from, to, opened, ended, findings, at } = recorded
  const advanced = await sql.query({ text: ADVANCE, values: [tenant, from, to] })
  if (advanced.length === 0) return false
  if (opened.length > 0) {
    await sql.query({
      text: OPEN,
      values: [
        tenant,
        opened.map(({ run }) => run),
        opened.map(({ workflow }) => workflow),
        opened.map((each) => each.at),
      ],
    })
  }
  if (ended.length > 0) await recordEnds(sql, recorded)
  await raiseAlerts(sql, { tenant, findings, at })
  return true
}

async function recordEnds(sql: Sql, { tenant, ended, at }: Recorded): Promise<void> {
  const runs = ended.map(({ run }) => run)
  const steps = ended.flatMap((each) => each.steps)
  const ids = runs.map(({ run }) => run)
  await sql.query({
    text: END,
    values: [
      tenant,
      ids,
      runs.map(({ workflow }) => workflow),
      runs.map(({ createdAt }) => createdAt),
      runs.map(({ endedAt }) => endedAt),
      runs.map(({ run: _run, workflow: _workflow, endedAt: _endedAt, ...rest }) => toText(rest)),
    ],
  })
  await sql.query({
    text: END_STEPS,
    values: [
      tenant,
      steps.map(({ run }) => run),
      steps.map(({ step }) => step),
      steps.map(({ workflow }) => workflow),
      steps.map(({ uses }) => uses),
      steps.map(({ endedAt }) => endedAt),
      steps.map(
        ({ durations }) => durations.toSorted((a, b) => a - b)[durations.length >>> 1] ?? null,
      ),
      steps.map((step) => toText(step)),
    ],
  })
  await sql.query({ text: SETTLE, values: [ids, at, SETTLED_BY] })
}

function toText(value: object): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'bigint' ? each.toString() : each,
  )
}
