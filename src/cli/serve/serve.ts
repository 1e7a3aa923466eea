import { startServer } from '../../app/server.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { GRACE_MS, openService, untilInterrupted } from './service.ts'

/** Options of `prsm serve`. */
export interface ServeFlags {
  readonly host?: string
  readonly port?: string
  readonly worker: boolean
}

/** `prsm serve`: the HTTP API, until the process is asked to end. */
export async function serve(
  context: Context,
  { host, port, worker }: ServeFlags,
): Promise<ExitCode> {
  const ended = untilInterrupted(context, EXIT.interrupted)
  const local = await openService(context, { worker: worker ? 'all' : 'none' }, { host, port })
  const { config, database } = local.platform
  try {
    const server = await startServer({ api: local.api, host: config.host, port: config.port })
    const first = await local.firstKey()
    if (context.isJson) {
      context.printJson({ url: server.url, ...(first !== undefined && { apiKey: first.token }) })
    } else {
      context.note(
        `listening on ${server.url}, API reference at ${server.url}/docs`,
        `database: ${database.engine.kind} PostgreSQL ${database.engine.version}`,
      )
      if (first !== undefined) {
        context.print(first.token)
        context.note(
          'this is the first API key; it is not shown again',
          `  export PRSM_SERVER=${server.url} PRSM_API_KEY=${first.token}`,
        )
      } else context.note('clients need an API key: prsm keys create NAME makes one')
      context.note('Ctrl-C ends it')
    }
    await ended
    context.note('ending: running steps get 10 s, then they are given to whoever comes next')
    await server.close(GRACE_MS)
  } finally {
    await local.close(GRACE_MS)
  }
  return EXIT.done
}
