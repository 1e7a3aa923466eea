import type { Database } from '../../platform/sql/database.ts'
import type { Sql } from '../../platform/sql/statements.ts'
import { newSla, type Sla } from '../schema.ts'
import { alertId } from '../watch/alert-id.ts'
import type { Finding } from '../watch/judge.ts'

import { ALERT_COLUMNS, type AlertRow, toAlert } from './rows-sql.ts'
import type { ProgressStore } from './store.ts'

const RAISE = `
  insert into progress_alerts (id, tenant, kind, severity, workflow, run, message, raised_ms)
  select id, $1, kind, severity, workflow, run, message, $2
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    as a (id, kind, severity, workflow, run, message)
  on conflict (id) do nothing returning id`
type WatchMethod = 'setSla' | 'listSlas' | 'removeSla' | 'listWatched' | 'raise'

/** The part of the read model that is not read from the journal. */
export function createSqlWatch(
  database: Database,
): Pick<ProgressStore, WatchMethod | 'listAlerts' | 'markAlert'> {
  return {
    async setSla(tenant, sla) {
      const { setAt, ...terms } = sla
      await database.query({
        text: `
          insert into progress_slas (tenant, workflow, terms, set_ms) values ($1, $2, $3, $4)
          on conflict (tenant, workflow) do update
            set terms = excluded.terms, set_ms = excluded.set_ms`,
        values: [tenant, sla.workflow, JSON.stringify(newSla.encode(terms)), setAt],
      })
    },
    async listSlas(tenant) {
      const rows = await database.query<SlaRow>({
        text: 'select terms, set_ms from progress_slas where tenant = $1 order by workflow',
        values: [tenant],
      })
      return rows.map(toSla)
    },
    async removeSla(tenant, workflow) {
      const rows = await database.query({
        text: 'delete from progress_slas where tenant = $1 and workflow = $2 returning workflow',
        values: [tenant, workflow],
      })
      return rows.length > 0
    },
    async listWatched() {
      const rows = await database.query<{ readonly tenant: string }>({
        text: 'select distinct tenant from progress_slas order by tenant',
      })
      return rows.map(({ tenant }) => tenant)
    },
    raise: (tenant, findings, at) => raiseAlerts(database, { tenant, findings, at }),
    async listAlerts({ tenant, isOpen, before, limit }) {
      const rows = await database.query<AlertRow>({
        text: `
          select ${ALERT_COLUMNS} from progress_alerts
          where tenant = $1 and ($2::boolean is null or (resolved_ms is null) = $2)
            and ($3::bigint is null or (raised_ms, id) < ($3, $4))
          order by raised_ms desc, id desc limit $5`,
        values: [tenant, isOpen ?? null, before?.at ?? null, before?.id ?? null, limit],
      })
      return rows.map(toAlert)
    },
    async markAlert({ tenant, id, action, by, at }) {
      const name = action === 'acknowledge' ? 'acknowledged' : 'resolved'
      const [row] = await database.query<AlertRow>({
        text: `
          update progress_alerts set ${name}_by = coalesce(${name}_by, $4),
            ${name}_ms = coalesce(${name}_ms, $3)
          where tenant = $1 and id = $2 returning ${ALERT_COLUMNS}`,
        values: [tenant, id, at, by],
      })
      return row && toAlert(row)
    },
  }
}

/** What is to be kept. */
export interface Raising {
  readonly tenant: string
  readonly findings: readonly Finding[]
  readonly at: number
}

/** Keeps what was found, unless something is known under its key. @returns how many are new. */
export async function raiseAlerts(sql: Sql, { tenant, findings, at }: Raising): Promise<number> {
  if (findings.length === 0) return 0
  const rows = await sql.query({
    text: RAISE,
    values: [
      tenant,
      at,
      findings.map(({ key }) => alertId(tenant, key)),
      findings.map(({ kind }) => kind),
      findings.map(({ severity }) => severity),
      findings.map(({ workflow }) => workflow),
      findings.map(({ run }) => run ?? null),
      findings.map(({ message }) => message),
    ],
  })
  return rows.length
}

interface SlaRow {
  readonly terms: unknown
  readonly set_ms: bigint
}

function toSla({ terms, set_ms: setMs }: SlaRow): Sla {
  return { ...newSla.parse(terms), setAt: Number(setMs) }
}
