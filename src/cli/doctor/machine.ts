import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'

import { isErrno } from '../../kernel/errno.ts'

import { type Finding, good, worse } from './finding.ts'

const LEAST_NODE = [20, 19] as const
const GIB = 2 ** 30
/** Below this much room, a warning. */
const LEAST_FREE_GIB = 1

/** The version of Node, and the size of the machine. */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  const size = `${availableParallelism()} cores, ${Math.round(totalmem() / GIB)} GiB`
  return isEnough
    ? good('node', `${version} on ${process.platform} ${process.arch}, ${size}`)
    : {
        check: 'node',
        state: 'fail',
        text: `${version} is too old`,
        hint: `install Node ${LEAST_NODE.join('.')} or newer`,
      }
}

/** Whether the data directory can be written, and how much room there is. */
export async function examineDataDir(dataDir: string): Promise<Finding> {
  const path = resolve(dataDir)
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.W_OK)
    const { bavail, bsize } = await statfs(path)
    const free = (bavail * bsize) / GIB
    const text = `${path}, ${free.toFixed(1)} GiB free`
    return free < LEAST_FREE_GIB
      ? worse(
          'data directory',
          text,
          'free some space: a full disk stops runs, which can be resumed',
        )
      : good('data directory', text)
  } catch (fault) {
    if (!isErrno(fault)) throw fault
    return {
      check: 'data directory',
      state: 'fail',
      text: `${path} cannot be written (${fault.code ?? fault.message})`,
      hint: 'choose another one with --data-dir or PRSM_DATA_DIR',
    }
  }
}
