import type { TaskName } from '../tasks/schema.ts'

import { classicalAlgorithms } from './classical-algorithms.ts'

/** One call of an algorithm, as it travels to a thread. */
export interface AlgorithmCall {
  readonly task: Exclude<TaskName, 'write' | 'key_terms'> | 'keyTerms'
  readonly input: never
}

/** Runs one algorithm; the entry of a worker thread. */
export function runAlgorithm({ task, input }: AlgorithmCall): unknown {
  return classicalAlgorithms[task](input)
}
