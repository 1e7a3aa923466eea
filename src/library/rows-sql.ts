import { toMicroFtns } from '../kernel/money.ts'
import type { Migration } from '../platform/sql/migrate.ts'
import type { Problem } from '../workflow/index.ts'

import { sharingLevel } from './schema.ts'
import type { FoundVersion, FoundWorkflow, NewVersion, VersionRecord } from './store.ts'

/** The tables of saved workflows. */
export const LIBRARY_MIGRATIONS: readonly Migration[] = [
  {
    id: '25-library-workflows',
    sql: `
      create table library_workflows (
        tenant text collate "C" not null,
        name text collate "C" not null,
        owner text not null,
        description text,
        level text not null,
        shared_with text[] not null,
        head integer not null,
        price bigint not null check (price >= 0),
        licence text,
        forked_from text,
        created_ms bigint not null,
        updated_ms bigint not null,
        archived_ms bigint,
        primary key (tenant, name)
      );
      create table library_versions (
        tenant text collate "C" not null,
        name text collate "C" not null,
        version integer not null,
        hash text not null,
        author text not null,
        message text not null,
        at_ms bigint not null,
        parent integer,
        size_bytes integer not null,
        is_draft boolean not null,
        problems json not null,
        body json not null,
        primary key (tenant, name, version),
        foreign key (tenant, name) references library_workflows on delete cascade
      );
      create table library_tags (
        tenant text collate "C" not null,
        name text collate "C" not null,
        tag text collate "C" not null,
        version integer not null,
        primary key (tenant, name, tag),
        foreign key (tenant, name, version) references library_versions on delete cascade
      );
      create table library_pins (
        run text collate "C" primary key,
        tenant text collate "C" not null,
        name text collate "C" not null,
        version integer not null
      );
      create index library_pins_by_name on library_pins (tenant, name);
    `,
  },
  {
    id: '26-library-purchases',
    sql: `
      create table library_purchases (
        buyer text collate "C" not null,
        tenant text collate "C" not null,
        name text collate "C" not null,
        paid bigint not null,
        at_ms bigint not null,
        primary key (buyer, tenant, name)
      );
    `,
  },
]

/** A workflow as it is stored, with its newest version. */
export interface WorkflowRow {
  readonly tenant: string
  readonly name: string
  readonly owner: string
  readonly description: string | null
  readonly level: string
  readonly shared_with: readonly string[]
  readonly head: number
  readonly price: bigint
  readonly licence: string | null
  readonly forked_from: string | null
  readonly created_ms: bigint
  readonly updated_ms: bigint
  readonly archived_ms: bigint | null
  readonly hash: string
  readonly is_draft: boolean
  readonly problems: readonly Problem[]
  readonly tags: Readonly<Record<string, number>> | null
  readonly is_bought: boolean
}

/** A version as it is stored, and what points at it. */
export interface VersionRow {
  readonly version: number
  readonly hash: string
  readonly author: string
  readonly message: string
  readonly at_ms: bigint
  readonly parent: number | null
  readonly size_bytes: number
  readonly is_draft: boolean
  readonly problems: readonly Problem[]
  readonly tags: readonly string[]
  readonly runs: bigint
}

const WORKFLOW = `
  w.*, v.hash, v.is_draft, v.problems,
  (select json_object_agg(t.tag, t.version order by t.tag) from library_tags t
    where t.tenant = w.tenant and t.name = w.name) as tags,
  exists (select 1 from library_purchases p
    where p.buyer = $1 and p.tenant = w.tenant and p.name = w.name) as is_bought`
const FROM_WORKFLOWS = `
  library_workflows w join library_versions v
    on v.tenant = w.tenant and v.name = w.name and v.version = w.head`
const VERSION =
  'v.version, v.hash, v.author, v.message, v.at_ms, v.parent, v.size_bytes, v.is_draft, v.problems'

/** The statements of the library's store, by what they do. */
export const LIBRARY_SQL = {
  lockTenant: `select pg_advisory_xact_lock(hashtextextended('library ' || $1, 0))`,
  find: `select ${WORKFLOW} from ${FROM_WORKFLOWS} where w.tenant = $2 and w.name = $3`,
  // $1 tenant, $2 key, $3 whether it is an administrator, $4 whether those of others are wanted too.
  list: `
  select ${WORKFLOW} from ${FROM_WORKFLOWS}
  where (w.tenant, w.name) > ($5, $6) and (
    (w.tenant = $1 and (w.level <> 'private' or w.owner = $2 or $3))
    or ($4 and w.tenant <> $1 and (
      w.level in ('public_read', 'public_template', 'marketplace')
      or (w.level in ('shared_read', 'shared_execute') and $1 = any(w.shared_with)))))
  order by w.tenant, w.name limit $7`,
  put: `
  insert into library_workflows
    (tenant, name, owner, description, level, shared_with, head, price, licence, forked_from,
      created_ms, updated_ms, archived_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  on conflict (tenant, name) do update set
    description = excluded.description, level = excluded.level, shared_with = excluded.shared_with,
    head = excluded.head, price = excluded.price, licence = excluded.licence,
    updated_ms = excluded.updated_ms, archived_ms = excluded.archived_ms`,
  // Another workflow of the name is not what runs were pinned to, or what somebody has bought.
  forgetPins: `update library_pins set name = '' where tenant = $1 and name = $2`,
  forgetPurchases: 'delete from library_purchases where tenant = $1 and name = $2',
  remove: 'delete from library_workflows where tenant = $1 and name = $2',
  addVersion: `
  insert into library_versions
    (tenant, name, version, hash, author, message, at_ms, parent, size_bytes, is_draft, problems, body)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  findVersion: `
  select ${VERSION}, v.body from library_versions v
  where v.tenant = $1 and v.name = $2 and v.version = $3`,
  listVersions: `
  select ${VERSION},
    array(select t.tag from library_tags t
      where t.tenant = v.tenant and t.name = v.name and t.version = v.version order by t.tag) as tags,
    (select count(*) from library_pins p
      where p.tenant = v.tenant and p.name = v.name and p.version = v.version) as runs
  from library_versions v where v.tenant = $1 and v.name = $2 order by v.version desc`,
  removeVersions: `
  delete from library_versions where tenant = $1 and name = $2 and version = any($3)`,
  putTag: `
  insert into library_tags (tenant, name, tag, version) values ($1, $2, $3, $4)
  on conflict (tenant, name, tag) do update set version = excluded.version`,
  removeTag: `
  delete from library_tags where tenant = $1 and name = $2 and tag = $3 returning tag`,
  kept: `
  select (select count(*) from library_workflows where tenant = $1) as workflows,
    count(*) as versions, coalesce(sum(size_bytes), 0)::bigint as size_bytes
  from library_versions where tenant = $1`,
  countRuns: `
  select p.tenant, p.name, r.status, count(*) as count, max(r.id) as newest
  from library_pins p join runs r on r.id = p.run
  where r.tenant = $1 and (p.tenant, p.name) in (select * from unnest($2::text[], $3::text[]))
  group by 1, 2, 3`,
  listLiveRuns: `
  select r.id, p.version from runs r
  left join library_pins p on p.run = r.id and p.tenant = $2 and p.name = $3
  where r.tenant = $1 and r.ended_ms is null and (p.run is not null or ($1 = $2 and r.name = $3))
  order by r.id limit 1000`,
  pin: `
  insert into library_pins (run, tenant, name, version) values ($1, $2, $3, $4)
  on conflict (run) do nothing`,
  // Begun by a step of a pinned run, a run holds a part of the same definition.
  findPin: `
  with recursive up as (
    select id, parent, forked_from, definition from runs where tenant = $1 and id = $2
    union
    select r.id, r.parent, r.forked_from, r.definition from runs r join up
      on r.id = up.parent or (r.id = up.forked_from and r.definition = up.definition))
  select p.run, p.tenant, p.name, p.version from up join library_pins p on p.run = up.id limit 1`,
  buy: `
  insert into library_purchases (buyer, tenant, name, paid, at_ms)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
  on conflict (buyer, tenant, name) do nothing`,
} as const

/** Reads a workflow. */
export function toWorkflow(row: WorkflowRow): FoundWorkflow {
  return {
    tenant: row.tenant,
    name: row.name,
    owner: row.owner,
    description: row.description ?? undefined,
    level: sharingLevel.parse(row.level),
    sharedWith: row.shared_with,
    head: row.head,
    price: toMicroFtns(row.price),
    licence: row.licence ?? undefined,
    forkedFrom: row.forked_from ?? undefined,
    createdAt: Number(row.created_ms),
    updatedAt: Number(row.updated_ms),
    archivedAt: row.archived_ms === null ? undefined : Number(row.archived_ms),
    hash: row.hash,
    isDraft: row.is_draft,
    problems: row.problems,
    tags: row.tags ?? {},
    isBought: row.is_bought,
  }
}

type PlainVersionRow = Omit<VersionRow, 'tags' | 'runs'>

function toVersionRecord(row: PlainVersionRow): VersionRecord {
  return {
    version: row.version,
    hash: row.hash,
    author: row.author,
    message: row.message,
    at: Number(row.at_ms),
    parent: row.parent ?? undefined,
    sizeBytes: row.size_bytes,
    isDraft: row.is_draft,
    problems: row.problems,
  }
}

/** Reads a version and what points at it. */
export function toFoundVersion(row: VersionRow): FoundVersion {
  return { ...toVersionRecord(row), tags: row.tags, runs: Number(row.runs) }
}

/** A version as it is stored, with its definition. */
export type FullVersionRow = PlainVersionRow & { readonly body: NewVersion['definition'] }

/** Reads a version with its definition. */
export function toFullVersion(row: FullVersionRow): NewVersion {
  return { ...toVersionRecord(row), definition: row.body }
}
