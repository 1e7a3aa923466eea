import type { Output, Terminal } from '../../src/platform/terminal.ts'

/** An output that remembers everything that was written to it. */
export interface FakeOutput extends Output {
  readonly text: string
  /** Sets the size of the window; those who listen are told by {@link FakeTerminal.resize}. */
  columns: number
  rows: number
}

/** A terminal in memory. */
export interface FakeTerminal extends Terminal {
  readonly out: FakeOutput
  readonly err: FakeOutput
  /** Whoever listens for Ctrl-C hears of one; without a listener the process would have ended. */
  interrupt(): void
  resize(columns: number, rows: number): void
  /** Ctrl-Z, and `fg` after it. */
  suspend(): void
  wake(): void
  /** How many listen to signals of any kind: a command leaves none behind. */
  readonly listeners: number
}

/** What a fake terminal is made of. */
export interface FakeTerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Whether a person sits before both outputs and the input. @defaultValue false */
  readonly isInteractive?: boolean
  readonly columns?: number
  readonly rows?: number
  /** What standard input holds. @defaultValue '' */
  readonly input?: string
  readonly workingDirectory?: string
}

/** Thrown in place of the end of the process. */
export class ProcessEnd extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`the process ends with ${exitCode}`)
    this.exitCode = exitCode
  }
}

/** Builds a terminal in memory. */
export function createFakeTerminal({
  env = {},
  isInteractive = false,
  columns = 80,
  rows = 24,
  input = '',
  workingDirectory = process.cwd(),
}: FakeTerminalOptions = {}): FakeTerminal {
  const out = createOutput({ isInteractive, columns, rows })
  const err = createOutput({ isInteractive, columns, rows })
  const resized = new Set<() => void>()
  const interrupted = new Set<() => void>()
  const left = new Set<() => void>()
  const slept = new Set<() => void>()
  const woken = new Set<() => void>()
  const tell = (all: ReadonlySet<() => void>): void => {
    for (const each of all) each()
  }
  return {
    out,
    err,
    input: {
      isInteractive,
      readText: async () => input,
      readHidden: async (question) => {
        err.write(question)
        return input
      },
    },
    env: { LANG: 'C.UTF-8', ...env },
    workingDirectory,
    onResize: (changed) => add(resized, changed),
    onInterrupt: (heard) => add(interrupted, heard),
    onExit: (leave) => add(left, leave),
    onSuspend(sleep, wake) {
      const ends = [add(slept, sleep), add(woken, wake)]
      return () => ends.forEach((end) => end())
    },
    onFault: () => undefined,
    exit(code) {
      tell(left)
      throw new ProcessEnd(code)
    },
    interrupt() {
      if (interrupted.size === 0) throw new Error('nobody listens for Ctrl-C')
      tell(interrupted)
    },
    resize(newColumns, newRows) {
      for (const output of [out, err]) Object.assign(output, { columns: newColumns, rows: newRows })
      tell(resized)
    },
    suspend: () => tell(slept),
    wake: () => tell(woken),
    get listeners() {
      return [resized, interrupted, left, slept, woken].reduce((sum, { size }) => sum + size, 0)
    },
  }
}

function createOutput(size: Pick<FakeOutput, 'isInteractive' | 'columns' | 'rows'>): FakeOutput {
  const parts: string[] = []
  return {
    ...size,
    write: (text) => void parts.push(text),
    get text() {
      return parts.join('')
    },
  }
}

function add(listeners: Set<() => void>, listener: () => void): () => void {
  const own = (): void => listener()
  listeners.add(own)
  return () => void listeners.delete(own)
}
