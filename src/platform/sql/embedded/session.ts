import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { Random } from '../../../kernel/random.ts'

import type { DataHome } from './data-home.ts'
import type { EnginePackage } from './engine-package.ts'
import type { Hold } from './server-pipe.ts'

/** How to reach the server, for `pg`. */
export interface EmbeddedConnection {
  /** The folder of the Unix socket. */
  readonly host: string
  /** The number in the socket's name; there is no TCP port. */
  readonly port: number
  readonly user: string
  readonly database: string
  /** Said, because PGSSLMODE in the environment would ask for it. */
  readonly ssl: false
}

/** What joining or starting a server needs. */
export interface Session {
  readonly home: DataHome
  readonly engine: EnginePackage
  readonly connection: EmbeddedConnection
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal | undefined
}

/** A server that answers, and this process's share in it. */
export interface Opened {
  readonly hold: Hold
  readonly version: string
  readonly pid: number
  readonly isStarter: boolean
}

/** Longest wait for a server, milliseconds: to replay 2 GB of log on a slow disk takes minutes. */
export const READY_LIMIT_MS = 600_000
