import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'

import type { SignerStore, TrustedSigner } from './signers.ts'

/** The table of trusted keys. */
export const SIGNER_MIGRATIONS: readonly Migration[] = [
  {
    id: '28-library-signers',
    sql: `
      create table library_signers (
        tenant text collate "C" not null,
        id text collate "C" not null,
        public_key text not null,
        name text not null,
        trusted_ms bigint not null,
        primary key (tenant, id)
      );
    `,
  },
]

interface SignerRow extends Omit<TrustedSigner, 'publicKey' | 'trustedAt'> {
  readonly public_key: string
  readonly trusted_ms: bigint
}

/** Trusted keys in PostgreSQL. */
export function createSqlSignerStore(database: Database): SignerStore {
  return {
    async list(tenant) {
      const rows = await database.query<SignerRow>({
        text: 'select * from library_signers where tenant = $1 order by id',
        values: [tenant],
      })
      return rows.map(({ public_key: publicKey, trusted_ms: trustedAt, ...row }) => ({
        ...row,
        publicKey,
        trustedAt: Number(trustedAt),
      }))
    },
    async add({ tenant, id, publicKey, name, trustedAt }) {
      await database.query({
        text: `insert into library_signers (tenant, id, public_key, name, trusted_ms)
          values ($1, $2, $3, $4, $5) on conflict (tenant, id) do update set name = excluded.name`,
        values: [tenant, id, publicKey, name, trustedAt],
      })
    },
    async remove(tenant, id) {
      const gone = await database.query({
        text: 'delete from library_signers where tenant = $1 and id = $2 returning id',
        values: [tenant, id],
      })
      return gone.length > 0
    },
  }
}
