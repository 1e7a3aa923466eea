import { lchown, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { DataHome } from './data-home.ts'
import { isAlive } from './processes.ts'
import { readText } from './read-text.ts'

/** Above the highest process number of Linux (2^22) and of macOS. */
const NOBODYS_PID = 4_194_305

/** Place of the status in the pid file, from 0 (LOCK_FILE_LINE_PM_STATUS of PostgreSQL, from 1). */
const STATUS_LINE = 7

/** The number in the server's pid file, or `undefined` when there is no file or no number in it. */
export async function serverPid({ data }: Pick<DataHome, 'data'>): Promise<number | undefined> {
  const text = await readText(pidFile(data))
  const pid = Number.parseInt(text ?? '', 10)
  return pid > 0 ? pid : undefined
}

/** Whether the file says that server `pid` accepts connections, as `pg_ctl --wait` asks, too. */
export async function saysReady({ data }: Pick<DataHome, 'data'>, pid: number): Promise<boolean> {
  const lines = (await readText(pidFile(data)))?.split('\n') ?? []
  return Number(lines[0]) === pid && lines[STATUS_LINE]?.trim() === 'ready'
}

/**
 * Makes a pid file that a dead server has left harmless.
 *
 * @remarks
 * PostgreSQL refuses to start while the number in it is that of a living process, a stranger's too.
 * The file is not removed: it also names the shared memory by which PostgreSQL knows whether
 * processes of the dead server are still at work.
 */
export async function disarmPidFile({ folder, data, server }: DataHome): Promise<void> {
  const path = pidFile(data)
  const text = await readText(path)
  if (text === undefined) return
  const [first = '', ...rest] = text.split('\n')
  const pid = Number.parseInt(first, 10)
  if (!(pid > 0)) {
    // A power loss can leave an empty file, which PostgreSQL refuses as well.
    await rm(path, { force: true })
  } else if (isAlive(pid)) {
    const draft = join(folder, 'postmaster.pid.new')
    await rm(draft, { force: true })
    await writeFile(draft, [NOBODYS_PID, ...rest].join('\n'), { flag: 'wx', mode: 0o600 })
    await lchown(draft, server.uid, server.gid)
    await rename(draft, path)
  }
}

function pidFile(data: string): string {
  return join(data, 'postmaster.pid')
}
