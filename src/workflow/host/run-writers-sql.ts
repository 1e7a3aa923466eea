import type { ErrorRecord } from '../../kernel/errors.ts'
import type { JournalEvent } from '../../kernel/journal.ts'
import { toJsonObject } from '../../kernel/json.ts'
import { ledgerWriter } from '../../ledger/index.ts'
import type { Sql } from '../../platform/sql/database.ts'
import { type Write, write, type Writer } from '../../platform/sql/group-commit.ts'

import { insertValues, type PatchRow, patchValues, RUNS_SQL } from './rows-sql.ts'
import type { NewRun, RunChange, Signal } from './run-store.ts'

const NOTHING: ReadonlyMap<number, ErrorRecord> = new Map()

/** Writes new runs. */
const runWriter: Writer<NewRun> = {
  name: 'runs',
  async apply(sql, runs) {
    await sql.query({ name: 'runs-insert', text: RUNS_SQL.insertRuns, values: insertValues(runs) })
    return NOTHING
  },
}

/** Changes rows of runs; several patches of one run are merged. */
const patchWriter: Writer<PatchRow> = {
  name: 'run-patches',
  async apply(sql, rows) {
    const merged = new Map<string, PatchRow>()
    for (const row of rows) {
      const before = merged.get(row.id)
      merged.set(
        row.id,
        before === undefined
          ? row
          : {
              ...row,
              patch: { ...before.patch, ...row.patch },
              consumed: before.consumed + row.consumed,
            },
      )
    }
    await sql.query({
      name: 'runs-patch',
      text: RUNS_SQL.patchRuns,
      values: patchValues([...merged.values()]),
    })
    return NOTHING
  },
}

/** Removes answered signals. */
const consumedWriter: Writer<string> = {
  name: 'consumed-signals',
  async apply(sql, ids) {
    await sql.query({ name: 'signals-delete', text: RUNS_SQL.deleteSignals, values: [ids] })
    return NOTHING
  },
}

/** Keeps signals and wakes their runs. */
const signalWriter: Writer<Signal> = {
  name: 'signals',
  async apply(sql, signals) {
    await insertSignals(sql, signals)
    return NOTHING
  },
}

/** The writers of this module, in the order in which they are to be applied. */
export const runWriters: readonly Writer<never>[] = [
  runWriter,
  patchWriter,
  consumedWriter,
  signalWriter,
]

/** The rows of a change, for their writers. */
export function writesOf(change: RunChange, journalWriter: Writer<JournalEvent>): readonly Write[] {
  const { run, worker, create, children, patch, money, consumed, letters } = change
  const writes: Write[] = []
  if (money.length > 0) writes.push(write(ledgerWriter, money))
  if (create !== undefined) writes.push(write(runWriter, [create]))
  if (children.length > 0)
    writes.push(
      write(
        runWriter,
        children.map((child) => child.run),
      ),
    )
  if (patch !== undefined || consumed.length > 0) {
    const row = { id: run, worker, patch: patch ?? {}, consumed: consumed.length }
    writes.push(write(patchWriter, [row]), write(consumedWriter, consumed))
  }
  if (letters.length > 0) writes.push(write(signalWriter, letters))
  writes.push(write(journalWriter, journalRows(change)))
  return writes
}

function journalRows({ run, tenant, fromVersion, events, children }: RunChange): JournalEvent[] {
  const rows: JournalEvent[] = []
  for (const { at, event } of events) {
    const version = fromVersion + rows.length
    rows.push({
      tenant,
      stream: run,
      version,
      kind: event.kind,
      at,
      data: toJsonObject(event.data),
    })
  }
  for (const { run: child, created } of children) {
    const { at, event } = created
    rows.push({
      tenant,
      stream: child.id,
      version: 1,
      kind: event.kind,
      at,
      data: toJsonObject(event.data),
    })
  }
  return rows
}

/** Keeps signals for runs that exist and wakes them. @returns how many of the runs exist. */
export async function insertSignals(sql: Sql, signals: readonly Signal[]): Promise<number> {
  // The rows of the runs are locked first, by id, so that two senders never wait for each other.
  const woken = await sql.query({
    name: 'runs-wake',
    text: RUNS_SQL.wakeRuns,
    values: [signals.map(({ run }) => run).toSorted()],
  })
  if (woken.length === 0) return 0
  await sql.query({
    name: 'signals-insert',
    text: RUNS_SQL.insertSignals,
    values: [
      signals.map(({ id }) => id),
      signals.map(({ run }) => run),
      signals.map(({ signal }) => signal),
      signals.map(({ step }) => step ?? null),
      signals.map(({ index }) => index ?? null),
      signals.map(({ payload }) => JSON.stringify(payload)),
      signals.map(({ by }) => by),
    ],
  })
  return woken.length
}
