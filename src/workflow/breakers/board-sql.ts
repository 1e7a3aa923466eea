import { z } from 'zod'

import { circuitReport } from '../../kernel/breakers.ts'
import type { Database } from '../../platform/sql/database.ts'
import type { Migration } from '../../platform/sql/migrate.ts'

import type { BreakerBoard, BreakerReset } from './breaker-board.ts'
import type { BreakerRecord } from './schema.ts'

/** What workers show of their circuits, and what they are asked to close. */
export const BREAKER_MIGRATIONS: readonly Migration[] = [
  {
    id: '45-breakers',
    sql: `
      alter table workers
        add column breakers json not null default '[]',
        add column breaker_resets jsonb not null default '[]';
    `,
  },
]

/** What workers listen to. */
const CHANNEL = 'prsm_breakers'

const SQL = {
  show: `
  with asked as (select id, breaker_resets from workers where id = $1 for update)
  update workers w set breakers = $2, breaker_resets = '[]' from asked where w.id = asked.id
  returning asked.breaker_resets`,
  list: `
  select id, host, breakers from workers
  where expires_at >= clock_timestamp() and json_array_length(breakers) > 0
  order by started_at, id`,
  ask: `
  update workers set breaker_resets = breaker_resets || jsonb_build_array($1::jsonb)
  where exists (select from json_array_elements(breakers) b
    where b ->> 'dependency' = $2 and ($3::text is null or b ->> 'tenant' = $3))
  returning id`,
} as const

const resets: z.ZodType<BreakerReset[]> = z.array(
  z.object({ dependency: z.string(), tenant: z.string().exactOptional() }),
)

/** The board, on the rows of the workers. */
export function createSqlBreakerBoard(database: Database): BreakerBoard {
  return {
    async show(worker, reports) {
      const values = [worker, JSON.stringify(reports)]
      const [row] = await database.query<{ breaker_resets: unknown }>({ text: SQL.show, values })
      return row === undefined ? [] : resets.parse(row.breaker_resets)
    },
    async list({ tenant }) {
      const rows = await database.query<WorkerRow>({ text: SQL.list })
      return rows
        .flatMap(toRecords)
        .filter((each) => tenant === undefined || (each.tenant ?? tenant) === tenant)
    },
    async ask(reset) {
      const { dependency, tenant } = reset
      const values = [JSON.stringify(reset), dependency, tenant ?? null]
      const asked = await database.query({ text: SQL.ask, values })
      if (asked.length > 0) await database.notify(CHANNEL, '')
      return asked.length
    },
    listen: (wake) => database.listen(CHANNEL, wake),
  }
}

interface WorkerRow {
  readonly id: string
  readonly host: string
  readonly breakers: unknown
}

function toRecords({ id, host, breakers }: WorkerRow): readonly BreakerRecord[] {
  return circuitReport
    .array()
    .parse(breakers)
    .map((report) => ({ worker: id, host, ...report }))
}
