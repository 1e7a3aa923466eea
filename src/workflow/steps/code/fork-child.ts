import { type ChildProcess, fork } from 'node:child_process'
import { Readable } from 'node:stream'

import { childEntry } from './child-entry.ts'

/** A process of `child-main.ts`. */
export interface ForkedChild {
  readonly child: ChildProcess
  /** The end of its standard error, so far. */
  readonly stderr: () => string
  /** What its watchdog wrote before it ended the process. */
  readonly lastWords: () => string
}

/** How much of standard error is kept, characters. */
const TAIL_CHARS = 8_192

/** Whether processes that a process starts are in a group with it, and can be ended together. */
export const HAS_GROUPS = process.platform !== 'win32'

/** Starts the process, in a group of its own. */
export function forkChild(
  memoryMb: number,
  environment: Readonly<Record<string, string>>,
): ForkedChild {
  const { path, execArgv } = childEntry()
  const child = fork(path, [String(process.pid), String(memoryMb)], {
    execArgv: [...execArgv, `--max-old-space-size=${memoryMb}`],
    // Descriptor 3 is the channel, 4 takes the watchdog's last words.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    env: environment,
    detached: HAS_GROUPS,
  })
  return { child, stderr: tailOf(child.stdio[2]), lastWords: tailOf(child.stdio[4]) }
}

/** Collects the last of what a stream says, without keeping this process alive for it. */
function tailOf(stream: unknown): () => string {
  let tail = ''
  if (!(stream instanceof Readable)) return () => tail
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-TAIL_CHARS)
  })
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
  return () => tail
}
