import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'

import type { DataHome } from './data-home.ts'
import { EngineFailedError } from './errors.ts'
import { disarmPidFile, serverPid } from './pid-file.ts'
import { poll } from './poll.ts'
import { attendance, signalProcess } from './processes.ts'
import { logTail } from './server-log.ts'

/** What is sent to a server without a supervisor, and how long after it was first seen. */
const STEPS: readonly { readonly afterMs: number; readonly signal: NodeJS.Signals }[] = [
  // Fast shutdown; a server on its way down takes no notice of it.
  { afterMs: 0, signal: 'SIGINT' },
  // Immediate shutdown: without a checkpoint, so the next start replays the log. Nothing is lost.
  { afterMs: 20_000, signal: 'SIGQUIT' },
  { afterMs: 30_000, signal: 'SIGKILL' },
]
const LIMIT_MS = 40_000

/** What waiting for something needs. */
export interface Waiting {
  readonly clock: Clock
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

/**
 * Waits for the server that was here before to end, and ends it when nobody else does.
 *
 * @remarks
 * Only for who has taken the server's place: nobody else starts or stops one meanwhile. Mostly there
 * is nothing, or a server on its way down. A server that goes on without a supervisor is stopped, and
 * so are the processes of a server that was killed.
 *
 * @throws {@link EngineFailedError} it does not end.
 */
export async function clearLeftovers(home: DataHome, waiting: Waiting): Promise<void> {
  const { clock, log } = waiting
  const startMs = clock.now()
  const isClear = await poll({ ...waiting, everyMs: 20, limitMs: LIMIT_MS }, async () => {
    const { servers, supervisors } = attendance(home.data)
    if (servers.length + supervisors.length === 0) return true
    const elapsedMs = clock.now() - startMs
    log.debug('sql.server-awaited', { folder: home.folder, servers, supervisors, elapsedMs })
    // The server ends its processes itself; without it they are told one by one.
    const pid = await serverPid(home)
    const targets = pid !== undefined && servers.includes(pid) ? [pid] : servers
    // Again and again, as it is deaf to signals while it starts.
    const signal = STEPS.findLast(({ afterMs }) => afterMs <= elapsedMs)?.signal ?? 'SIGINT'
    for (const target of targets) signalProcess(target, signal)
    return undefined
  })
  if (isClear !== true) {
    const lastLines = await logTail(home.folder)
    const problem = 'was left over from an earlier start and does not end'
    throw new EngineFailedError({ problem, folder: home.folder, lastLines })
  }
  await disarmPidFile(home)
  // Its socket, and signs of life nobody has waited for.
  const rest = (await readdir(home.folder)).filter((name) => /^(?:\.s\.PGSQL|seen)\./.test(name))
  await Promise.all(rest.map((name) => rm(join(home.folder, name), { force: true })))
}
