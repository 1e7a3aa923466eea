import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'

import type { DataHome } from './data-home.ts'
import { runnableEngine } from './engine-binaries.ts'
import { EngineFailedError, EngineMissingError } from './errors.ts'
import { hasCode } from './faults.ts'
import { clearLeftovers } from './leftovers.ts'
import { saysReady, serverPid } from './pid-file.ts'
import { poll } from './poll.ts'
import { askVersion } from './readiness.ts'
import { logTail } from './server-log.ts'
import type { Claim } from './server-pipe.ts'
import { type Opened, READY_LIMIT_MS, type Session } from './session.ts'
import { startSupervisor } from './supervisor.ts'

/**
 * Starts the server whose place this process has taken, and waits until it answers.
 *
 * @remarks
 * Crash: before there is a supervisor, the next user starts the server; after that, the supervisor
 * stops it unless others use it by then.
 *
 * @throws {@link EngineFailedError} it ends, or does not answer within the limit.
 * @throws {@link EngineMissingError} it cannot run on this machine.
 */
export async function start(session: Session, claim: Claim): Promise<Opened> {
  const supervisor = await superviseAfter(session, claim)
  const { home, connection, clock, signal } = session
  const server = await poll({ clock, signal, everyMs: 2, limitMs: READY_LIMIT_MS }, async () => {
    if (hasEnded(supervisor)) throw await failure(session, supervisor.exitCode)
    const pid = await serverPid(home)
    // Cheaper than a refused connection. What a dead server may have left said is disproved below.
    if (pid === undefined || !(await saysReady(home, pid))) return undefined
    const version = await askVersion(connection)
    return version === undefined ? undefined : { hold: claim, version, pid, isStarter: true }
  })
  if (server !== undefined) return server
  const lastLines = await logTail(home.folder)
  throw new EngineFailedError({ problem: 'does not answer', folder: home.folder, lastLines })
}

/** Hands the reading end over to a supervisor, once the server before has left nothing behind. */
async function superviseAfter(session: Session, { readEnd }: Claim): Promise<ChildProcess> {
  const { home, engine, log } = session
  try {
    await clearLeftovers(home, session)
    const native = await runnableEngine(engine, { server: home.server, log })
    const supervisor = startSupervisor(home, { native, version: engine.serverVersion, readEnd })
    await spawned(supervisor, home)
    return supervisor
  } finally {
    closeSync(readEnd)
  }
}

async function spawned(supervisor: ChildProcess, { folder, server }: DataHome): Promise<void> {
  try {
    await once(supervisor, 'spawn')
  } catch (fault) {
    if (!hasCode(fault, 'EPERM', 'EACCES', 'ENOENT', 'EAGAIN', 'ENOMEM')) throw fault
    const problem = `could not be started as user ${server.uid} (${fault.message})`
    throw new EngineFailedError({ problem, folder, lastLines: [] })
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function failure({ home, engine }: Session, exitCode: number | null): Promise<Error> {
  const lastLines = await logTail(home.folder)
  // The shell's word for a program without its loader or libraries: no glibc, as on Alpine.
  if (exitCode === 127) {
    return new EngineMissingError(engine.name, `cannot run on this system: ${lastLines.join('; ')}`)
  }
  const problem = 'ended while it was starting'
  // The shell's word for a program that may not be executed.
  const isForbidden = exitCode === 126
  const hint = 'if its folder is mounted "noexec", name another temporary folder in TMPDIR'
  return new EngineFailedError(
    { problem, folder: home.folder, lastLines },
    isForbidden ? { hint } : {},
  )
}
