import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'

import { sha256 } from '../../../kernel/hash.ts'

import { hasCode } from './faults.ts'

/** The name by which a supervisor's command line can be told. */
export const SUPERVISOR = 'prsm-postgres'

/** Whether some process has this number, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (fault) {
    if (hasCode(fault, 'ESRCH')) return false
    if (hasCode(fault, 'EPERM')) return true
    throw fault
  }
}

/**
 * Whether the server that had this number and bears this mark still runs.
 *
 * @remarks Cheap enough to be asked twice a second. A process that has ended and was not waited for
 * has a number and no command line.
 */
export function isServing(pid: number, tag: string): boolean {
  if (process.platform !== 'linux') return isAlive(pid)
  return commandLine(String(pid)).includes(`cluster_name=${tag}`)
}

/** Sends a signal to a process, which may be gone by now. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (fault) {
    if (!hasCode(fault, 'ESRCH')) throw fault
  }
}

/**
 * The mark that the processes at work on a data directory bear, as their `cluster_name`.
 *
 * @remarks
 * A number in a file proves nothing: after a power loss it may be a stranger's. The working directory
 * would prove it, but root in a container may not see that of another user's process (it lacks the
 * capability SYS_PTRACE); the command line everybody may see.
 */
export function serverTag(data: string): string {
  const { dev, ino } = statSync(data, { bigint: true })
  return `prsm-${sha256(`${dev}:${ino}`).slice('sha256:'.length, 'sha256:'.length + 16)}`
}

/** The living processes of a data directory. */
export interface Attendance {
  /** The server and its processes. */
  readonly servers: readonly number[]
  /** The shells that watch over it, or are about to start it. */
  readonly supervisors: readonly number[]
}

/** Who is at work on `data`. */
export function attendance(data: string): Attendance {
  const setting = `cluster_name=${serverTag(data)}`
  const title = `postgres: ${serverTag(data)}:`
  const lines = [...commandLines()]
  const isSupervisor = (line: string): boolean =>
    line.startsWith('/bin/sh -c ') && line.includes(` ${SUPERVISOR} `) && line.includes(setting)
  // The server keeps its arguments; its processes bear titles.
  const isServer = (line: string): boolean =>
    line.startsWith(title) || (/^\S.*postgres -D /.test(line) && line.includes(setting))
  return {
    supervisors: lines.filter(([, line]) => isSupervisor(line)).map(([pid]) => pid),
    servers: lines.filter(([, line]) => isServer(line) && !isSupervisor(line)).map(([pid]) => pid),
  }
}

/** Process numbers and command lines of all processes that can be seen. */
function commandLines(): ReadonlyMap<number, string> {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return new Map(pids.map((pid) => [Number(pid), commandLine(pid)]))
  }
  const lines = execFileSync('ps', ['-axwwo', 'pid=,command='], { encoding: 'utf8' }).split('\n')
  return new Map(
    lines.flatMap((line) => {
      const [, pid, command] = /^ *(\d+) (.*)$/.exec(line) ?? []
      return pid === undefined || command === undefined ? [] : [[Number(pid), command]]
    }),
  )
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch (fault) {
    if (hasCode(fault, 'ENOENT', 'ESRCH', 'EACCES')) return '' // ended, or hidden from us
    throw fault
  }
}
