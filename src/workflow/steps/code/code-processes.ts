import type { Clock } from '../../../kernel/clock.ts'
import { deferred } from '../../../kernel/deferred.ts'

import type { CallOptions, CodeProcess, FinishedCall } from './code-process.ts'
import type { ModuleCall } from './protocol.ts'

/** A call, and which process it may share. */
export interface CallRequest extends CallOptions {
  readonly call: ModuleCall
  /** Calls with equal keys may run in the same process, one after another. */
  readonly key: string
  readonly memoryMb: number
}

/** A finished call, and how long it waited for a process, milliseconds. */
export interface QueuedCall extends FinishedCall {
  readonly queuedMs: number
}

/** Processes for the author's code, at most so many at a time. */
export interface CodeProcesses {
  /**
   * Runs a call in a warm process of its key, in a new one, or when one becomes free.
   *
   * @throws the signal's reason, as soon as it aborts.
   */
  run(request: CallRequest): Promise<QueuedCall>
  /** Ends all processes. */
  close(): Promise<void>
}

/** What the processes are made with. */
export interface CodeProcessesOptions {
  readonly maxProcesses: number
  /** How long a process waits for another call before it is ended, milliseconds. */
  readonly idleMs: number
  readonly clock: Clock
  readonly start: (memoryMb: number) => CodeProcess
}

/** Builds the pool. Its queue is bounded by whoever calls: the engine has so many slots. */
export function createCodeProcesses(options: CodeProcessesOptions): CodeProcesses {
  return new Pool(options)
}

interface Member {
  readonly key: string
  readonly process: CodeProcess
  state: 'busy' | 'idle' | 'ending'
  cancelIdle: () => void
}

interface Waiting {
  readonly key: string
  readonly memoryMb: number
  readonly take: (member: Member) => void
}

class Pool implements CodeProcesses {
  readonly #options: CodeProcessesOptions
  /** In order of last use, so that the first idle one is the one to give up. */
  readonly #members = new Set<Member>()
  readonly #queue = new Set<Waiting>()

  constructor(options: CodeProcessesOptions) {
    this.#options = options
  }

  async run(request: CallRequest): Promise<QueuedCall> {
    const { call, signal } = request
    signal.throwIfAborted()
    const { clock } = this.#options
    const since = clock.now()
    const member = await this.#acquire(request)
    const queuedMs = clock.now() - since
    const finished = member.process.call(call, request).then((done) => {
      this.#release(member, done.isReusable && !signal.aborted)
      return done
    })
    return { ...(await untilAborted(finished, signal)), queuedMs }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => this.#end(member)))
  }

  #acquire({ key, memoryMb, signal }: CallRequest): Promise<Member> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.delete(waiting)
        reject(signal.reason)
      }
      const waiting: Waiting = {
        key,
        memoryMb,
        take(member) {
          signal.removeEventListener('abort', onAbort)
          resolve(member)
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.add(waiting)
      this.#pump()
    })
  }

  /** Gives processes to those who wait, and makes room for those who cannot have one. */
  #pump(): void {
    let leaving = [...this.#members].filter(({ state }) => state === 'ending').length
    for (const waiting of this.#queue) {
      const member = this.#findFor(waiting)
      if (member === undefined) {
        if (leaving > 0) leaving--
        else this.#evict()
        continue
      }
      member.cancelIdle()
      member.state = 'busy'
      this.#queue.delete(waiting)
      waiting.take(member)
    }
  }

  #evict(): void {
    const idle = [...this.#members].find(({ state }) => state === 'idle')
    if (idle !== undefined) void this.#end(idle)
  }

  #findFor({ key, memoryMb }: Waiting): Member | undefined {
    const warm = [...this.#members].findLast(
      (member) => member.state === 'idle' && member.key === key,
    )
    const { maxProcesses, start } = this.#options
    if (warm !== undefined || this.#members.size >= maxProcesses) return warm
    const member: Member = {
      key,
      process: start(memoryMb),
      state: 'idle',
      cancelIdle: () => undefined,
    }
    this.#members.add(member)
    void member.process.gone.then(() => this.#forget(member))
    return member
  }

  #release(member: Member, isReusable: boolean): void {
    if (!isReusable || member.state === 'ending') {
      void this.#end(member)
      return
    }
    const { clock, idleMs } = this.#options
    member.state = 'idle'
    member.cancelIdle = clock.after(idleMs, () => void this.#end(member))
    this.#members.delete(member)
    this.#members.add(member)
    this.#pump()
  }

  #end(member: Member): Promise<void> {
    member.state = 'ending'
    member.cancelIdle()
    return member.process.end()
  }

  #forget(member: Member): void {
    member.cancelIdle()
    this.#members.delete(member)
    this.#pump()
  }
}

/** The call's end, or the signal's reason when that comes first. */
function untilAborted(finished: Promise<FinishedCall>, signal: AbortSignal): Promise<FinishedCall> {
  const aborted = deferred<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return Promise.race([finished, aborted.promise]).finally(() =>
    signal.removeEventListener('abort', onAbort),
  )
}
