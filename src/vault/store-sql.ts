import type { Database } from '../platform/sql/database.ts'
import type { Migration } from '../platform/sql/migrate.ts'

import type { StoredSecret, VaultStore, WrappedKey } from './store.ts'

/** The tables of the vault. */
export const VAULT_MIGRATIONS: readonly Migration[] = [
  {
    id: '40-vault',
    sql: `
      create table tenant_keys (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        master text collate "C" not null,
        wrapped text not null,
        created_ms bigint not null
      );
      create index tenant_keys_tenant on tenant_keys (tenant, id desc);
      create table secrets (
        tenant text collate "C" not null,
        name text collate "C" not null,
        sealed text not null,
        key text collate "C" not null,
        created_ms bigint not null,
        changed_ms bigint not null,
        primary key (tenant, name)
      );
    `,
  },
]

const KEY = 'id, tenant, master, wrapped, created_ms'
const SECRET = 'tenant, name, sealed, key, created_ms, changed_ms'
const LOCK = `select pg_advisory_xact_lock(hashtextextended('prsm-vault', 0))`

const SQL = {
  findKey: `select ${KEY} from tenant_keys where tenant = $1 and id = $2`,
  latestKey: `select ${KEY} from tenant_keys where tenant = $1 order by id desc limit 1`,
  addKey: `insert into tenant_keys (${KEY}) values ($1, $2, $3, $4, $5)`,
  countMasters: `
  select master, count(*)::int as keys from tenant_keys group by master order by max(created_ms) desc, master`,
  listUnder: `select ${KEY} from tenant_keys where master <> $1 order by id limit $2`,
  replaceWrap: `update tenant_keys set master = $3, wrapped = $4 where id = $1 and wrapped = $2`,
  putSecret: `
  insert into secrets (${SECRET}) values ($1, $2, $3, $4, $5, $6)
  on conflict (tenant, name) do update set sealed = excluded.sealed, key = excluded.key, changed_ms = excluded.changed_ms
  returning ${SECRET}`,
  findSecret: `select ${SECRET} from secrets where tenant = $1 and name = $2`,
  listSecrets: `
  select ${SECRET} from secrets where tenant = $1 and name > $2 order by name limit $3`,
  removeSecret: `delete from secrets where tenant = $1 and name = $2 returning ${SECRET}`,
  listOutdated: `
  select ${SECRET} from secrets where tenant = $1 and key <> $2 order by name limit $3`,
  replaceSeal: `
  update secrets set sealed = $4, key = $5 where tenant = $1 and name = $2 and sealed = $3 returning name`,
} as const

/** The vault in PostgreSQL. */
export function createSqlVaultStore(database: Database): VaultStore {
  return {
    ...keysIn(database),
    ...secretsIn(database),
    exclusively: (work) =>
      database.transaction(async (sql) => {
        await sql.query({ text: LOCK })
        return work()
      }),
  }
}

type Keys = Pick<
  VaultStore,
  'findKey' | 'latestKey' | 'addKey' | 'countMasters' | 'listUnder' | 'replaceWrap'
>

function keysIn(database: Database): Keys {
  const query = async (text: string, ...values: readonly unknown[]): Promise<WrappedKey[]> =>
    (await database.query<KeyRow>({ text, values })).map(toKey)
  return {
    findKey: async (tenant, id) => (await query(SQL.findKey, tenant, id))[0],
    latestKey: async (tenant) => (await query(SQL.latestKey, tenant))[0],
    async addKey({ id, tenant, master, wrapped, createdAt }) {
      await query(SQL.addKey, id, tenant, master, wrapped, createdAt)
    },
    countMasters: () => database.query({ text: SQL.countMasters }),
    listUnder: (master, limit) => query(SQL.listUnder, master, limit),
    async replaceWrap(before, after) {
      await query(SQL.replaceWrap, before.id, before.wrapped, after.master, after.wrapped)
    },
  }
}

type Secrets = Omit<VaultStore, keyof Keys | 'exclusively'>

function secretsIn(database: Database): Secrets {
  const query = async (text: string, ...values: readonly unknown[]): Promise<StoredSecret[]> =>
    (await database.query<SecretRow>({ text, values })).map(toSecret)
  return {
    async putSecret(secret) {
      const { tenant, name, sealed, key, createdAt, changedAt } = secret
      const [kept] = await query(SQL.putSecret, tenant, name, sealed, key, createdAt, changedAt)
      return kept ?? secret
    },
    findSecret: async (tenant, name) => (await query(SQL.findSecret, tenant, name))[0],
    listSecrets: ({ tenant, after = '', limit }) => query(SQL.listSecrets, tenant, after, limit),
    removeSecret: async (tenant, name) => (await query(SQL.removeSecret, tenant, name))[0],
    listOutdated: (tenant, key, limit) => query(SQL.listOutdated, tenant, key, limit),
    async replaceSeal({ tenant, name, sealed }, after) {
      const values = [tenant, name, sealed, after.sealed, after.key]
      return (await database.query({ text: SQL.replaceSeal, values })).length > 0
    },
  }
}

interface KeyRow {
  readonly id: string
  readonly tenant: string
  readonly master: string
  readonly wrapped: string
  readonly created_ms: bigint
}

function toKey({ created_ms: createdAt, ...key }: KeyRow): WrappedKey {
  return { ...key, createdAt: Number(createdAt) }
}

interface SecretRow {
  readonly tenant: string
  readonly name: string
  readonly sealed: string
  readonly key: string
  readonly created_ms: bigint
  readonly changed_ms: bigint
}

function toSecret({
  created_ms: createdAt,
  changed_ms: changedAt,
  ...secret
}: SecretRow): StoredSecret {
  return { ...secret, createdAt: Number(createdAt), changedAt: Number(changedAt) }
}
