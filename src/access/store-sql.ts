import type { Database } from '../platform/sql/database.ts'
import type { Migration } from '../platform/sql/migrate.ts'
import type { Sql } from '../platform/sql/statements.ts'

import { type ApiKey, scope } from './schema.ts'
import type { KeyRecord, KeyStore } from './store.ts'

/** The table of API keys. */
export const ACCESS_MIGRATIONS: readonly Migration[] = [
  {
    id: '05-access-keys',
    sql: `
      create table api_keys (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        name text not null,
        scopes text[] not null,
        hash text not null,
        created_ms bigint not null,
        last_used_ms bigint,
        expires_ms bigint,
        revoked_ms bigint
      );
      create index api_keys_by_tenant on api_keys (tenant, id desc);
    `,
  },
]

const KEY = 'id, tenant, name, scopes, created_ms, last_used_ms, expires_ms, revoked_ms'

const INSERT = `
  insert into api_keys (id, tenant, name, scopes, hash, created_ms, expires_ms)
  select $1, $2, $3, $4, $5, $6, $7`
const LOCK_TENANT = 'select pg_advisory_xact_lock(hashtextextended($1, 0))'
const FIRST = 'where not exists (select 1 from api_keys where tenant = $2)'

/** API keys in PostgreSQL. */
export function createSqlKeyStore(database: Database): KeyStore {
  return {
    insert: (record) => insert(database, record, 'on conflict (id) do nothing'),
    insertFirst: ({ key, hash }) =>
      database.transaction(async (sql) => {
        // The lock comes in a statement of its own: the next one then sees what its last holder did.
        await sql.query({ text: LOCK_TENANT, values: [`first-key:${key.tenant}`] })
        return insert(sql, { key, hash }, FIRST)
      }),
    async find(id) {
      const [row] = await database.query<KeyRow & { readonly hash: string }>({
        name: 'access-find',
        text: `select ${KEY}, hash from api_keys where id = $1`,
        values: [id],
      })
      return row && { key: toApiKey(row), hash: row.hash }
    },
    async listKeys({ tenant, before, limit }) {
      const rows = await database.query<KeyRow>({
        text: `
          select ${KEY} from api_keys where tenant = $1 and ($2::text is null or id < $2)
          order by id desc limit $3`,
        values: [tenant, before ?? null, limit],
      })
      return rows.map(toApiKey)
    },
    async touch(id, at) {
      await database.query({
        text: 'update api_keys set last_used_ms = $2 where id = $1 and coalesce(last_used_ms, 0) < $2',
        values: [id, at],
      })
    },
    async revoke(tenant, id, at) {
      const [row] = await database.query<KeyRow>({
        text: `
          update api_keys set revoked_ms = coalesce(revoked_ms, $3)
          where tenant = $1 and id = $2 returning ${KEY}`,
        values: [tenant, id, at],
      })
      return row && toApiKey(row)
    },
  }
}

async function insert(sql: Sql, { key, hash }: KeyRecord, condition: string): Promise<boolean> {
  const { id, tenant, name, scopes, createdAt, expiresAt } = key
  const rows = await sql.query({
    text: `${INSERT} ${condition} returning id`,
    values: [id, tenant, name, scopes, hash, createdAt, expiresAt ?? null],
  })
  return rows.length > 0
}

interface KeyRow {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly created_ms: bigint
  readonly last_used_ms: bigint | null
  readonly expires_ms: bigint | null
  readonly revoked_ms: bigint | null
}

function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    scopes: row.scopes.map((each) => scope.parse(each)),
    createdAt: Number(row.created_ms),
    ...(row.last_used_ms !== null && { lastUsedAt: Number(row.last_used_ms) }),
    ...(row.expires_ms !== null && { expiresAt: Number(row.expires_ms) }),
    ...(row.revoked_ms !== null && { revokedAt: Number(row.revoked_ms) }),
  }
}
