import type { JsonObject } from '../../kernel/json.ts'
import type { Database } from '../../platform/sql/database.ts'
import type { Sender } from '../../platform/sql/group-commit.ts'
import type { Migration } from '../../platform/sql/migrate.ts'
import type { RunChange, TimedEvent } from '../host/run-store.ts'

import { incidentId, type IncidentStore } from './incident-store.ts'
import { type Incident, incident as incidentSchema } from './schema.ts'

/** The table of incidents. */
export const ROLLBACK_MIGRATIONS: readonly Migration[] = [
  {
    id: '20-incidents',
    sql: `
      create table incidents (
        id text collate "C" primary key,
        tenant text collate "C" not null,
        run text collate "C" not null,
        reason text not null,
        failure text not null,
        step text,
        item integer,
        details json not null,
        opened_ms bigint not null,
        resolved_ms bigint,
        resolved_by text,
        resolution text,
        note text
      );
      create index incidents_open on incidents (tenant, opened_ms desc) where resolved_ms is null;
      create index incidents_by_tenant on incidents (tenant, opened_ms desc);
    `,
  },
]

/** An event of an incident, with the run it belongs to. */
interface IncidentRow extends Pick<RunChange, 'run' | 'tenant'> {
  readonly timed: TimedEvent
}

/** Keeps incidents and how they were resolved; the same event twice changes nothing more. */
export const incidentWriter: Sender<IncidentRow> = {
  name: 'incidents',
  send(sql, rows) {
    for (const { run, tenant, timed } of rows) {
      const { at, event } = timed
      if (event.kind === 'incident.opened') {
        const { incident, reason, failure, step, index, details } = event.data
        const id = incidentId(run, incident)
        const place = [step ?? null, index ?? null, JSON.stringify(details), at]
        void sql.query({ text: INSERT, values: [id, tenant, run, reason, failure, ...place] })
      } else if (event.kind === 'incident.resolved') {
        const { incident, by, resolution, note } = event.data
        const values = [incidentId(run, incident), at, by, resolution, note ?? null]
        void sql.query({ text: RESOLVE, values })
      }
    }
  },
}

/** What a change says about incidents; most say nothing. */
export function incidentRows({ run, tenant, events }: RunChange): readonly IncidentRow[] {
  const about = events.filter(({ event }) => event.kind.startsWith('incident.'))
  return about.map((timed) => ({ run, tenant, timed }))
}

const INSERT = `
  insert into incidents (id, tenant, run, reason, failure, step, item, details, opened_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing`
const RESOLVE = `
  update incidents set resolved_ms = $2, resolved_by = $3, resolution = $4, note = $5
  where id = $1 and resolved_ms is null`
const LIST = `
  select * from incidents
  where tenant = $1
    and ($2::text is null or run = $2)
    and ($3::boolean is null or (resolved_ms is null) = $3)
    and ($4::text is null or (opened_ms, id) < (select opened_ms, id from incidents where id = $4))
  order by opened_ms desc, id desc limit $5`

/** Incidents in PostgreSQL. */
export function createSqlIncidents(database: Database): IncidentStore {
  return {
    async list({ tenant, run, state, before, limit }) {
      const isOpen = state === undefined ? null : state === 'open'
      const values = [tenant, run ?? null, isOpen, before ?? null, limit]
      return (await database.query<StoredIncident>({ text: LIST, values })).map(toIncident)
    },
    async find(tenant, id) {
      const text = 'select * from incidents where tenant = $1 and id = $2'
      const [row] = await database.query<StoredIncident>({ text, values: [tenant, id] })
      return row && toIncident(row)
    },
  }
}

interface StoredIncident {
  readonly id: string
  readonly run: string
  readonly reason: string
  readonly failure: string
  readonly step: string | null
  readonly item: number | null
  readonly details: JsonObject
  readonly opened_ms: bigint
  readonly resolved_ms: bigint | null
  readonly resolved_by: string | null
  readonly resolution: string | null
  readonly note: string | null
}

function toIncident(row: StoredIncident): Incident {
  const { step, item, note, resolution, resolved_by: by, resolved_ms: resolvedMs } = row
  return incidentSchema.parse({
    id: row.id,
    run: row.run,
    state: resolvedMs === null ? 'open' : 'resolved',
    reason: row.reason,
    failure: row.failure,
    ...(step !== null && { step }),
    ...(item !== null && { index: item }),
    openedAt: Number(row.opened_ms),
    ...(resolvedMs !== null && { resolvedAt: Number(resolvedMs) }),
    ...(by !== null && { resolvedBy: by }),
    ...(resolution !== null && { resolution }),
    ...(note !== null && { note }),
    details: row.details,
  })
}
