import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A server on this machine by which tests hold `http` steps still: `/hold/…` answers once it is
 * opened, `/fail/…` with 400 and `/ill/…` with 503 until it is mended, anything else at once.
 */
export interface Gate {
  /** As a setting takes it. */
  readonly host: string
  url(path: string): string
  /** Paths in the order in which they were asked for. */
  readonly asked: string[]
  /** Answers whatever `/hold/…` asks, now and from now on. */
  open(): void
  /** From now on `/hold/…` waits again. */
  shut(): void
  /** From now on `/fail/…` answers well, or fails again. */
  mend(isMended?: boolean): void
  close(): Promise<void>
}

function statusOf(url: string): number {
  if (url.startsWith('/ill/')) return 503
  return url.startsWith('/fail/') ? 400 : 200
}

/** Starts a gate that is shut. */
export async function startGate(): Promise<Gate> {
  const asked: string[] = []
  const held = new Set<ServerResponse>()
  let isOpen = false
  let isMended = false
  const answer = (response: ServerResponse, status = 200): void => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end('ok')
  }
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url.startsWith('/hold/') && !isOpen) held.add(response)
    else answer(response, isMended ? 200 : statusOf(url))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  return {
    host,
    url: (path) => `http://${host}${path}`,
    asked,
    open() {
      isOpen = true
      for (const response of held) answer(response)
      held.clear()
    },
    shut: () => void (isOpen = false),
    mend: (is = true) => void (isMended = is),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
