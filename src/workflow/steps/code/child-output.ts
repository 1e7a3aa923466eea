import { Writable } from 'node:stream'
import { formatWithOptions } from 'node:util'

import type { Output } from './protocol.ts'

/** What a function gets to write to the log of its step. */
export interface ModuleLog {
  debug(message: string, ...more: readonly unknown[]): void
  info(message: string, ...more: readonly unknown[]): void
  warn(message: string, ...more: readonly unknown[]): void
  error(message: string, ...more: readonly unknown[]): void
}

/** Where the output of the author's code goes. */
export interface ModuleOutput {
  readonly log: ModuleLog
  /** Forgets how much has been written: a new call begins. */
  restart(): void
}

/** Most that one call may write. */
const MAX_CHARS = 64 * 1024
const MAX_LINES = 500

/** Sends what is written to the standard streams, console and log on, up to a bound per call. */
export function captureOutput(send: (output: Output) => void): ModuleOutput {
  let restChars = MAX_CHARS
  let restLines = MAX_LINES
  const write = (level: Output['level'], text: string): void => {
    if (restLines <= 0 || text === '') return
    restLines--
    const isOver = text.length > restChars || restLines === 0
    const kept = isOver ? `${text.slice(0, restChars)} … further output is dropped` : text
    restChars -= text.length
    if (isOver) restLines = 0
    send({ kind: 'output', level, text: kept })
  }
  replaceStream('stdout', (text) => write('info', text))
  replaceStream('stderr', (text) => write('warn', text))
  const at =
    (level: Output['level']) =>
    (message: string, ...more: readonly unknown[]): void =>
      write(level, formatWithOptions({ colors: false, depth: 4 }, message, ...more))
  return {
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    restart() {
      restChars = MAX_CHARS
      restLines = MAX_LINES
    },
  }
}

/** `console` looks its stream up when it first writes, so it follows. */
function replaceStream(name: 'stdout' | 'stderr', write: (text: string) => void): void {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      write(String(chunk).trimEnd())
      done()
    },
  })
  Object.defineProperty(process, name, { configurable: true, get: () => stream })
}
