import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { ok, refuse, type Result } from '../../kernel/result.ts'
import { systemClock } from '../clock.ts'
import { createSystemRandom } from '../random.ts'
import { retried, type RetryDeps } from '../retry.ts'

import type { CommitConnection } from './commit-connection.ts'
import { CONFLICTS } from './conflicts.ts'
import type { Database } from './database.ts'
import { CommitUnknownError, StatementError } from './errors.ts'
import { isConnectionLoss } from './faults.ts'
import type { Sql } from './statements.ts'

/** Writes rows of one kind, many callers' at a time. */
export type Writer<Row> = Sender<Row> | Guard<Row>

/** Writes rows without looking at what the database holds. */
export interface Sender<Row> {
  readonly name: string
  /** Sends everything at once; awaiting an answer before sending more would miss the commit. */
  send(sql: Sql, rows: readonly Row[]): void
  /** Called after the commit, with the rows that were committed. */
  committed?(rows: readonly Row[]): void
}

/** Looks before it writes, and may refuse. */
export interface Guard<Row> {
  readonly name: string
  /**
   * Applies `rows` in the given order, in as few statements as it can.
   *
   * @returns why rows are refused, by index; their callers' writes are then left out altogether.
   */
  apply(sql: Sql, rows: readonly Row[]): Promise<ReadonlyMap<number, ErrorRecord>>
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
  /** Drains, and gives up the connection. */
  close(): Promise<void>
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
  readonly resolve: (result: Result<void, ErrorRecord>) => void
  readonly reject: (fault: unknown) => void
}

/** A process commits this many submissions at a time before it begins to divide its callers. */
const SPLIT_ABOVE = 64

interface Group extends GroupCommitDeps {
  readonly connection: CommitConnection
  readonly chance: RetryDeps
}

/** Builds the group committer of a process. */
export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  const { maxRows = 8_000, database } = deps
  const chance = { clock: systemClock, random: createSystemRandom() }
  const group: Group = { ...deps, chance, connection: database.openCommitConnection() }
  let queue: Submission[] = []
  let flushing: Promise<void> | undefined

  const next = (): readonly Submission[] => {
    const batch = takeBatch(queue, maxRows)
    queue = queue.slice(batch.length)
    return batch
  }
  const run = async (): Promise<void> => {
    // One turn of the event loop lets everybody who is ready now join.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    let settle = await flush(group, next())
    while (queue.length > 0) {
      // The next batch is on its way to the database before the callers of this one go on.
      const following = flush(group, next())
      for (const tell of settle) tell()
      settle = await following
    }
    flushing = undefined
    for (const tell of settle) tell()
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
    async close() {
      await flushing
      await group.connection.close()
    },
  }
}

/**
 * The head of the queue: half of it when it is long, so that the database works on one half of the
 * callers while the process works on the other, and within the limit.
 */
function takeBatch(queue: readonly Submission[], maxRows: number): readonly Submission[] {
  const most = queue.length > SPLIT_ABOVE ? Math.ceil(queue.length / 2) : queue.length
  let count = 0
  const end = queue.slice(0, most).findIndex(({ writes }) => {
    for (const { rows } of writes) count += rows.length
    return count > maxRows
  })
  return queue.slice(0, end === -1 ? most : Math.max(1, end))
}

/** What tells callers how it went; called when the next batch is on its way. */
type Tell = () => void

/** Commits a batch; a batch that cannot be committed as a whole is divided to find the culprit. */
async function flush(group: Group, batch: readonly Submission[]): Promise<readonly Tell[]> {
  try {
    const refused = await retried(
      () => commitBatch(group, batch),
      { policy: CONFLICTS },
      group.chance,
    )
    if (refused.size === 0)
      return batch.map(
        ({ resolve }) =>
          () =>
            resolve(DONE),
      )
    const told = [...refused].map(
      ([{ resolve }, reason]) =>
        () =>
          resolve(refuse(reason)),
    )
    const rest = batch.filter((submission) => !refused.has(submission))
    return rest.length === 0 ? told : [...told, ...(await flush(group, rest))]
  } catch (fault) {
    if (fault instanceof StatementError && batch.length > 1) {
      group.log.debug('sql.group-divided', { submissions: batch.length, sqlState: fault.sqlState })
      const middle = Math.ceil(batch.length / 2)
      const first = await flush(group, batch.slice(0, middle))
      return [...first, ...(await flush(group, batch.slice(middle)))]
    }
    const reason = isConnectionLoss(fault) ? new CommitUnknownError(fault) : fault
    return batch.map(
      ({ reject }) =>
        () =>
          reject(reason),
    )
  }
}

const DONE = ok(undefined)

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
  { connection, writers }: Group,
  batch: readonly Submission[],
): Promise<Refused> {
  const buckets = sortByWriter(batch)
  try {
    await connection.transaction(async (sql) => {
      for (const writer of writers) {
        const bucket = buckets.get(writer)
        if (bucket === undefined) continue
        if ('send' in writer) {
          writer.send(sql, bucket.rows)
          continue
        }
        const refusals = await writer.apply(sql, bucket.rows)
        if (refusals.size > 0) throw new Refusals(callersOf(bucket, refusals))
      }
    })
  } catch (fault) {
    if (fault instanceof Refusals) return fault.refused
    throw fault
  }
  for (const [writer, { rows }] of buckets) if ('send' in writer) writer.committed?.(rows)
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
