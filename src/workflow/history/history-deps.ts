import type { Artifacts } from '../../artifacts/index.ts'
import type { DefinitionCache } from '../definition-cache.ts'
import type { WorkflowsDeps } from '../submit.ts'

import type { HistoryStore } from './history-store.ts'
import type { RunReader } from './run-reader.ts'

/** What the history of runs needs. */
export interface HistoryDeps extends WorkflowsDeps {
  readonly history: HistoryStore
  readonly artifacts: Artifacts
  /** Gives a new run what stands in the folder of another one; nothing, when it has none. */
  readonly copyFolder: (from: string, to: string) => Promise<void>
}

/** What the parts of the service share. */
export interface HistoryParts {
  readonly deps: HistoryDeps
  readonly cache: DefinitionCache
  readonly reader: RunReader
}
