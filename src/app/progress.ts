import { createProgress, type Progress, watchPromises } from '../progress/index.ts'
import { UnknownRunError, type Workflows } from '../workflow/index.ts'

import type { Stores } from './stores.ts'
import type { Surroundings } from './surroundings.ts'

/** Progress, and what looks after promises while the process lives. */
export interface OpenProgress {
  readonly progress: Progress
  readonly stop: () => Promise<void>
}

/** What {@link openProgress} needs. */
export interface OpenProgressDeps
  extends Pick<Surroundings, 'clock' | 'log'>, Pick<Stores, 'journal' | 'progress'> {
  readonly workflows: Pick<Workflows, 'getDefinition'>
}

/** Opens progress; a process that runs steps also looks after what is promised. */
export function openProgress(
  { journal, progress: store, clock, log, workflows }: OpenProgressDeps,
  runsSteps: boolean,
): OpenProgress {
  const progress = createProgress({
    journal,
    store,
    clock,
    async definitionOf(tenant, run) {
      try {
        return await workflows.getDefinition(tenant, run)
      } catch (fault) {
        if (fault instanceof UnknownRunError) return undefined
        throw fault
      }
    },
  })
  if (!runsSteps) return { progress, stop: async () => undefined }
  return { progress, stop: watchPromises({ progress, clock, log }) }
}
