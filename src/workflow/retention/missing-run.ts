import { idTimeMs } from '../../kernel/ids.ts'
import { PrunedRunError, UnknownRunError } from '../errors.ts'
import type { RunStore } from '../host/run-store.ts'

/** Why there is no such run: it never was, or it is so old that it was pruned. */
export async function missingRun(
  store: Pick<RunStore, 'prunedBefore'>,
  tenant: string,
  run: string,
): Promise<PrunedRunError | UnknownRunError> {
  const madeAt = idTimeMs(run)
  const isOld = madeAt !== undefined && madeAt < (await store.prunedBefore(tenant))
  return isOld ? new PrunedRunError(run) : new UnknownRunError(run)
}
