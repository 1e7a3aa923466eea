import type { Sql } from '../../platform/sql/statements.ts'

import { QUEUE_SQL } from './rows-sql.ts'
import type { ShareRecord } from './schema.ts'

/** What tenants and teams are due beside others. */
export async function readShares(sql: Sql): Promise<readonly ShareRecord[]> {
  const rows = await sql.query<{ tenant: string; team: string; weight: number }>({
    text: QUEUE_SQL.shares,
  })
  return rows.map(({ tenant, team, weight }) => ({ tenant, weight, ...(team !== '' && { team }) }))
}
