import { createInterface } from 'node:readline'

import { Client } from 'pg'

import { toErrorRecord } from '../../../kernel/errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { silentLog } from '../../../kernel/log.ts'
import { present } from '../../../kernel/present.ts'
import { systemClock } from '../../clock.ts'

import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded-postgres.ts'

/*
 * A process that uses the embedded server, for tests that kill it. It takes commands, one JSON array
 * a line, and answers each with one JSON value a line: `{ ok }` or `{ error }`.
 */

let database: EmbeddedPostgres | undefined
let client: Client | undefined

const COMMANDS: Readonly<Record<string, (argument: string) => Promise<Json>>> = {
  ready: () => Promise.resolve(null),
  async open(argument) {
    const options: { readonly dataDir: string; readonly packageDir?: string } = JSON.parse(argument)
    database = await openEmbeddedPostgres({ ...options, log: silentLog, clock: systemClock })
    const { connection, version, isStarter } = database
    return { connection: { ...connection }, version, isStarter }
  },
  async query(sql) {
    client ??= await connect()
    const { rows } = await client.query<Record<string, Json>>(sql)
    return rows
  },
  /** Inserts rows until the server goes away; says how many were acknowledged, every time. */
  async write(table) {
    const writer = await connect()
    for (let acknowledged = 1; ; acknowledged++) {
      // oxlint-disable-next-line no-await-in-loop -- each row is acknowledged before the next
      await writer.query(`insert into ${table} values ($1)`, [acknowledged])
      say({ acknowledged })
    }
  },
  async close(wait) {
    await client?.end()
    await present(database).close({ wait: wait === 'wait' })
    return null
  },
}

async function connect(): Promise<Client> {
  const made = new Client(present(database).connection)
  // The query that breaks tells; without a listener this would end the process.
  made.on('error', () => undefined)
  await made.connect()
  return made
}

function say(line: Json): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', argument = '']: readonly string[] = JSON.parse(line)
  try {
    say({ ok: await present(COMMANDS[command], command)(argument) })
  } catch (fault) {
    const { code, message } = toErrorRecord(fault)
    say({ error: { code, message } })
  }
}
