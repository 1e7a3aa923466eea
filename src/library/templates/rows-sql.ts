import type { JsonObject } from '../../kernel/json.ts'
import { toMicroFtns } from '../../kernel/money.ts'
import type { Migration } from '../../platform/sql/migrate.ts'

import { templateCategory } from './schema.ts'
import type { TemplateRecord } from './store.ts'

/** The tables of templates. */
export const TEMPLATE_MIGRATIONS: readonly Migration[] = [
  {
    id: '27-library-templates',
    sql: `
      create table library_templates (
        tenant text collate "C" not null,
        name text collate "C" not null,
        author text not null,
        category text not null,
        description text,
        parameters json not null,
        definition json not null,
        price bigint not null check (price >= 0),
        licence text,
        is_public boolean not null,
        revision integer not null,
        forked_from text,
        created_ms bigint not null,
        updated_ms bigint not null,
        primary key (tenant, name)
      );
      create table library_uses (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        name text collate "C" not null,
        revision integer not null,
        by_tenant text not null,
        by_user text not null,
        paid bigint not null,
        at_ms bigint not null
      );
      create index library_uses_by_template on library_uses (tenant, name);
      create table library_ratings (
        tenant text collate "C" not null,
        name text collate "C" not null,
        by_tenant text not null,
        by_user text not null,
        stars integer not null check (stars between 1 and 5),
        at_ms bigint not null,
        primary key (tenant, name, by_tenant, by_user)
      );
    `,
  },
]

/** A template as it is stored. */
export interface TemplateRow {
  readonly tenant: string
  readonly name: string
  readonly author: string
  readonly category: string
  readonly description: string | null
  readonly parameters: JsonObject
  readonly definition: JsonObject
  readonly price: bigint
  readonly licence: string | null
  readonly is_public: boolean
  readonly revision: number
  readonly forked_from: string | null
  readonly created_ms: bigint
  readonly updated_ms: bigint
}

const INSERT = `
  insert into library_templates
    (tenant, name, author, category, description, parameters, definition, price, licence, is_public,
      revision, forked_from, created_ms, updated_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  on conflict (tenant, name)`

/** The statements of the store of templates, by what they do. */
export const TEMPLATE_SQL = {
  find: 'select * from library_templates where tenant = $1 and name = $2',
  list: `
  select * from library_templates where tenant = $1 or is_public order by tenant, name limit 10000`,
  add: `${INSERT} do nothing returning name`,
  put: `${INSERT} do update set
    category = excluded.category, description = excluded.description,
    parameters = excluded.parameters, definition = excluded.definition, price = excluded.price,
    licence = excluded.licence, is_public = excluded.is_public, revision = excluded.revision,
    updated_ms = excluded.updated_ms`,
  remove: 'delete from library_templates where tenant = $1 and name = $2',
  use: `
  insert into library_uses (id, tenant, name, revision, by_tenant, by_user, paid, at_ms)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[])
  on conflict (id) do nothing`,
  fame: `
  select coalesce(u.tenant, r.tenant) as tenant, coalesce(u.name, r.name) as name,
    coalesce(u.uses, 0) as uses, coalesce(r.ratings, 0) as ratings, r.rating::float8 as rating
  from (select tenant, name, count(*) as uses from library_uses group by 1, 2) u
  full join (select tenant, name, count(*) as ratings, avg(stars) as rating
    from library_ratings group by 1, 2) r
  on u.tenant = r.tenant and u.name = r.name`,
  rate: `
  insert into library_ratings (tenant, name, by_tenant, by_user, stars, at_ms)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (tenant, name, by_tenant, by_user)
    do update set stars = excluded.stars, at_ms = excluded.at_ms`,
} as const

/** Reads a template. */
export function toTemplate(row: TemplateRow): TemplateRecord {
  return {
    tenant: row.tenant,
    name: row.name,
    author: row.author,
    category: templateCategory.parse(row.category),
    description: row.description ?? undefined,
    parameters: row.parameters,
    definition: row.definition,
    price: toMicroFtns(row.price),
    licence: row.licence ?? undefined,
    isPublic: row.is_public,
    revision: row.revision,
    forkedFrom: row.forked_from ?? undefined,
    createdAt: Number(row.created_ms),
    updatedAt: Number(row.updated_ms),
  }
}
