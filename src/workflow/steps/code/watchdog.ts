import { Worker } from 'node:worker_threads'

/** Descriptor of the pipe into which the watchdog writes why it ends the process. */
export const LAST_WORDS_FD = 4

/** How often the watchdog looks, milliseconds. */
const INTERVAL_MS = 50

/** Room for Node itself, megabytes. */
const OVERHEAD_MB = 128

/** Limits of the running call. */
export interface Watchdog {
  /** Lets the process use `coreMs` more of core time from now on. */
  allow(coreMs: number): void
}

/**
 * Watches this process from a thread of its own, which also sees a loop that never ends: ends the
 * process, and what it started, when it is out of core time or memory, or its parent is gone.
 */
export function startWatchdog({
  parentPid,
  memoryMb,
}: {
  readonly parentPid: number
  readonly memoryMb: number
}): Watchdog {
  const limit = new Float64Array(new SharedArrayBuffer(8)).fill(Number.POSITIVE_INFINITY)
  const worker = new Worker(`(${watch.toString()})()`, {
    eval: true,
    execArgv: [],
    workerData: {
      limit,
      parent: parentPid,
      maxRssBytes: (memoryMb + OVERHEAD_MB) * 1024 * 1024,
      fd: LAST_WORDS_FD,
      intervalMs: INTERVAL_MS,
    },
  })
  worker.unref()
  return {
    allow(coreMs) {
      const { user, system } = process.cpuUsage()
      limit[0] = (user + system) / 1_000 + coreMs
    },
  }
}

interface WatchData {
  readonly limit: Float64Array
  readonly parent: number
  readonly maxRssBytes: number
  readonly fd: number
  readonly intervalMs: number
}

/** Runs as the text of a script in another isolate, so it names nothing outside itself. */
function watch(): void {
  const { writeSync } = process.getBuiltinModule('node:fs')
  const data: WatchData = process.getBuiltinModule('node:worker_threads').workerData
  setInterval(() => {
    const { user, system } = process.cpuUsage()
    let reason: string | undefined
    if (process.ppid !== data.parent) reason = 'orphaned'
    else if (process.memoryUsage.rss() > data.maxRssBytes) reason = 'out-of-memory'
    else if ((user + system) / 1_000 > (data.limit[0] ?? 0)) reason = 'out-of-time'
    if (reason === undefined) return
    try {
      writeSync(data.fd, reason)
    } finally {
      // The group of this process holds what it started, except on Windows.
      process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL')
    }
  }, data.intervalMs)
}
