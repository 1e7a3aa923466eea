import {
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo } from 'node:net'

import { RestatePortError } from './errors.ts'

/** Answers a request of the Restate server. */
export type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** Where a worker listens for Restate. */
export interface Endpoint {
  readonly port: number
  /** Takes no more calls and cuts what is still open; Restate makes these calls again elsewhere. */
  close(): Promise<void>
}

/** Listens for Restate. @throws {@link RestatePortError} */
export async function listen(
  handler: Handler,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Endpoint> {
  const server = createServer(handler)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    // A connection that breaks is Restate's to mend; without a listener it would end the process.
    session.on('error', () => session.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (fault) => reject(new RestatePortError(host, port, fault)))
    server.listen(port, host, resolve)
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port, not on a pipe
  const { port: actual } = server.address() as AddressInfo
  return {
    port: actual,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      for (const session of sessions) session.destroy()
      await closed
    },
  }
}
