import type { Tinypool } from 'tinypool'

import type { BuiltinAlgorithms } from '../algorithms.ts'

import type { AlgorithmCall } from './algorithm-thread.ts'

/** The offline model's algorithms on threads of their own. */
export interface AlgorithmThreads {
  readonly algorithms: BuiltinAlgorithms
  close(): Promise<void>
}

/**
 * Runs the offline model's algorithms beside the event loop, on as many cores as there are.
 *
 * @remarks Source that was not compiled cannot be loaded by a thread: there the algorithms run in
 * place, with the same results.
 */
export function createAlgorithmThreads(maxThreads: number): AlgorithmThreads {
  const isCompiled = import.meta.url.endsWith('.js')
  let pool: Promise<Tinypool> | undefined
  const inThread = async (call: AlgorithmCall): Promise<unknown> => {
    pool ??= openPool(maxThreads)
    return (await pool).run(call)
  }
  const run = async (task: AlgorithmCall['task'], input: unknown): Promise<never> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller's types fit the task
    const call = { task, input: input as never }
    const result = await (isCompiled ? inThread(call) : inPlace(call))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread runs the same functions
    return result as never
  }
  return {
    algorithms: {
      summarise: (input) => run('summarise', input),
      answer: (input) => run('answer', input),
      keyTerms: (input) => run('keyTerms', input),
      classify: (input) => run('classify', input),
      extract: (input) => run('extract', input),
      claims: (input) => run('claims', input),
      relate: (input) => run('relate', input),
    },
    async close() {
      await (await pool)?.destroy()
    },
  }
}

async function inPlace(call: AlgorithmCall): Promise<unknown> {
  const { runAlgorithm } = await import('./algorithm-thread.ts')
  return runAlgorithm(call)
}

async function openPool(maxThreads: number): Promise<Tinypool> {
  const { Tinypool: Pool } = await import('tinypool')
  return new Pool({
    filename: import.meta.resolve('#algorithm-thread'),
    name: 'runAlgorithm',
    minThreads: 0,
    maxThreads,
    idleTimeout: 10_000,
  })
}
