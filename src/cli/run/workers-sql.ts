import type { Sql } from '../../platform/sql/database.ts'

/** Workers whose lease has not run out. */
export async function countLiveWorkers(sql: Pick<Sql, 'query'>): Promise<number> {
  const [row] = await sql.query<{ readonly count: bigint }>({
    text: 'select count(*) as count from workers where expires_at > clock_timestamp()',
  })
  return Number(row?.count ?? 0n)
}
