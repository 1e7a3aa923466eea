import type { JournalEvent } from '../../kernel/journal.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Database } from '../../platform/sql/database.ts'
import { isUniqueViolation } from '../../platform/sql/faults.ts'
import { type GroupCommit, type Sender, write } from '../../platform/sql/group-commit.ts'

import { StaleScheduleError } from './errors.ts'
import { EVENTS_PAGE, eventsUpTo, SCHEDULES_SQL } from './rows-sql.ts'
import { fireRows, type FireRow, scheduleRow, type ScheduleRow, toFire, toState } from './rows.ts'
import { scheduleSpec, type ScheduleVersion } from './schema.ts'
import type { ScheduleState } from './state.ts'
import type { ListedSchedule, ScheduleChange, ScheduleStore } from './store.ts'

const CHANNEL = 'prsm_schedules'
/** Named by the journal; it may have news for schedules that listen. */
const JOURNAL_CHANNEL = 'prsm_events'

/** Writes schedules with their versions and fires. */
export const scheduleWriter: Sender<ScheduleChange> = {
  name: 'schedules',
  send(sql, changes) {
    const states = changes.map(({ state }) => scheduleRow(state))
    const versions = changes.flatMap(({ state, version }) =>
      version === undefined ? [] : [versionRow(state.id, version)],
    )
    const rowsOfFires = changes.flatMap((change) => fireRows(change))
    const put = (text: string, rows: readonly object[]): void => {
      if (rows.length > 0) void sql.query({ text, values: [JSON.stringify(rows)] })
    }
    put(SCHEDULES_SQL.putSchedules, states)
    put(SCHEDULES_SQL.putVersions, versions)
    put(SCHEDULES_SQL.putFires, rowsOfFires)
  },
}

interface SqlScheduleStoreDeps {
  readonly database: Database
  /** Must have {@link scheduleWriter} and the journal's writer, in this order. */
  readonly group: GroupCommit
  readonly journalWriter: Sender<JournalEvent>
}

/** Schedules in PostgreSQL. */
export function createSqlScheduleStore(deps: SqlScheduleStoreDeps): ScheduleStore {
  const { database, group, journalWriter } = deps
  return {
    ...records(database),
    ...fires(database),
    ...claims(database),
    ...journal(database),
    async commit(change) {
      const { id } = change.state
      const writes = [write(scheduleWriter, [change]), write(journalWriter, journalRows(change))]
      const result = await group.commit(writes, (fault) =>
        isUniqueViolation(fault) ? new StaleScheduleError(id, fault) : fault,
      )
      if (!result.ok) throw new StaleScheduleError(id)
      await database.notify(CHANNEL, '')
    },
    async touch({ id, revision, cursor, seq, nextAt, dueAt }) {
      const values = [id, revision, cursor, seq, nextAt ?? null, dueAt ?? null]
      await database.query({ text: SCHEDULES_SQL.touch, values })
    },
    async listen(wake) {
      const ends = await Promise.all(
        [CHANNEL, JOURNAL_CHANNEL].map((channel) => database.listen(channel, wake)),
      )
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

function journalRows({ state, events, at }: ScheduleChange): readonly JournalEvent[] {
  const before = state.revision - events.length
  return events.map(({ kind, data }, index) => ({
    tenant: state.tenant,
    stream: state.id,
    version: before + index + 1,
    kind,
    at,
    data,
  }))
}

function versionRow(schedule: string, version: ScheduleVersion): object {
  const { version: number, definition, spec, by, at } = version
  return { schedule, version: number, definition, spec, by_key: by, at_ms: at }
}

interface VersionRow {
  readonly version: number
  readonly definition: string
  readonly spec: unknown
  readonly by_key: string
  readonly at_ms: bigint
}

function toVersion(row: VersionRow): ScheduleVersion {
  const { version, definition, spec, by_key: by, at_ms: at } = row
  return { version, definition, spec: scheduleSpec.parse(spec), by, at: Number(at) }
}

type Records = Pick<
  ScheduleStore,
  'find' | 'findById' | 'list' | 'listVersions' | 'findVersion' | 'nextDueAt'
>

interface ListedRow extends ScheduleRow {
  readonly waiting: number
}

function toListed(row: ListedRow): ListedSchedule {
  return { state: toState(row), waiting: row.waiting }
}

function records(database: Database): Records {
  return {
    async find(tenant, name) {
      const [row] = await database.query<ListedRow>({
        text: SCHEDULES_SQL.find,
        values: [tenant, name],
      })
      return row && toListed(row)
    },
    findById: (id) => findById(database, id),
    async list({ tenant, status, after = '', limit }) {
      const values = [tenant, after, status ?? null, limit]
      const rows = await database.query<ListedRow>({
        text: SCHEDULES_SQL.list,
        values,
      })
      return rows.map(toListed)
    },
    async listVersions(schedule) {
      const values = [schedule, null]
      const rows = await database.query<VersionRow>({ text: SCHEDULES_SQL.versions, values })
      return rows.map(toVersion)
    },
    async findVersion(schedule, version) {
      const values = [schedule, version]
      const [row] = await database.query<VersionRow>({ text: SCHEDULES_SQL.versions, values })
      return row && toVersion(row)
    },
    async nextDueAt() {
      const [row] = await database.query<{ due_ms: bigint | null }>({ text: SCHEDULES_SQL.nextDue })
      const due = row?.due_ms ?? null
      return due === null ? undefined : Number(due)
    },
  }
}

async function findById(database: Database, id: string): Promise<ScheduleState | undefined> {
  const [row] = await database.query<ScheduleRow>({ text: SCHEDULES_SQL.findById, values: [id] })
  return row && toState(row)
}

type Fires = Pick<ScheduleStore, 'listFires' | 'findFires' | 'openFires' | 'settle'>

function fires(database: Database): Fires {
  return {
    async listFires({ schedule, status, before, limit }) {
      const place = [before?.scheduledAt ?? null, before?.key ?? null]
      const values = [schedule, status ?? null, ...place, limit]
      const rows = await database.query<FireRow>({ text: SCHEDULES_SQL.fires, values })
      return rows.map(toFire)
    },
    async findFires(schedule, keys) {
      if (keys.length === 0) return []
      const values = [schedule, keys]
      const rows = await database.query<FireRow>({ text: SCHEDULES_SQL.firesByKey, values })
      return rows.map(toFire)
    },
    async openFires(schedule) {
      await database.query({ text: SCHEDULES_SQL.closeEnded, values: [schedule] })
      const values = [schedule]
      const rows = await database.query<FireRow>({ text: SCHEDULES_SQL.openFires, values })
      return rows.map(toFire)
    },
    async settle(schedule, key) {
      await database.query({ text: SCHEDULES_SQL.settle, values: [schedule, key] })
    },
  }
}

function claims(database: Database): Pick<ScheduleStore, 'claimDue' | 'claimStarting'> {
  return {
    async claimDue({ now, until, limit }) {
      const rows = await database.query<ScheduleRow>({
        name: 'schedules-claim',
        text: SCHEDULES_SQL.claimDue,
        values: [now, until, limit],
      })
      return rows.map(toState)
    },
    async claimStarting({ now, until, limit }) {
      const rows = await database.query<FireRow>({
        name: 'schedule-fires-claim',
        text: SCHEDULES_SQL.claimStarting,
        values: [now, until, limit],
      })
      const found = await Promise.all(
        rows.map(async (row) => {
          const schedule = await findById(database, row.schedule)
          return schedule === undefined ? [] : [{ schedule, fire: toFire(row) }]
        }),
      )
      return found.flat()
    },
  }
}

interface EventRow {
  readonly seq: bigint
  readonly stream: string
  readonly kind: string
  readonly at_ms: bigint
  readonly data: JsonObject
}

function journal(database: Database): Pick<ScheduleStore, 'readEvents' | 'headOf' | 'ownStreams'> {
  const headOf = async (tenant: string): Promise<number> => {
    const [row] = await database.query<{ seq: bigint }>({
      text: SCHEDULES_SQL.head,
      values: [tenant],
    })
    return Number(row?.seq ?? 0n)
  }
  return {
    headOf,
    async readEvents({ tenant, afterSeq, kinds, workflow }) {
      const head = await headOf(tenant)
      const values = [tenant, afterSeq, head, kinds, workflow ?? null]
      const rows = await database.query<EventRow>({ text: SCHEDULES_SQL.events, values })
      const events = rows.map(({ seq, stream, kind, at_ms: at, data }) => ({
        seq: Number(seq),
        stream,
        kind,
        at: Number(at),
        data,
      }))
      const last = events.length < EVENTS_PAGE ? undefined : events.at(-1)
      return { events, upTo: last?.seq ?? eventsUpTo(afterSeq, head) }
    },
    async ownStreams(schedule, streams) {
      if (streams.length === 0) return new Set()
      const values = [schedule, streams]
      const rows = await database.query<{ stream: string }>({
        text: SCHEDULES_SQL.ownStreams,
        values,
      })
      return new Set(rows.map(({ stream }) => stream))
    },
  }
}
