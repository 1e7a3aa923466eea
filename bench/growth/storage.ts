import { type LocalPostgres, query } from '../lib/postgres.ts'
import { type BenchContext, type Figure, round } from '../lib/report.ts'

interface TableSize {
  readonly name: string
  readonly bytes: number
}

/** What finished 3-step runs leave in the database, indexes included, for each of them. */
export async function storage(
  server: LocalPostgres,
  { say }: BenchContext,
  fill: (url: string) => Promise<unknown>,
): Promise<readonly Figure[]> {
  const url = await server.createDatabase('prsm_storage')
  await fill(url)
  const [row] = await query<{ n: number }>(url, 'select count(*)::int as n from runs')
  const runs = row?.n ?? 0
  const tables = await query<TableSize>(
    url,
    `select relname as name, pg_total_relation_size(oid)::float8 as bytes from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace order by bytes desc`,
  )
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0)
  const largest = tables.slice(0, 3).map(({ name, bytes }) => `${name} ${round(bytes / runs)}`)
  say(`${runs} runs: ${round(total / runs)} bytes each; ${largest.join(', ')}`)
  const common = { unit: 'bytes', better: 'lower', n: runs } as const
  return [
    { metric: 'bytes_per_run', value: round(total / runs), ...common },
    { metric: 'bytes_per_step', value: round(total / runs / 3), ...common },
  ]
}
