import { randomBytes } from 'node:crypto'

import { Client } from 'pg'
import { inject } from 'vitest'

import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import {
  type ConnectionTarget,
  type Database,
  openDatabase,
} from '../../src/platform/sql/database.ts'

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly target: ConnectionTarget
  readonly database: Database
  /** Another pool on the same database, as another process would have. */
  open(): Promise<Database>
  /** Closes the pools and drops the database. */
  drop(): Promise<void>
}

/** Makes an empty database on the server of the test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name}`)
  const target = withDatabase(server, name)
  const pools: Database[] = []
  const open = async (): Promise<Database> => {
    const database = await openDatabase({ target, clock: systemClock, log: silentLog })
    pools.push(database)
    return database
  }
  return {
    target,
    database: await open(),
    open,
    async drop() {
      await Promise.all(pools.map((pool) => pool.close()))
      await administer(server, `drop database ${name} with (force)`)
    },
  }
}

/** Runs one statement on the server's own database. */
export async function administer(server: ConnectionTarget, sql: string): Promise<void> {
  const client = new Client(server)
  await client.connect()
  await client.query(sql)
  await client.end()
}

function withDatabase(server: ConnectionTarget, name: string): ConnectionTarget {
  if (server.connectionString === undefined) return { ...server, database: name }
  const url = new URL(server.connectionString)
  url.pathname = `/${name}`
  return { connectionString: url.href }
}
