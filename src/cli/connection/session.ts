import { existsSync } from 'node:fs'

import type { Role } from '../../app/compose.ts'
import type { Config } from '../../app/config.ts'
import type { Local } from '../../app/local.ts'
import { type Client, createClient } from '../../client/index.ts'
import type { Log } from '../../kernel/log.ts'
import { noTelemetry } from '../../kernel/telemetry.ts'
import type { Context } from '../context.ts'

import { createLineLog, createLogSink, type LogSink } from './line-log.ts'
import { readSettings } from './settings.ts'

/** How one command reaches PRSM: a server, or the platform in this process. */
export interface Session {
  readonly client: Client
  readonly settings: Config
  /** The platform in this process; `undefined` when a server does the work. */
  readonly local: Local | undefined
  readonly log: Log
  readonly logSink: LogSink
  close(): Promise<void>
}

/** A session that has the platform in this process. */
export interface LocalSession extends Session {
  readonly local: Local
}

/** Opens a session, does `work` in it and closes it. */
export async function withSession<Value>(
  context: Context,
  worker: Role['worker'],
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const settings = readSettings(context)
  const { server: baseUrl, apiKey } = settings
  if (baseUrl === undefined) return withLocal(context, { settings, worker }, work)
  const sink = createLogSink((line) => context.note(line))
  const client = createClient({ baseUrl, apiKey })
  const log = createLineLog(settings.logLevel, sink)
  return work({
    client,
    settings,
    local: undefined,
    log,
    logSink: sink,
    close: async () => undefined,
  })
}

interface LocalOptions {
  readonly settings: Config
  readonly worker: Role['worker']
}

async function withLocal<Value>(
  context: Context,
  { settings, worker }: LocalOptions,
  work: (session: LocalSession) => Promise<Value>,
): Promise<Value> {
  const session = await openLocalSession(context, { settings, worker })
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

async function openLocalSession(
  context: Context,
  { settings, worker }: LocalOptions,
): Promise<LocalSession> {
  const { clock, terminal } = context
  const sink = createLogSink((line) => context.note(line))
  const log = createLineLog(settings.logLevel, sink)
  const [{ openLocal }, { createSurroundings }, { readVersion }] = await Promise.all([
    import('../../app/local.ts'),
    import('./surroundings.ts'),
    import('../version.ts'),
  ])
  const { dataDir, databaseUrl } = settings
  if (databaseUrl === undefined && !existsSync(dataDir)) {
    context.note(`this first time, a database is made in ${dataDir}`)
  }
  const surroundings = createSurroundings(terminal, { clock, log, telemetry: noTelemetry })
  const local = await openLocal(settings, surroundings, {
    role: { worker, isOwn: true },
    version: readVersion(),
  })
  const client = createClient({
    baseUrl: LOCAL_URL,
    fetch: (url, init) => local.fetch(url, init),
    // Nothing passes by itself in here, and a large quote may take its time.
    attempts: 1,
    timeoutMs: 300_000,
  })
  return { client, settings, local, log, logSink: sink, close: () => local.close(GRACE_MS) }
}

/** Named in requests that never leave the process. */
const LOCAL_URL = 'http://prsm.local'
/** What still runs when a command ends is handed over, not waited for. */
const GRACE_MS = 0
