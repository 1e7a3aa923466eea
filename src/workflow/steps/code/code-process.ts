import type { ChildProcess } from 'node:child_process'

import type { Clock } from '../../../kernel/clock.ts'

import { causeOfDeath } from './death.ts'
import { forkChild, HAS_GROUPS } from './fork-child.ts'
import {
  type CallEnding,
  fromChild,
  type ModuleCall,
  type Output,
  type ToChild,
} from './protocol.ts'

/** How a call ended, and what it used up. */
export interface FinishedCall {
  readonly ending: CallEnding
  readonly coreMs: number
  /** Whether the process is fit for another call. */
  readonly isReusable: boolean
}

/** A process that runs calls of one module, one at a time. */
export interface CodeProcess {
  /**
   * Runs a call to its end. Once `signal` aborts, the function is told, and the process ended
   * shortly after; the call then ends as `exited`.
   */
  call(call: ModuleCall, options: CallOptions): Promise<FinishedCall>
  /** Ends the process and what it started; resolves when it is gone. */
  end(): Promise<void>
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>
}

/** What a call is run with. */
export interface CallOptions {
  readonly signal: AbortSignal
  readonly onOutput: (output: Output) => void
  /** Called with the JSON of what the function keeps. */
  readonly onCheckpoint?: ((json: string) => void) | undefined
}

/** What a process is started with. */
export interface CodeProcessOptions {
  readonly memoryMb: number
  /** Variables of its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
}

/** How long a function has to heed its signal, milliseconds. */
const GRACE_MS = 200

/** How long the last output of an ended process may take, milliseconds. */
const DRAIN_MS = 100

const GONE: ReadonlySet<unknown> = new Set(['ESRCH', 'EPERM'])

/** Starts a process for the author's code; when there can be none, its calls say so. */
export function startCodeProcess(options: CodeProcessOptions): CodeProcess {
  try {
    return new ForkedProcess(options)
  } catch (fault) {
    if (!(fault instanceof Error && 'syscall' in fault)) throw fault
    return notStarted(fault)
  }
}

function notStarted(fault: Error): CodeProcess {
  const finished = { ending: { kind: 'not-started', fault }, coreMs: 0, isReusable: false } as const
  return {
    call: () => Promise.resolve(finished),
    end: () => Promise.resolve(),
    gone: Promise.resolve(),
  }
}

interface Pending extends Omit<CallOptions, 'signal'> {
  readonly finish: (finished: FinishedCall) => void
}

class ForkedProcess implements CodeProcess {
  readonly gone: Promise<void>
  readonly #child: ChildProcess
  readonly #clock: Clock
  #pending: Pending | undefined
  #death: CallEnding | undefined

  constructor({ memoryMb, environment, clock }: CodeProcessOptions) {
    const forked = forkChild(memoryMb, environment)
    this.#child = forked.child
    this.#clock = clock
    this.#child.on('message', (message) => this.#hear(message))
    this.gone = new Promise((resolve) => {
      this.#child.on('error', (fault) => {
        // Also reported when a message does not get through; then the process ends by itself.
        if (this.#child.pid === undefined) this.#die({ kind: 'not-started', fault }, resolve)
      })
      this.#child.once('exit', (code, signal) => {
        this.#killGroup()
        const die = (): void => {
          const exit = { code, signal, lastWords: forked.lastWords(), stderr: forked.stderr() }
          this.#die(causeOfDeath(exit), resolve)
        }
        // What it started may hold its streams open.
        const cancel = clock.after(DRAIN_MS, die)
        this.#child.once('close', () => {
          cancel()
          die()
        })
      })
    })
    this.#hold(false)
  }

  call(call: ModuleCall, { signal, ...listeners }: CallOptions): Promise<FinishedCall> {
    if (this.#death !== undefined)
      return Promise.resolve({ ending: this.#death, coreMs: 0, isReusable: false })
    this.#hold(true)
    const onAbort = (): void => this.#abort()
    const finished = new Promise<FinishedCall>((finish) => {
      this.#pending = { ...listeners, finish }
    })
    this.#tell({ kind: 'call', call })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    return finished.finally(() => {
      signal.removeEventListener('abort', onAbort)
      this.#hold(false)
    })
  }

  end(): Promise<void> {
    // The number of a process that is gone may be another's.
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.gone
    // Whoever waits for the end waits for the exit, even with nothing else to do.
    this.#child.ref()
    this.#killGroup()
    this.#child.kill('SIGKILL')
    return this.gone
  }

  #abort(): void {
    this.#tell({ kind: 'abort', reason: 'the step was stopped' })
    this.#clock.after(GRACE_MS, () => void this.end())
  }

  #hear(message: unknown): void {
    const parsed = fromChild.safeParse(message)
    if (!parsed.success || this.#pending === undefined) return
    const { data } = parsed
    if (data.kind === 'output') this.#pending.onOutput(data)
    else if (data.kind === 'checkpoint') this.#pending.onCheckpoint?.(data.json)
    else this.#finish({ ending: data.ending, coreMs: data.coreMs, isReusable: data.isClean })
  }

  #die(death: CallEnding, resolve: () => void): void {
    this.#death ??= death
    this.#finish({ ending: this.#death, coreMs: 0, isReusable: false })
    resolve()
  }

  #finish(finished: FinishedCall): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.finish(finished)
  }

  #tell(message: ToChild): void {
    // A process that has just ended cannot be told; its exit settles the call.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Whether this process stays alive for that one. */
  #hold(isHeld: boolean): void {
    const { channel } = this.#child
    if (isHeld) {
      this.#child.ref()
      channel?.ref()
    } else {
      this.#child.unref()
      channel?.unref()
    }
  }

  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined || !HAS_GROUPS) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (fault) {
      // Nobody is left in the group, which some systems say in another way.
      if (!(fault instanceof Error && 'code' in fault && GONE.has(fault.code))) throw fault
    }
  }
}
