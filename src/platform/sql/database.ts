import type { Kysely } from 'kysely'
import { type ClientConfig, Pool, type PoolClient, type PoolConfig, TypeOverrides } from 'pg'

import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { createSystemRandom } from '../random.ts'
import { retried, type RetryDeps } from '../retry.ts'

import { type CommitConnection, createCommitConnection } from './commit-connection.ts'
import { CONFLICTS } from './conflicts.ts'
import { CommitUnknownError, DatabaseUnreachableError } from './errors.ts'
import { isConnectionLoss, toSqlError } from './faults.ts'
import { createListener, type Listener } from './listener.ts'
import { bindSql, runStatement, type Sql } from './statements.ts'

export type { Sql } from './statements.ts'

/**
 * What an acknowledged commit is worth.
 *
 * - `strict`: it is on disk. Nothing acknowledged is ever lost.
 * - `relaxed`: it is in the server's memory and reaches the disk within about 0.6 s. A crash of the
 *   database server or machine may lose that tail; what remains is consistent.
 */
export type Durability = 'strict' | 'relaxed'

/** Where the database is: a URL, or the parts of one. */
export type ConnectionTarget = Pick<
  ClientConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'password' | 'database'
>

/** What {@link openDatabase} needs. */
export interface DatabaseOptions {
  readonly target: ConnectionTarget
  readonly clock: Clock
  readonly log: Log
  /** @defaultValue 'strict' */
  readonly durability?: Durability
  /** Most connections this process opens, beside one for notifications. @defaultValue 8 */
  readonly poolSize?: number
}

/** One PostgreSQL database, embedded or given. */
export interface Database extends Sql {
  /**
   * Runs `work` in a transaction; commits when it resolves, rolls back when it rejects.
   *
   * @remarks Serialisation failures and deadlocks are retried: `work` may run several times, so it
   * must have no effect outside the transaction.
   * @throws {@link CommitUnknownError} the connection broke while committing.
   */
  transaction<Value>(work: (sql: Sql) => Promise<Value>): Promise<Value>
  /**
   * Typed query builder over the tables the caller owns, for statements whose shape depends on the
   * request; loaded at its first use, since most processes have none.
   */
  tables<Tables>(): Promise<Kysely<Tables>>
  /** A connection of its own for a stream of transactions; the caller closes it. */
  openCommitConnection(): CommitConnection
  /** Runs `work` while no other process holds the lock of this name; waits for it. */
  withLock<Value>(name: string, work: () => Promise<Value>): Promise<Value>
  /** Calls `receive` for every notification on `channel` until the returned function is called. */
  listen: Listener['listen']
  /** Tells every listener of `channel`, in this and other processes. */
  notify(channel: string, payload: string): Promise<void>
  /** Host or file and database name, without credentials; for messages. */
  readonly where: string
  close(): Promise<void>
}

// Balances and sequence numbers exceed 2^53 in principle, so every int8 is a bigint.
const INT8 = 20
const parsers = new TypeOverrides()
parsers.setTypeParser(INT8, (text) => BigInt(text))

/**
 * Opens the pool and checks that the database answers.
 *
 * @throws {@link DatabaseUnreachableError} it does not.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const config: PoolConfig = {
    ...options.target,
    types: parsers,
    options: settingsOf(options),
    application_name: 'prsm',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  }
  const pool = new Pool({ ...config, max: options.poolSize ?? 8, idleTimeoutMillis: 30_000 })
  pool.on('error', (fault) => {
    // The server may end before the last of the connections that were given up has said goodbye.
    if (!pool.ending) options.log.warn('sql.idle-connection-lost', { reason: fault.message })
  })
  // The pool listens only to connections that nobody uses. One that breaks between two statements of
  // its user tells them by the next one; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', ignore))
  const where = describeTarget(options.target)
  try {
    await pool.query('select 1')
  } catch (fault) {
    await pool.end()
    throw new DatabaseUnreachableError(where, fault)
  }
  const listener = createListener({ config, clock: options.clock, log: options.log })
  const openCommitConnection = (): CommitConnection => createCommitConnection(config, options.log)
  const chance = { clock: options.clock, random: createSystemRandom() }
  return createDatabase({ pool, listener, where, openCommitConnection, chance })
}

/**
 * Settings of our sessions.
 *
 * @remarks `jit`: the planner takes claims for dear, and compiling one took 1,500 times as long as
 * running it (`npm run bench -- growth`); servers have it on by default.
 */
function settingsOf({ durability }: DatabaseOptions): string {
  const synchronous = durability === 'relaxed' ? 'off' : 'on'
  return `-c synchronous_commit=${synchronous} -c client_min_messages=warning -c jit=off`
}

interface DatabaseParts {
  readonly pool: Pool
  readonly listener: Listener
  readonly where: string
  readonly openCommitConnection: () => CommitConnection
  readonly chance: RetryDeps
}

function createDatabase(parts: DatabaseParts): Database {
  const { pool, listener, where, openCommitConnection, chance } = parts
  return {
    where,
    openCommitConnection,
    query: (statement) => runStatement(pool, statement),
    async tables<Tables>() {
      const { Kysely: Builder, PostgresDialect } = await import('kysely')
      return new Builder<Tables>({ dialect: new PostgresDialect({ pool }) })
    },
    transaction: (work) => retried(() => runTransaction(pool, work), { policy: CONFLICTS }, chance),
    listen: (channel, receive) => listener.listen(channel, receive),
    async notify(channel, payload) {
      await runStatement(pool, { text: 'select pg_notify($1, $2)', values: [channel, payload] })
    },
    withLock: (name, work) => holdLock(pool, name, work),
    async close() {
      await listener.close()
      await pool.end()
    },
  }
}

async function runTransaction<Value>(
  pool: Pool,
  work: (sql: Sql) => Promise<Value>,
): Promise<Value> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    await runStatement(client, { text: 'begin' })
    const value = await work(bindSql(client))
    await commit(client)
    return value
  } catch (fault) {
    broken = await rollBack(client, fault)
    throw fault
  } finally {
    client.release(broken)
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (fault) {
    throw toSqlError(fault)
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query('commit')
  } catch (fault) {
    throw isConnectionLoss(fault) ? new CommitUnknownError(fault) : toSqlError(fault)
  }
}

/** Ends a failed transaction; what it returns tells the pool to drop the connection. */
async function rollBack(client: PoolClient, fault: unknown): Promise<Error | undefined> {
  if (fault instanceof CommitUnknownError || isConnectionLoss(fault)) return new Error('broken')
  try {
    await client.query('rollback')
    return undefined
  } catch (rollbackFault) {
    // The fault that led here is the one to report; a connection that cannot roll back is dropped.
    return rollbackFault instanceof Error ? rollbackFault : new Error('broken')
  }
}

const LOCK = 'select pg_advisory_lock(hashtextextended($1, 0))'
const UNLOCK = 'select pg_advisory_unlock(hashtextextended($1, 0))'

async function holdLock<Value>(
  pool: Pool,
  name: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    await runStatement(client, { text: LOCK, values: [name] })
    try {
      return await work()
    } finally {
      await runStatement(client, { text: UNLOCK, values: [name] })
    }
  } catch (fault) {
    if (isConnectionLoss(fault)) broken = new Error('broken')
    throw fault
  } finally {
    client.release(broken)
  }
}

/** Told elsewhere. */
function ignore(): void {}

function describeTarget({ connectionString, host, port, database }: ConnectionTarget): string {
  if (connectionString === undefined)
    return `${host ?? 'localhost'}:${port ?? 5432}/${database ?? ''}`
  if (!URL.canParse(connectionString)) return 'the given database URL'
  const url = new URL(connectionString)
  return `${url.host}${url.pathname}`
}
