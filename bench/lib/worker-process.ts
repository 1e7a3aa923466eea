import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { FlowName } from './worker-flows.ts'

/** How a worker process is opened. */
export interface WorkerOptions {
  readonly databaseUrl: string
  readonly dataDir: string
  readonly maxRuns?: number
  readonly slots?: number
  readonly leaseMs?: number
  /** Whether it takes up runs that others began. @defaultValue true */
  readonly claims?: boolean
  /** Whether steps of `bench.hold` hold on. */
  readonly isHolding?: boolean
}

/** What a worker process is asked; each request has one answer. */
export type Request =
  /** Begins so many runs; answered when their creation is committed. */
  | { readonly kind: 'begin'; readonly flow: FlowName; readonly count: number }
  /** What it has used so far. */
  | { readonly kind: 'usage' }
  | { readonly kind: 'close' }

/** The answer to a request. */
export interface Answer {
  /** Milliseconds of CPU this process has used. */
  readonly cpuMs: number
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  ask(request: Request): Promise<Answer>
  /** Ends it as a crash does; resolves when it is gone. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Starts a worker in a process of its own; resolves when it works. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const child = fork(join(import.meta.dirname, 'worker-main.ts'), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await answerOf(child)
  const ask = (request: Request): Promise<Answer> => {
    child.send(request)
    return answerOf(child)
  }
  return {
    ask,
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    async close() {
      const gone = once(child, 'exit')
      child.send({ kind: 'close' } satisfies Request)
      await gone
    },
  }
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController()
  const { signal } = ended
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]): never => {
        throw new Error(`a worker process ended with ${String(code)}`)
      }),
    ])
    return answer as Answer
  } finally {
    ended.abort()
  }
}
