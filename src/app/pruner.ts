import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { createSqlRetentionStore, startPruner } from '../workflow/index.ts'

import type { Config } from './config.ts'
import type { Stores } from './stores.ts'

interface PrunerParts {
  readonly config: Pick<Config, 'keepRunsDays' | 'keepTextHours'>
  readonly stores: Pick<Stores, 'opened'>
  readonly clock: Clock
  readonly log: Log
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Prunes in the background where a process works for everybody; the returned function ends that. */
export function openPruner(
  { config, stores, clock, log }: PrunerParts,
  { worker }: { readonly worker: 'none' | 'own' | 'all' },
): () => Promise<void> {
  const { keepRunsDays, keepTextHours } = config
  if (worker !== 'all') return async () => undefined
  const store = createSqlRetentionStore(stores.opened.database)
  const keepMs = keepRunsDays === 0 ? undefined : keepRunsDays * DAY_MS
  return startPruner({ store, clock, log, keepMs, keepTextMs: keepTextHours * HOUR_MS })
}
