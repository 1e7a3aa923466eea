import { type ChildProcess, fork } from 'node:child_process'

import type { Fault, Notice, Order, Point, WorkerArguments } from './messages.ts'

/** How long a worker may take to start on a busy machine, milliseconds. */
const START_MS = 120_000

/** A place for a worker process; who is killed is followed by another. */
export interface Seat {
  /** Ends what is left of the last process and starts one. */
  start(more: Partial<WorkerArguments>): Promise<void>
  /** Has a fault meet the worker at a point; false when it did not come there within `patienceMs`. */
  strike(at: { point: Point; skip: number; fault: Fault }, patienceMs: number): Promise<boolean>
  tell(order: Order): void
  signal(name: NodeJS.Signals): void
  /** Ends it by signal 9. */
  end(): Promise<void>
}

/** Makes a seat for workers of `program`. */
export function createSeat(program: string, args: WorkerArguments): Seat {
  let child: ChildProcess | undefined
  let heard: (notice: Notice) => void = () => undefined
  const end = async (): Promise<void> => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await gone
  }
  const tell = (order: Order): void => {
    // One that has just died hears nothing.
    if (child?.connected === true) child.send(order, () => undefined)
  }
  return {
    tell,
    end,
    async start(more) {
      await end()
      const fresh = fork(program, [JSON.stringify({ ...args, ...more })], { stdio: 'inherit' })
      child = fresh
      fresh.on('message', (notice: Notice) => heard(notice))
      await within(START_MS, (resolve, reject) => {
        heard = resolve
        fresh.once('exit', (code, signal) =>
          reject(new Error(`a worker ended with ${code ?? signal} before it worked`)),
        )
      })
    },
    async strike({ point, skip, fault }, patienceMs) {
      const struck = within<Notice | undefined>(patienceMs, (resolve) => (heard = resolve))
      tell({ kind: 'arm', point, skip, fault })
      const notice = await struck.catch(() => undefined)
      if (notice === undefined) tell({ kind: 'disarm' })
      return notice !== undefined
    },
    signal: (name) => void child?.kill(name),
  }
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
