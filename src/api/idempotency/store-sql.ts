import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'
import type { Sql } from '../../platform/sql/statements.ts'

import { judgeClaim, type Remembered } from './judge.ts'
import type { Attempt, Claim, IdempotencyStore, KeptResponse } from './store.ts'

/** The table of requests with an Idempotency-Key. */
export const API_MIGRATIONS: readonly Migration[] = [
  {
    id: '06-api-idempotency',
    sql: `
      create table idempotency_keys (
        tenant text collate "C" not null,
        key text collate "C" not null,
        request text not null,
        body_hash text not null,
        effect text not null,
        holder text not null,
        held_until_ms bigint not null,
        created_ms bigint not null,
        status integer,
        body text,
        location text,
        primary key (tenant, key)
      );
      create index idempotency_keys_created on idempotency_keys (created_ms);
    `,
  },
]

const TABLE = 'idempotency_keys'
const HELD = 'where tenant = $1 and key = $2 and holder = $3 and status is null'
const COLUMNS = 'tenant, key, request, body_hash, effect, holder, held_until_ms, created_ms'
const VALUES = '$1, $2, $3, $4, $5, $6, $7, $8'

/** Requests with an Idempotency-Key in PostgreSQL. */
export function createSqlIdempotencyStore(database: Database): IdempotencyStore {
  return {
    claim: (attempt) => database.transaction((sql) => claim(sql, attempt)),
    async complete({ tenant, key, holder }, { status, body, location }) {
      await database.query({
        text: `update ${TABLE} set status = $4, body = $5, location = $6, held_until_ms = 0 ${HELD}`,
        values: [tenant, key, holder, status, body ?? null, location ?? null],
      })
    },
    async release({ tenant, key, holder }) {
      const text = `update ${TABLE} set held_until_ms = 0 ${HELD}`
      await database.query({ text, values: [tenant, key, holder] })
    },
    async forget({ tenant, key, holder }) {
      await database.query({
        text: `delete from ${TABLE} ${HELD}`,
        values: [tenant, key, holder],
      })
    },
    async sweep(before) {
      const text = `delete from ${TABLE} where created_ms < $1 returning 1`
      return (await database.query({ text, values: [before] })).length
    },
  }
}

async function claim(sql: Sql, attempt: Attempt): Promise<Claim> {
  const { tenant, key, now, holdMs } = attempt
  const inserted = await sql.query({
    name: 'idempotency-insert',
    text: `insert into ${TABLE} (${COLUMNS}) values (${VALUES}) on conflict do nothing returning 1`,
    values: valuesOf(attempt),
  })
  if (inserted.length > 0) return { kind: 'begun', effect: attempt.effect }
  const [row] = await sql.query<Row>({
    text: `select * from ${TABLE} where tenant = $1 and key = $2 for update`,
    values: [tenant, key],
  })
  const verdict = judgeClaim(row && toRemembered(row), attempt)
  if (verdict.kind === 'begun') {
    await sql.query({
      text: `delete from ${TABLE} where tenant = $1 and key = $2`,
      values: [tenant, key],
    })
    // A row that vanished between the two looks may have come back: then this is a later claim.
    return claim(sql, attempt)
  }
  if (verdict.kind === 'resumed') {
    await sql.query({
      text: `update ${TABLE} set holder = $3, held_until_ms = $4 where tenant = $1 and key = $2`,
      values: [tenant, key, attempt.holder, now + holdMs],
    })
  }
  return verdict
}

function valuesOf(attempt: Attempt): readonly unknown[] {
  const { tenant, key, request, bodyHash, effect, holder, now, holdMs } = attempt
  return [tenant, key, request, bodyHash, effect, holder, now + holdMs, now]
}

interface Row {
  readonly request: string
  readonly body_hash: string
  readonly effect: string
  readonly held_until_ms: bigint
  readonly created_ms: bigint
  readonly status: number | null
  readonly body: string | null
  readonly location: string | null
}

function toRemembered(row: Row): Remembered {
  return {
    request: row.request,
    bodyHash: row.body_hash,
    effect: row.effect,
    heldUntil: Number(row.held_until_ms),
    createdAt: Number(row.created_ms),
    response: row.status === null ? undefined : toResponse(row.status, row),
  }
}

function toResponse(status: number, { body, location }: Row): KeptResponse {
  return { status, body: body ?? undefined, location: location ?? undefined }
}
