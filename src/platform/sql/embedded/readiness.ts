import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'

import { Client } from 'pg'

import { hasCode } from './faults.ts'
import type { EmbeddedConnection } from './session.ts'

/** What a server that is not ready, or not there yet, answers. */
const NOT_YET = [
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01', // being shut down
  '57P02', // being restarted after a crash
  '57P03', // starting up, recovering or shutting down
  '53300', // all connections taken
]

/** Whether a server accepts connections; it is not asked to answer, which takes ten times as long. */
export async function isListening({ host, port }: EmbeddedConnection): Promise<boolean> {
  const socket = connect(join(host, `.s.PGSQL.${port}`))
  try {
    await once(socket, 'connect')
    return true
  } catch (fault) {
    if (hasCode(fault, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN')) return false
    throw fault
  } finally {
    socket.destroy()
  }
}

/** The version the server tells, or `undefined` while it does not accept connections. */
export async function askVersion(connection: EmbeddedConnection): Promise<string | undefined> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5_000 })
  // A connection that breaks fails the call below as well; without a listener it would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version
  } catch (fault) {
    if (hasCode(fault, ...NOT_YET) || isCutOff(fault)) return undefined
    throw fault
  } finally {
    await client.end()
  }
}

/** `pg` gives no code to a connection that ends before, or while, the server answers. */
function isCutOff(fault: unknown): boolean {
  return (
    fault instanceof Error &&
    /^(?:Connection terminated|timeout expired|Client has encountered a connection error)/.test(
      fault.message,
    )
  )
}
