import { mkdtemp, rm } from 'node:fs/promises'
import type { NetConnectOpts } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, startLocalPostgres } from '../../bench/lib/postgres.ts'
import { createRestateProcess, installRestate } from '../../bench/lib/restate.ts'
import { openPlatform, type Platform } from '../../src/app/compose.ts'
import { config } from '../../src/app/config.ts'
import { present } from '../../src/kernel/present.ts'
import { runningServer } from '../../src/platform/sql/embedded/testing.ts'
import { effectKind } from '../support/effect-kind.ts'
import { realSurroundings } from '../support/platform.ts'

import { type Link, openLink } from './link.ts'

/** What drives runs. */
export const HOSTS = ['embedded', 'given', 'restate'] as const
/** A host by its name. */
export type HostName = (typeof HOSTS)[number]

/** How long a silent worker keeps its runs here, milliseconds. */
export const LEASE_MS = 1_500

/** What a worker is started with, and the links by which it can be cut off. */
export interface Place {
  readonly settings: Readonly<Record<string, unknown>>
  readonly links: readonly Link[]
}

/** A host with places for workers. */
export interface Stage {
  readonly platform: Platform
  readonly dataDir: string
  readonly places: readonly Place[]
  /** Ways in which a server that the host rests on can fail; each is over when it resolves. */
  readonly outages: readonly (() => Promise<void>)[]
  close(): Promise<void>
}

/** Opens a host with so many places. */
export async function openStage(name: HostName, count: number): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'prsm-faults-'))
  const closing: (() => Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })]
  const own = { leaseMs: LEASE_MS, dataDir, welcomeGrant: '1000000', cores: 64 }
  const database = name === 'given' ? await openGiven(closing) : undefined
  const hosted = name === 'restate' ? await openRestate(dataDir, closing) : undefined
  const settings = { ...own, ...database?.settings, ...hosted?.settings }
  const platform = await openPlatform(config.parse(settings), realSurroundings(), {
    worker: 'none',
    kinds: [effectKind(async () => undefined)],
  })
  closing.push(() => platform.close(0))
  const places: Place[] = []
  for (let place = 0; place < count; place++) {
    const link = await openLink(() => addressOf(platform.database.url))
    closing.push(() => link.close())
    const databaseUrl = through(platform.database.url, link.port)
    const call = await hosted?.place()
    places.push({
      settings: { ...settings, databaseUrl, ...call?.settings },
      links: [link, ...(call === undefined ? [] : [call.link])],
    })
  }
  const disconnect = async (): Promise<void> => {
    const text = `select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database() and random() < 0.7`
    await platform.database.database.query({ text }).catch(() => undefined)
  }
  const crash = name === 'given' ? database?.crash : () => crashEmbedded(dataDir)
  return {
    platform,
    dataDir,
    places,
    outages: [disconnect, crash, hosted && (() => hosted.crash())].filter(
      (outage) => outage !== undefined,
    ),
    async close() {
      for (const close of closing.toReversed()) await close()
    },
  }
}

type Closing = (() => Promise<void>)[]

async function openGiven(closing: Closing) {
  const server = await startLocalPostgres()
  if (server === undefined) throw new Error('there is no PostgreSQL in /usr/lib/postgresql')
  closing.push(() => server.stop())
  const databaseUrl = await server.createDatabase('prsm_faults')
  return { settings: { databaseUrl }, crash: server.crash }
}

async function openRestate(dataDir: string, closing: Closing) {
  const folder = installRestate()
  if (folder === undefined) throw new Error('@restatedev/restate-server cannot be installed')
  const server = await createRestateProcess(folder, join(dataDir, 'restate'), {
    // A worker that is stopped or cut off is given up as soon as by the other hosts.
    RESTATE_WORKER__INVOKER__HTTP_KEEP_ALIVE_OPTIONS__INTERVAL: '1s',
    RESTATE_WORKER__INVOKER__HTTP_KEEP_ALIVE_OPTIONS__TIMEOUT: '1s',
  })
  await server.start()
  closing.push(() => server.kill())
  const ports: { readonly port: number; readonly link: Link }[] = []
  let next = 0
  // One address for all workers, as a load balancer has it.
  const balancer = await openLink(() => {
    const call = ports[next++ % ports.length]
    return call === undefined ? undefined : { host: '127.0.0.1', port: call.link.port }
  })
  closing.push(() => balancer.close())
  return {
    settings: {
      workflowHost: 'restate',
      restateUrl: server.ingressUrl,
      restateAdminUrl: server.adminUrl,
      restateServiceUrl: `http://127.0.0.1:${balancer.port}`,
    },
    async crash() {
      await server.kill()
      await server.start()
    },
    async place() {
      const restatePort = await freePort()
      const link = await openLink(() => ({ host: '127.0.0.1', port: restatePort }))
      closing.push(() => link.close())
      ports.push({ port: restatePort, link })
      return { settings: { restatePort }, link }
    },
  }
}

async function crashEmbedded(dataDir: string): Promise<void> {
  const pid = present(await runningServer(dataDir), 'a server')
  process.kill(pid, 'SIGKILL')
  // Whoever uses it starts it again.
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const running = await runningServer(dataDir)
    if (running !== undefined && running !== pid) return
  }
}

/** Where a database listens: a port, or a socket in a folder. */
function addressOf(url: string): NetConnectOpts {
  const { hostname, port: given, searchParams } = parse(url)
  const port = searchParams.get('port') ?? (given === '' ? '5432' : given)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port: Number(port) }
}

/** URLs of sockets name no host before the path, which `URL` does not take. */
function parse(url: string): URL {
  return new URL(url.replace('@/', '@localhost/'))
}

/** The same database by way of a port of this machine. */
function through(url: string, port: number): string {
  const { username, password, pathname } = parse(url)
  const user = password === '' ? username : `${username}:${password}`
  return `postgres://${user}@127.0.0.1:${port}${pathname}?sslmode=disable`
}
