import type { JournalEvent } from '../../kernel/journal.ts'
import { toJsonObject } from '../../kernel/json.ts'
import { ledgerWriter } from '../../ledger/index.ts'
import { type Sender, type Write, write } from '../../platform/sql/group-commit.ts'
import type { Statement } from '../../platform/sql/statements.ts'
import type { Snapshot } from '../history/snapshot.ts'
import { recallWriter, taskWriter } from '../queue/task-writers-sql.ts'
import { incidentRows, incidentWriter } from '../rollback/incidents-sql.ts'

import { insertValues, type PatchRow, patchValues, RUNS_SQL } from './rows-sql.ts'
import { CONTROL_SIGNAL, type NewRun, type RunChange, type Signal } from './run-store.ts'

/** Writes new runs. */
const runWriter: Sender<NewRun> = {
  name: 'runs',
  send(sql, runs) {
    void sql.query({ name: 'runs-insert', text: RUNS_SQL.insertRuns, values: insertValues(runs) })
  },
}

/** Changes rows of runs; several patches of one run are merged. */
const patchWriter: Sender<PatchRow> = {
  name: 'run-patches',
  send(sql, rows) {
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
    void sql.query({
      name: 'runs-patch',
      text: RUNS_SQL.patchRuns,
      values: patchValues([...merged.values()]),
    })
  },
}

/** Removes answered signals. */
const consumedWriter: Sender<string> = {
  name: 'consumed-signals',
  send(sql, ids) {
    void sql.query({ name: 'signals-delete', text: RUNS_SQL.deleteSignals, values: [ids] })
  },
}

/** Keeps signals and wakes their runs. */
const signalWriter: Sender<Signal> = {
  name: 'signals',
  send(sql, signals) {
    void sql.query(wakeStatement(signals))
    void sql.query(insertStatement(signals))
  },
}

/** Names the runs that new ones were forked from. */
const forkWriter: Sender<NewRun> = {
  name: 'run-forks',
  send(sql, runs) {
    const values = [runs.map(({ id }) => id), runs.map(({ forkedFrom }) => forkedFrom)]
    void sql.query({ text: RUNS_SQL.forkRuns, values })
  },
}

interface Redefinition {
  readonly run: string
  readonly worker: string
  readonly definition: string
}

/** Moves runs to other definitions; before their owner gives them up. */
const redefinitionWriter: Sender<Redefinition> = {
  name: 'run-definitions',
  send(sql, rows) {
    const values = [
      rows.map(({ run }) => run),
      rows.map(({ worker }) => worker),
      rows.map(({ definition }) => definition),
    ]
    void sql.query({ text: RUNS_SQL.redefineRuns, values })
  },
}

interface SnapshotWrite {
  readonly run: string
  readonly snapshot: Snapshot
}

/** Keeps the latest snapshot of each run. */
const snapshotWriter: Sender<SnapshotWrite> = {
  name: 'run-snapshots',
  send(sql, rows) {
    const latest = new Map(rows.map(({ run, snapshot }) => [run, snapshot]))
    const kept = [...latest.values()]
    void sql.query({
      text: RUNS_SQL.keepSnapshots,
      values: [
        [...latest.keys()],
        kept.map(({ version }) => version),
        kept.map(({ definition }) => definition),
        kept.map(({ text }) => text),
        kept.map(({ hash }) => hash),
      ],
    })
  },
}

/** Removes the snapshots of runs that have ended. */
const droppedWriter: Sender<string> = {
  name: 'dropped-snapshots',
  send(sql, runs) {
    void sql.query({ text: RUNS_SQL.dropSnapshots, values: [runs] })
  },
}

/** The writers of this module, in the order in which they are to be applied. */
export const runWriters: readonly Sender<never>[] = [
  runWriter,
  forkWriter,
  redefinitionWriter,
  patchWriter,
  consumedWriter,
  taskWriter,
  recallWriter,
  signalWriter,
  incidentWriter,
  snapshotWriter,
  droppedWriter,
]

/** The rows of a change, for their writers. */
export function writesOf(change: RunChange, journalWriter: Sender<JournalEvent>): readonly Write[] {
  const { run, worker, fromVersion, events, children, money, consumed } = change
  const { create, patch } = bornChanged(change)
  const born = children.map((child) => child.run)
  if (create !== undefined) born.unshift(create)
  const writes: Write[] = []
  if (money.length > 0) writes.push(write(ledgerWriter, money))
  if (born.length > 0) writes.push(write(runWriter, born))
  writes.push(...rareWritesOf(change))
  if (patch !== undefined || consumed.length > 0) {
    const version = fromVersion === 0 ? undefined : fromVersion - 1 + events.length
    const row = { id: run, worker, version, patch: patch ?? {}, consumed: consumed.length }
    writes.push(write(patchWriter, [row]), write(consumedWriter, consumed))
  }
  addMessages(writes, change)
  writes.push(write(journalWriter, journalRows(change)))
  return writes
}

/** What is told to workers, to other runs and to people. */
function addMessages(writes: Write[], change: RunChange): void {
  const { tasks, recalls, letters, events } = change
  if (tasks.length > 0) writes.push(write(taskWriter, tasks))
  if (recalls.length > 0) {
    const at = events.at(-1)?.at ?? 0
    const rows = recalls.map((task) => ({ task, at }))
    writes.push(write(recallWriter, rows))
  }
  if (letters.length > 0) writes.push(write(signalWriter, letters))
  const about = incidentRows(change)
  if (about.length > 0) writes.push(write(incidentWriter, about))
}

/** What few changes have: lineage, another definition, a snapshot. */
function rareWritesOf({ run, worker, create, patch, snapshot }: RunChange): readonly Write[] {
  const writes: Write[] = []
  if (create?.forkedFrom !== undefined) writes.push(write(forkWriter, [create]))
  if (patch?.definition !== undefined) {
    const { definition } = patch
    writes.push(write(redefinitionWriter, [{ run, worker, definition }]))
  }
  if (snapshot === 'drop') writes.push(write(droppedWriter, [run]))
  else if (snapshot !== undefined) writes.push(write(snapshotWriter, [{ run, snapshot }]))
  return writes
}

/** What changes in the commit that creates a run becomes part of its first row: one write, not two. */
function bornChanged({ create, patch }: RunChange): Pick<RunChange, 'create' | 'patch'> {
  if (create === undefined || patch === undefined) return { create, patch }
  const { status = create.status, startedAt, ...rest } = patch
  return {
    create: { ...create, status, ...(startedAt !== undefined && { startedAt }) },
    patch: Object.keys(rest).length === 0 ? undefined : rest,
  }
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

/** Wakes the runs that signals are for. */
export function wakeStatement(signals: readonly Signal[]): Statement {
  const sorted = signals.toSorted((a, b) => (a.run < b.run ? -1 : 1))
  return {
    name: 'runs-wake',
    text: RUNS_SQL.wakeRuns,
    values: [sorted.map(({ run }) => run), sorted.map(({ signal }) => signal === CONTROL_SIGNAL)],
  }
}

/** Keeps signals. Their runs are woken first, so that senders lock rows in one order. */
export function insertStatement(signals: readonly Signal[]): Statement {
  return {
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
  }
}
