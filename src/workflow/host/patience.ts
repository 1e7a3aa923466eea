import { sleep } from '../../kernel/clock.ts'
import { isDatabaseAbsence } from '../retry.ts'

import type { HostDeps } from './deps.ts'

/** First and longest wait between two looks for the database, milliseconds. */
const WAIT_MS = { first: 50, most: 2_000 } as const

/**
 * The same, but whatever is looked up or put away for a unit waits for a database that is away.
 *
 * @remarks Without it a step would fail that has nothing to do with the database. Each of these calls
 * may be made twice. A commit does not wait: what became of it is not known, so its run is read anew.
 * @param isOver - whether nobody waits any more.
 */
export function patient<Deps extends HostDeps>(deps: Deps, isOver: () => boolean): Deps {
  const { clock, store, artifacts, sealing } = deps
  const again = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    for (let waitMs: number = WAIT_MS.first; ; waitMs = Math.min(waitMs * 2, WAIT_MS.most)) {
      try {
        return await work()
      } catch (fault) {
        if (isOver() || !isDatabaseAbsence(fault)) throw fault
        await sleep(clock, waitMs)
      }
    }
  }
  return {
    ...deps,
    store: {
      ...store,
      saveDefinition: (definition) => again(() => store.saveDefinition(definition)),
      findDefinition: (hash) => again(() => store.findDefinition(hash)),
    },
    artifacts: {
      ...artifacts,
      deflate: (value) => again(() => artifacts.deflate(value)),
      inflate: (value) => again(() => artifacts.inflate(value)),
    },
    sealing: {
      seal: (tenant, about, value) => again(() => sealing.seal(tenant, about, value)),
      open: (tenant, about, sealed) => again(() => sealing.open(tenant, about, sealed)),
    },
    secrets: (tenant, name) => again(async () => deps.secrets(tenant, name)),
  }
}
