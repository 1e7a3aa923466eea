import { type ChildProcess, fork } from 'node:child_process'

import type { Fault, Notice, Order, Point, WorkerArguments } from './messages.ts'

/** How long a worker may take to start on a busy machine, milliseconds. */
const START_MS = 120_000
/** Tries to start: a server may be away. */
const MOST_STARTS = 50

/** A place for a worker process; who is killed is followed by another. */
export interface Seat {
  /** Ends what is left of the last process and starts one. */
  start(skewMs: number): Promise<void>
  /** Has a fault meet the worker at a point; false when it did not come there within `patienceMs`. */
  strike(at: { point: Point; skip: number; fault: Fault }, patienceMs: number): Promise<boolean>
  tell(order: Order): void
  signal(name: NodeJS.Signals): void
  /** Whether a process is there. */
  readonly isManned: boolean
  /** Ends it by signal 9. */
  end(): Promise<void>
}

/**
 * Makes a seat for workers of `program`.
 *
 * @param fell - told when a worker that worked has ended by itself, with the end of what it wrote.
 */
export function createSeat(
  program: string,
  args: WorkerArguments,
  fell: (why: string) => void,
): Seat {
  let child: ChildProcess | undefined
  let heard: (notice: Notice) => void = () => undefined
  const end = async (): Promise<void> => {
    const ending = child
    child = undefined
    if (ending === undefined || isOver(ending)) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await gone
  }
  const tell = (order: Order): void => {
    // One that has just died hears nothing.
    if (child?.connected === true) child.send(order, () => undefined)
  }
  const begin = async (skewMs: number): Promise<void> => {
    const fresh = fork(program, [JSON.stringify({ ...args, skewMs })], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Not what the program that runs this was started with: a loader of sources would take seconds.
      execArgv: [],
    })
    let written = ''
    fresh.stderr?.on(
      'data',
      (part: Buffer) => (written = `${written}${part.toString()}`.slice(-2_000)),
    )
    await within(START_MS, (resolve, reject) => {
      fresh.on('message', (notice: Notice) => {
        if (notice.kind === 'working') resolve(undefined)
        else heard(notice)
      })
      fresh.once('exit', (code, signal) => reject(new Error(`${code ?? signal}: ${written}`)))
    })
    child = fresh
    fresh.once('exit', (code) => {
      if (code !== null && child === fresh) fell(`a worker ended with ${code}: ${written}`)
    })
  }
  return {
    tell,
    end,
    async start(skewMs) {
      await end()
      for (let starts = 1; ; starts++) {
        try {
          return await begin(skewMs)
        } catch (fault) {
          if (starts === MOST_STARTS) throw fault
        }
      }
    },
    async strike({ point, skip, fault }, patienceMs) {
      const struck = within<Notice>(patienceMs, (resolve) => (heard = resolve))
      tell({ kind: 'arm', point, skip, fault })
      const isThere = await struck.then(
        () => true,
        () => false,
      )
      if (!isThere) tell({ kind: 'disarm' })
      return isThere
    },
    signal: (name) => void child?.kill(name),
    get isManned() {
      return child !== undefined && !isOver(child)
    },
  }
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function within<Value>(
  limitMs: number,
  begin: (resolve: (value: Value) => void, reject: (fault: Error) => void) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing within ${limitMs} ms`)), limitMs)
    const over = (): void => clearTimeout(timer)
    begin(
      (value) => (over(), resolve(value)),
      (fault) => (over(), reject(fault)),
    )
  })
}
