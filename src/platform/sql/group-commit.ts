import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { ok, refuse, type Result } from '../../kernel/result.ts'

import type { Database, Sql } from './database.ts'
import { CommitUnknownError, StatementError } from './errors.ts'
import { isConnectionLoss } from './faults.ts'

/** Writes rows of one kind, many callers' at a time. */
export interface Writer<Row> {
  readonly name: string
  /**
   * Applies `rows` in the given order, in as few statements as it can.
   *
   * @returns why rows are refused, by index; their callers' writes are then left out altogether.
   */
  apply(sql: Sql, rows: readonly Row[]): Promise<ReadonlyMap<number, ErrorRecord>>
  /** Called after the commit, with the rows that were committed. */
  committed?(rows: readonly Row[]): void
}

/** Rows for one writer; made by {@link write}. */
export interface Write {
  readonly writer: Writer<never>
  readonly rows: readonly unknown[]
}

/** Pairs rows with their writer. */
export function write<Row>(writer: Writer<Row>, rows: readonly Row[]): Write {
  return { writer, rows }
}

/** Coalesces the writes of many callers into few transactions. */
export interface GroupCommit {
  /**
   * Commits all `writes` of one caller together, or none of them.
   *
   * @remarks
   * Callers that arrive while a transaction is being committed share the next one: a commit costs
   * one disk flush, whatever it holds. Transactions of one process follow one another, so writes
   * of an earlier call are never committed after those of a later one.
   * @param translate - gives the fault to throw for one that is met; spares callers a try block.
   * @returns a refusal when a writer refused a row.
   * @throws {@link StatementError} the database refuses a row; other callers are not affected.
   * @throws {@link CommitUnknownError} the connection broke; what was committed must be read again.
   */
  commit(
    writes: readonly Write[],
    translate?: (fault: unknown) => unknown,
  ): Promise<Result<void, ErrorRecord>>
  /** Resolves when everything handed in so far is committed or failed. */
  drain(): Promise<void>
}

interface GroupCommitDeps {
  readonly database: Database
  /** In the order in which they are applied. Writers that may refuse come first. */
  readonly writers: readonly Writer<never>[]
  readonly log: Log
  /** Most rows in one transaction, unless one caller has more. @defaultValue 8_000 */
  readonly maxRows?: number
}

interface Submission {
  readonly writes: readonly Write[]
  resolve(result: Result<void, ErrorRecord>): void
  reject(fault: unknown): void
}

/** Builds the group committer of a process. */
export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const { maxRows = 8_000 } = deps
  let queue: Submission[] = []
  let flushing: Promise<void> | undefined

  const run = async (): Promise<void> => {
    // One turn of the event loop lets everybody who is ready now join.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    while (queue.length > 0) {
      const batch = takeBatch(queue, maxRows)
      queue = queue.slice(batch.length)
      await flush(deps, batch)
    }
    flushing = undefined
  }
  return {
    commit: (writes, translate) =>
      new Promise((resolve, reject) => {
        const fail = translate === undefined ? reject : (fault: unknown) => reject(translate(fault))
        queue.push({ writes, resolve, reject: fail })
        flushing ??= run()
      }),
    async drain() {
      await flushing
    },
  }
}

/** The longest head of the queue within the limit, one submission at least. */
function takeBatch(queue: readonly Submission[], maxRows: number): readonly Submission[] {
  let count = 0
  const end = queue.findIndex(({ writes }) => {
    for (const { rows } of writes) count += rows.length
    return count > maxRows
  })
  return end === -1 ? queue : queue.slice(0, Math.max(1, end))
}

/** Commits a batch; a batch that cannot be committed as a whole is divided to find the culprit. */
async function flush(deps: GroupCommitDeps, batch: readonly Submission[]): Promise<void> {
  try {
    const refused = await commitBatch(deps, batch)
    if (refused.size === 0) {
      for (const submission of batch) submission.resolve(ok(undefined))
      return
    }
    for (const [submission, reason] of refused) submission.resolve(refuse(reason))
    const rest = batch.filter((submission) => !refused.has(submission))
    if (rest.length > 0) await flush(deps, rest)
  } catch (fault) {
    if (fault instanceof StatementError && batch.length > 1) {
      deps.log.debug('sql.group-divided', { submissions: batch.length, sqlState: fault.sqlState })
      const middle = Math.ceil(batch.length / 2)
      await flush(deps, batch.slice(0, middle))
      await flush(deps, batch.slice(middle))
      return
    }
    const reason = isConnectionLoss(fault) ? new CommitUnknownError(fault) : fault
    for (const submission of batch) submission.reject(reason)
  }
}

type Refused = ReadonlyMap<Submission, ErrorRecord>

/** Thrown inside the transaction to roll it back; never leaves this file. */
class Refusals extends Error {
  readonly refused: Refused

  constructor(refused: Refused) {
    super('some submissions were refused')
    this.refused = refused
  }
}

/** Commits everything and returns an empty map, or commits nothing and returns who was refused. */
async function commitBatch(
  { database, writers }: GroupCommitDeps,
  batch: readonly Submission[],
): Promise<Refused> {
  const buckets = sortByWriter(batch)
  try {
    await database.transaction(async (sql) => {
      for (const writer of writers) {
        const bucket = buckets.get(writer)
        if (bucket === undefined) continue
        const refusals = await writer.apply(sql, bucket.rows)
        if (refusals.size > 0) throw new Refusals(callersOf(bucket, refusals))
      }
    })
  } catch (fault) {
    if (fault instanceof Refusals) return fault.refused
    throw fault
  }
  for (const [writer, { rows }] of buckets) writer.committed?.(rows)
  return new Map()
}

interface Bucket {
  // Rows of one writer are of that writer's type: `write` pairs them.
  readonly rows: never[]
  /** Who handed in rows, and the index of each one's first. */
  readonly callers: { readonly submission: Submission; readonly from: number }[]
}

function sortByWriter(batch: readonly Submission[]): ReadonlyMap<Writer<never>, Bucket> {
  const buckets = new Map<Writer<never>, Bucket>()
  for (const submission of batch) {
    for (const { writer, rows } of submission.writes) {
      if (rows.length === 0) continue
      let bucket = buckets.get(writer)
      if (bucket === undefined) buckets.set(writer, (bucket = { rows: [], callers: [] }))
      bucket.callers.push({ submission, from: bucket.rows.length })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see Bucket
      for (const row of rows) bucket.rows.push(row as never)
    }
  }
  return buckets
}

function callersOf({ callers }: Bucket, refusals: ReadonlyMap<number, ErrorRecord>): Refused {
  const refused = new Map<Submission, ErrorRecord>()
  for (const [index, reason] of refusals) {
    const caller = callers.findLast(({ from }) => from <= index)?.submission
    if (caller !== undefined && !refused.has(caller)) refused.set(caller, reason)
  }
  return refused
}
