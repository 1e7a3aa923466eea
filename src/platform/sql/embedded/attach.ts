import { readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { EngineFailedError } from './errors.ts'
import { unlessCode } from './faults.ts'
import { saysReady } from './pid-file.ts'
import { hasReader } from './pipe.ts'
import { poll } from './poll.ts'
import { isListening } from './readiness.ts'
import { logTail } from './server-log.ts'
import type { Hold } from './server-pipe.ts'
import { type Opened, READY_LIMIT_MS, type Session } from './session.ts'

/** Looks between two questions, as `hasWriter` of another process may swallow one. */
const ASK_EVERY = 32

/**
 * Waits until a server that others have started is ready; `undefined` when it ends instead.
 *
 * @remarks
 * Race: the supervisor may have read the end of the pipe just before this process opened it, and be
 * about to stop the server. So it is asked for a sign of life: once it has answered a question that
 * came through our pipe, it cannot read the end of that pipe before we let go.
 *
 * @throws {@link EngineFailedError} nothing happens within the limit.
 */
export async function attach(session: Session, hold: Hold): Promise<Opened | undefined> {
  const { home, connection, clock, random, signal } = session
  const token = `${random.uint32()}-${random.uint32()}`
  const sign = join(home.folder, `seen.${token}`)
  let looks = 0
  const look = async (): Promise<Opened | 'ended' | undefined> => {
    if (!hasReader(hold.pipe)) return 'ended'
    const server = await readSign(sign)
    if (server !== undefined) {
      // What it says may be its last word: it may have been killed this instant.
      const isReady = (await saysReady(home, server.pid)) && (await isListening(connection))
      return isReady ? { ...server, hold, isStarter: false } : undefined
    }
    if (looks++ % ASK_EVERY === 0) hold.writeEnd.write(token)
    return undefined
  }
  try {
    const opened = await poll({ clock, signal, everyMs: 2, limitMs: READY_LIMIT_MS }, look)
    if (opened !== undefined) return opened === 'ended' ? undefined : opened
    const lastLines = await logTail(home.folder)
    const problem = 'is being started by another process but does not answer'
    throw new EngineFailedError({ problem, folder: home.folder, lastLines })
  } finally {
    await rm(sign, { force: true })
  }
}

/** Version and number of the server, as its supervisor tells them. */
async function readSign(path: string): Promise<Pick<Opened, 'version' | 'pid'> | undefined> {
  const target = await unlessCode(['ENOENT'], () => readlink(path))
  const [version, pid] = target?.split('/') ?? []
  return version === undefined ? undefined : { version, pid: Number(pid) }
}
