import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import type { WriteStream } from 'node:tty'

/** Where a command writes: a terminal, a file or a pipe. */
export interface Output {
  write(text: string): void
  /** Whether a person sees it, in a terminal that can move its cursor. */
  readonly isInteractive: boolean
  /** Width of the terminal, or 80. */
  readonly columns: number
  /** Height of the terminal, or 24. */
  readonly rows: number
}

/** What a command is surrounded by: its streams, its environment and its signals. */
export interface Terminal {
  /** Results. */
  readonly out: Output
  /** Progress, notices and errors. */
  readonly err: Output
  readonly input: {
    /** Whether a person is there to answer. */
    readonly isInteractive: boolean
    /** Everything that comes on standard input. */
    readText(): Promise<string>
    /** A line that a person types, which is not shown. */
    readHidden(question: string): Promise<string>
  }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Calls back when the window changes its size; the returned function ends that. */
  onResize(changed: () => void): () => void
  /**
   * Calls back for each Ctrl-C, and when the process is asked to end in another way; without a
   * listener it ends at once. The returned function ends the listening.
   */
  onInterrupt(interrupted: () => void): () => void
  /** Calls back just before the process ends, however that comes about. */
  onExit(leave: () => void): () => void
  /** Calls back when the process is put to sleep by Ctrl-Z, and when it wakes again. */
  onSuspend(sleep: () => void, wake: () => void): () => void
  /** Calls back with a fault that nothing else has caught. */
  onFault(failed: (fault: unknown) => void): void
  /** Ends the process, at once. */
  exit(code: number): never
}

/** Signals by which a process is asked to end. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process
  // Whoever read our output has left (`prsm ls | head`): there is nobody to work for.
  for (const stream of [stdout, stderr]) stream.on('error', onBroken)
  return {
    out: outputOf(stdout),
    err: outputOf(stderr),
    input: {
      isInteractive: stdin.isTTY,
      readText: () => readAll(stdin),
      readHidden,
    },
    env,
    workingDirectory: process.cwd(),
    onResize(changed) {
      process.on('SIGWINCH', changed)
      return () => void process.off('SIGWINCH', changed)
    },
    onInterrupt(interrupted) {
      for (const signal of INTERRUPTS) process.on(signal, interrupted)
      return () => {
        for (const signal of INTERRUPTS) process.off(signal, interrupted)
      }
    },
    onExit(leave) {
      process.on('exit', leave)
      return () => void process.off('exit', leave)
    },
    onSuspend,
    onFault: (failed) => void process.on('uncaughtException', failed),
    exit: (code) => process.exit(code),
  }
}

function readHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true })
  return new Promise((resolve) => {
    const end = (): void => {
      lines.close()
      stderr.write('\n')
    }
    lines.once('line', (line) => {
      end()
      resolve(line)
    })
    // The terminal hands Ctrl-C to us as a letter: it has to be asked for again.
    lines.once('SIGINT', () => {
      end()
      process.kill(process.pid, 'SIGINT')
    })
    lines.once('close', () => resolve(''))
  })
}

function outputOf(stream: WriteStream & { fd: 1 | 2 }): Output {
  const isInteractive = stream.isTTY && process.env['TERM'] !== 'dumb'
  return {
    isInteractive,
    get columns() {
      return isInteractive && stream.columns > 0 ? stream.columns : 80
    },
    get rows() {
      return isInteractive && stream.rows > 0 ? stream.rows : 24
    },
    write: (text) => void stream.write(text),
  }
}

function onBroken(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'EPIPE') throw fault
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(0)
}

function onSuspend(sleep: () => void, wake: () => void): () => void {
  const onStop = (): void => {
    sleep()
    // The signal is ours now, so its effect has to be asked for.
    process.kill(process.pid, 'SIGSTOP')
  }
  process.on('SIGTSTP', onStop)
  process.on('SIGCONT', wake)
  return () => {
    process.off('SIGTSTP', onStop)
    process.off('SIGCONT', wake)
  }
}
