import type { JournalEvent } from '../../kernel/journal.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Database } from '../../platform/sql/database.ts'
import { isUniqueViolation } from '../../platform/sql/faults.ts'
import type { GroupCommit, Sender } from '../../platform/sql/group-commit.ts'
import { FencedError } from '../errors.ts'
import type { Snapshot } from '../history/snapshot.ts'
import type { RunEvent } from '../machine/events.ts'
import { PRUNED_BEFORE } from '../retention/retention-sql.ts'

import { claimRows, type ClaimTerms, postponeRow } from './claim-sql.ts'
import { type RunRow, RUN_COLUMNS, RUNS_SQL, toRunRecord } from './rows-sql.ts'
import type { Claim, RunStore, TimedEvent } from './run-store.ts'
import { insertStatement, wakeStatement, writesOf } from './run-writers-sql.ts'
import { type SignalRow, toSignal } from './signal-rows-sql.ts'

const CHANNEL = 'prsm_runs'
interface SqlRunStoreDeps {
  readonly database: Database
  /** Must have the ledger's writer, {@link runWriters} and the journal's writer, in this order. */
  readonly group: GroupCommit
  readonly journalWriter: Sender<JournalEvent>
}

/** Runs in PostgreSQL. */
export function createSqlRunStore({ database, group, journalWriter }: SqlRunStoreDeps): RunStore {
  return {
    ...leases(database),
    ...signals(database),
    ...records(database),
    commit(change) {
      const committed = group.commit(writesOf(change, journalWriter), (fault) =>
        isUniqueViolation(fault) ? new FencedError(change.run, fault) : fault,
      )
      const { letters, children, tasks, recalls } = change
      const isNews = letters.length + children.length + tasks.length + recalls.length > 0
      return isNews ? committed.then((result) => announce(database, result)) : committed
    },
  }
}

/** Tells other workers that there is something for them. */
async function announce<Value>(database: Database, value: Value): Promise<Value> {
  await database.notify(CHANNEL, '')
  return value
}

type Leases = Pick<
  RunStore,
  'claim' | 'postpone' | 'register' | 'heartbeat' | 'reap' | 'retire' | 'release' | 'listOwned'
>

function leases(database: Database): Leases {
  return {
    claim: ({ only = null, ...terms }) => claim(database, { ...terms, only }),
    postpone: (run, until) => postponeRow(database, run, until),
    async register(worker, { leaseMs, profile: { host, labels, models, capacity } }) {
      const values = [worker, leaseMs, host, labels, models, capacity]
      await database.query({ text: RUNS_SQL.register, values })
    },
    async heartbeat(worker, leaseMs) {
      const rows = await database.query({ text: RUNS_SQL.heartbeat, values: [worker, leaseMs] })
      return rows.length > 0
    },
    reap: async () => (await database.query({ text: RUNS_SQL.reap })).length,
    async retire(worker) {
      await database.query({ text: RUNS_SQL.retire, values: [worker] })
      await database.notify(CHANNEL, '')
    },
    async listOwned(worker) {
      const rows = await database.query<{ id: string }>({
        name: 'runs-owned',
        text: RUNS_SQL.owned,
        values: [worker],
      })
      return rows.map(({ id }) => id)
    },
    async release(run, { worker, isLost }) {
      await database.query({ text: RUNS_SQL.release, values: [worker, run, isLost] })
    },
  }
}

type Signals = Pick<RunStore, 'send' | 'listSignals' | 'listen' | 'announce'>

function signals(database: Database): Signals {
  return {
    async send(signal) {
      const isKnown = await database.transaction(async (sql) => {
        const woken = await sql.query(wakeStatement([signal]))
        if (woken.length > 0) await sql.query(insertStatement([signal]))
        return woken.length > 0
      })
      if (isKnown) await database.notify(CHANNEL, signal.run)
      return isKnown
    },
    async listSignals(worker) {
      const rows = await database.query<SignalRow>({ text: RUNS_SQL.listSignals, values: [worker] })
      return rows.map(toSignal)
    },
    listen: (wake) => database.listen(CHANNEL, wake),
    async announce() {
      await database.notify(CHANNEL, '')
    },
  }
}

type Records = Pick<
  RunStore,
  'saveDefinition' | 'findDefinition' | 'findRun' | 'prunedBefore' | 'listRuns' | 'readEvents'
>

function records(database: Database): Records {
  return {
    async saveDefinition({ hash, tenant, name, body, at }) {
      const values = [hash, tenant, name, JSON.stringify(body), at]
      await database.query({ text: RUNS_SQL.insertDefinition, values })
    },
    async findDefinition(hash) {
      const [row] = await database.query<{ body: JsonObject }>({
        text: RUNS_SQL.selectDefinition,
        values: [hash],
      })
      return row?.body
    },
    async findRun(tenant, id) {
      const [row] = await database.query<RunRow>({ text: RUNS_SQL.selectRun, values: [tenant, id] })
      return row && toRunRecord(row)
    },
    async prunedBefore(tenant) {
      const [row] = await database.query<{ pruned_before_ms: bigint }>({
        text: PRUNED_BEFORE,
        values: [tenant],
      })
      return Number(row?.pruned_before_ms ?? 0)
    },
    async listRuns({ tenant, status, name, before, limit }) {
      const tables = await database.tables<{ readonly runs: RunRow }>()
      let query = tables.selectFrom('runs').select(RUN_COLUMNS).where('tenant', '=', tenant)
      if (status !== undefined) query = query.where('status', '=', status)
      if (name !== undefined) query = query.where('name', '=', name)
      if (before !== undefined) query = query.where('id', '<', before)
      const rows = await query.orderBy('id', 'desc').limit(limit).execute()
      return rows.map(toRunRecord)
    },
    async readEvents(run) {
      return (await readHistories(database, [run])).get(run)?.events ?? []
    },
  }
}

async function claim(database: Database, terms: ClaimTerms): Promise<Claim> {
  const { rows, hasMore } = await claimRows(database, terms)
  if (rows.length === 0) return { runs: [], hasMore }
  const ids = rows.map(({ id }) => id)
  const held = rows.flatMap(({ id, snapshot }) => (snapshot === null ? [] : [id]))
  const snapshots = await readSnapshots(database, held)
  const histories = await readHistories(database, ids, snapshots)
  if (rows.some(({ is_orphan: isOrphan }) => isOrphan)) {
    await database.query({ text: RUNS_SQL.adopted, values: [ids] })
  }
  const runs = rows.map((row) => ({
    id: row.id,
    tenant: row.tenant,
    definition: row.definition,
    isOrphan: row.is_orphan,
    snapshot: snapshots.get(row.id),
    isAsked: row.has_signals,
    events: histories.get(row.id)?.events ?? [],
    version: histories.get(row.id)?.version ?? snapshots.get(row.id)?.version ?? 0,
  }))
  return { runs, hasMore }
}

interface SnapshotRow {
  readonly run: string
  readonly version: number
  readonly definition: string
  readonly state: string
  readonly hash: Snapshot['hash']
}

async function readSnapshots(
  database: Database,
  runs: readonly string[],
): Promise<ReadonlyMap<string, Snapshot>> {
  if (runs.length === 0) return new Map()
  const rows = await database.query<SnapshotRow>({ text: RUNS_SQL.readSnapshots, values: [runs] })
  return new Map(rows.map(({ run, state: text, ...rest }) => [run, { ...rest, text }]))
}

interface HistoryRow {
  readonly stream: string
  readonly version: number
  readonly kind: RunEvent['kind']
  readonly at_ms: bigint
  readonly data: Json
}

interface History {
  readonly events: TimedEvent[]
  /** Version of the last event. */
  version: number
}

async function readHistories(
  database: Database,
  runs: readonly string[],
  snapshots: ReadonlyMap<string, Snapshot> = new Map(),
): Promise<ReadonlyMap<string, History>> {
  const rows = await database.query<HistoryRow>({
    name: 'runs-history',
    text: RUNS_SQL.readHistories,
    values: [runs, runs.map((run) => snapshots.get(run)?.version ?? 0)],
  })
  const histories = new Map<string, History>()
  for (const { stream, version, kind, at_ms: at, data } of rows) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `commit` writes to these streams
    const event = { kind, data } as RunEvent
    const timed = { at: Number(at), event }
    const history = histories.get(stream)
    if (history === undefined) histories.set(stream, { events: [timed], version })
    else {
      history.events.push(timed)
      history.version = version
    }
  }
  return histories
}
