import type { Local } from '../../app/local.ts'
import { startServer } from '../../app/server.ts'
import { engineText } from '../connection/engine-text.ts'
import type { MoreFlags } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { GRACE_MS, withService } from './service.ts'

/** Options of `prsm serve`. */
export interface ServeFlags extends Pick<MoreFlags, 'labels' | 'cores' | 'memoryGb' | 'gpus'> {
  readonly host?: string
  readonly port?: string
  readonly worker: boolean
}

/** `prsm serve`: the HTTP API, until the process is asked to end. */
export async function serve(context: Context, { worker, ...more }: ServeFlags): Promise<ExitCode> {
  const role = { worker: worker ? 'all' : 'none', fires: true } as const
  await withService(context, { role, more }, async (local, ended) => {
    const { config } = local.platform
    const server = await startServer({ api: local.api, host: config.host, port: config.port })
    await greet(context, local, server.url)
    await ended
    context.note('ending: running steps get 10 s, then they are given to whoever comes next')
    await server.close(GRACE_MS)
  })
  return EXIT.done
}

async function greet(context: Context, local: Local, url: string): Promise<void> {
  const first = await local.firstKey()
  if (context.isJson) {
    context.printJson({ url, ...(first !== undefined && { apiKey: first.token }) })
    return
  }
  context.note(
    `listening on ${url}, API reference at ${url}/docs`,
    `database: ${engineText(local.platform.database.engine)}`,
  )
  if (first !== undefined) {
    context.print(first.token)
    context.note(
      'this is the first API key; it is not shown again',
      `  export PRSM_SERVER=${url} PRSM_API_KEY=${first.token}`,
    )
  } else context.note('clients need an API key: prsm keys create NAME makes one')
  context.note('Ctrl-C ends it')
}
