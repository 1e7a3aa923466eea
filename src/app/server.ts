import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import { isIP } from 'node:net'

import { getRequestListener } from '@hono/node-server'

import { type ApiDeps, createApi } from '../api/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { PlatformError } from '../kernel/errors.ts'

/** How long requests in progress may take when the server closes, milliseconds. */
const GRACE_MS = 10_000
/** How often connections that have become idle are looked for while it closes, milliseconds. */
const NUDGE_EVERY_MS = 25
/** A connection on which nothing moves for this long is cut; streams show life more often. */
const SILENT_MS = 120_000

/** A client that is slow on purpose is cut off; one that is kept alive waits longer than proxies. */
const TIMEOUTS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
}

/** Thrown when another program listens at the address. */
export class PortInUseError extends PlatformError {
  readonly code = 'server.port-in-use'

  constructor(host: string, port: number, cause: unknown) {
    super(`port ${port} on ${host} is in use by another program`, {
      hint: `choose another one with --port or PRSM_PORT, 0 for any free one, or stop that program; perhaps PRSM is running there already`,
      details: { host, port },
      cause,
    })
  }
}

/** Thrown when the server cannot listen at the address for any other reason. */
export class CannotListenError extends PlatformError {
  readonly code = 'server.cannot-listen'

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${host}, port ${port}: ${cause.message}`, {
      hint: 'check --host and --port: the address must be one of this machine, and ports below 1024 may need permission',
      details: { host, port, reason: cause.code ?? 'unknown' },
      cause,
    })
  }
}

/** What {@link startServer} needs. */
export interface ServeOptions {
  /** Callers are always known by key: a trusted API has no place behind a port. */
  readonly api: Omit<ApiDeps, 'auth' | 'closing'>
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** A server that listens. */
export interface Server {
  /** Where clients on this machine reach it. */
  readonly url: string
  readonly port: number
  /**
   * Accepts no more connections, ends streams with a hint to come back, waits for requests in
   * progress up to `graceMs`, and cuts what is left. Again: waits for the first call.
   *
   * @defaultValue 10_000
   */
  close(graceMs?: number): Promise<void>
}

/**
 * Starts the HTTP server.
 *
 * @throws {@link PortInUseError} {@link CannotListenError}
 */
export async function startServer({ api, host, port }: ServeOptions): Promise<Server> {
  const { clock, log } = api
  const closing = new AbortController()
  const app = createApi({ ...api, auth: { kind: 'keys' }, closing: closing.signal })
  const answer = getRequestListener(app.fetch, { hostname: host, overrideGlobalObjects: false })
  const server = createServer(TIMEOUTS, (incoming, outgoing) => void answer(incoming, outgoing))
  server.timeout = SILENT_MS
  const actualPort = await listen(server, host, port)
  const url = urlOf(host, actualPort)
  log.info('server.listening', { url })
  if (!isLoopback(host)) log.warn('server.reachable-from-outside', { host, port: actualPort })
  let closed: Promise<void> | undefined
  return {
    url,
    port: actualPort,
    close(graceMs = GRACE_MS) {
      closing.abort()
      closed ??= shut(server, clock, graceMs)
      return closed
    },
  }
}

function listen(server: HttpServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (fault: NodeJS.ErrnoException): void => {
      const isTaken = fault.code === 'EADDRINUSE'
      reject(
        isTaken ? new PortInUseError(host, port, fault) : new CannotListenError(host, port, fault),
      )
    }
    server.once('error', onError)
    server.listen(port, host, () => {
      server.off('error', onError)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function shut(server: HttpServer, clock: Clock, graceMs: number): Promise<void> {
  let isOver = false
  let cancelNudge: (() => void) | undefined
  // A connection whose last answer has just gone out is kept alive, and nobody will use it.
  const nudge = (): void => {
    server.closeIdleConnections()
    if (!isOver) cancelNudge = clock.after(NUDGE_EVERY_MS, nudge)
  }
  const cancelCut = clock.after(graceMs, () => server.closeAllConnections())
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  nudge()
  await closed
  isOver = true
  cancelNudge?.()
  cancelCut()
}

function urlOf(host: string, port: number): string {
  const isAnyAddress = host === '0.0.0.0' || host === '::'
  const name = isAnyAddress ? '127.0.0.1' : host
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
