import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'

/** A PostgreSQL server of the system's own package, started for a benchmark. */
export interface LocalPostgres {
  readonly url: string
  readonly version: string
  /** An empty database on it; gives its URL. */
  createDatabase(name: string): Promise<string>
  /** Ends the server by signal 9, and starts it again; `undefined`: it is not ours. */
  readonly crash: (() => Promise<void>) | undefined
  stop(): Promise<void>
}

/** User the server runs as when we are root, which it refuses to be. */
const NOBODY = 65_534
const HOME = '/usr/lib/postgresql'

/** Starts a server with its usual settings (fsync on), or uses PRSM_TEST_DATABASE_URL; `undefined`: none is there. */
export async function startLocalPostgres(): Promise<LocalPostgres | undefined> {
  const given = process.env['PRSM_TEST_DATABASE_URL']
  if (given !== undefined) return connectTo(given, { stop: async () => undefined })
  const major = existsSync(HOME) ? readdirSync(HOME).toSorted().at(-1) : undefined
  if (major === undefined) return undefined
  const bin = join(HOME, major, 'bin')
  const folder = mkdtempSync(join(tmpdir(), 'prsm-bench-pg-'))
  const isRoot = process.getuid?.() === 0
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const data = join(folder, 'data')
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'prsm', '--locale=C.UTF-8', '-A', 'trust'], {
    ...as,
    stdio: 'ignore',
  })
  const port = await freePort()
  const settings = [
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'listen_addresses=127.0.0.1',
  ]
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  // Over TCP, because some peers take no other address; PRSM is measured the same way.
  const url = `postgres://prsm@127.0.0.1:${port}/postgres`
  const start = (): ChildProcess => spawn(join(bin, 'postgres'), args, { ...as, stdio: 'ignore' })
  let server = start()
  await untilReady(url)
  return connectTo(url, {
    async crash() {
      await ended(server, 'SIGKILL')
      do server = start()
      while (!(await isUp(server, url)))
    },
    async stop() {
      await ended(server, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill(signal)
  await gone
}

/** Whether it came up; it does not while children of the one before it are still ending. */
async function isUp(server: ChildProcess, url: string): Promise<boolean> {
  const isGone = new Promise<boolean>((resolve) => server.once('exit', () => resolve(false)))
  const isReady = untilReady(url).then(() => true)
  isReady.catch(() => undefined)
  return Promise.race([isReady, isGone])
}

/** A TCP port of the loopback address that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

interface Handles extends Pick<LocalPostgres, 'stop'> {
  readonly crash?: () => Promise<void>
}

async function connectTo(url: string, { stop, crash }: Handles): Promise<LocalPostgres> {
  const [row] = await query<{ server_version: string }>(url, 'show server_version')
  return {
    url,
    version: row?.server_version ?? 'unknown',
    crash,
    stop,
    async createDatabase(name) {
      await query(url, `drop database if exists ${name} with (force)`)
      await query(url, `create database ${name}`)
      return databaseUrl(url, name)
    },
  }
}

/** The same server, another database. */
export function databaseUrl(url: string, name: string): string {
  return url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await query(url, 'select 1')
      return
    } catch (fault) {
      if (tries === 200) throw fault
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Rows of one statement on a connection of its own. */
export async function query<Row>(
  url: string,
  sql: string | { readonly text: string; readonly values?: readonly unknown[] },
): Promise<readonly Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(
      typeof sql === 'string' ? sql : { text: sql.text, values: [...(sql.values ?? [])] },
    )
    return rows as Row[]
  } finally {
    await client.end()
  }
}
