import { type Clock, type EpochMs, sleep } from '../../kernel/clock.ts'
import { idFloor } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'

/** Runs that are pruned together. */
export interface PruneBatch {
  /** Only runs with ids behind this one. */
  readonly after: string
  /** Only runs with ids before this one. */
  readonly below: string
  readonly endedBefore: EpochMs
  /** @defaultValue every tenant */
  readonly tenant: string | undefined
  readonly limit: number
}

/** What was removed, or would be. */
export interface PrunedSize {
  readonly runs: number
  readonly events: number
  /** Of the events, without their indexes. */
  readonly bytes: number
  /** The last of the runs. */
  readonly last?: string
}

/** What retention asks of the database. */
export interface RetentionStore {
  /** What {@link prune} would remove. */
  measure(batch: PruneBatch): Promise<PrunedSize>
  /**
   * Removes ended runs with everything of theirs.
   *
   * @remarks Crash: each run is there whole, or gone.
   * @returns `undefined` when another process prunes.
   */
  prune(batch: PruneBatch): Promise<PrunedSize | undefined>
  /** Removes the text that steps of ended runs have shown, of some runs at a time. */
  dropTexts(
    endedBefore: EpochMs,
    isDryRun: boolean,
  ): Promise<{ readonly texts: number; readonly bytes: number }>
  /** Removes artifacts that nothing has referred to for a day, some of them at a time. */
  sweep(isDryRun: boolean): Promise<{ readonly artifacts: number; readonly bytes: number }>
}

/** What is asked of {@link prune}. */
export interface PruneRequest {
  readonly endedBefore: EpochMs
  /** The text that steps have shown goes when their run ended before. */
  readonly textBefore: EpochMs
  readonly isDryRun: boolean
  readonly signal?: AbortSignal
}

/** What pruning has removed. */
export interface PruneReport {
  readonly runs: number
  readonly events: number
  readonly eventBytes: number
  readonly artifacts: number
  readonly artifactBytes: number
  /** Runs whose text was removed. */
  readonly texts: number
  readonly textBytes: number
  /** Whether another process was pruning, so that this one has left the rest to it. */
  readonly isBusy: boolean
}

interface RetentionDeps {
  readonly store: RetentionStore
  readonly clock: Clock
}

/** Runs removed in one transaction. */
const BATCH = 100
/** Rest between two transactions, milliseconds: others come first. */
const REST_MS = 50

/**
 * Removes runs that ended before a time, the oldest first, and artifacts that nothing refers to.
 *
 * @remarks Artifacts come first: those of runs that go now are removed by a later call, when
 * whoever has just copied a reference to one of them has long recorded it.
 */
export async function prune(
  { store, clock }: RetentionDeps,
  { endedBefore, textBefore, isDryRun, signal }: PruneRequest,
): Promise<PruneReport> {
  const { artifacts, bytes: artifactBytes } = await store.sweep(isDryRun)
  const { texts, bytes: textBytes } = await dropTexts({ store, clock }, textBefore, isDryRun)
  const below = idFloor('run', endedBefore)
  const from = { below, endedBefore, tenant: undefined }
  const swept = { artifacts, artifactBytes, texts, textBytes }
  if (isDryRun) {
    const whole = { ...from, after: '', limit: Number.MAX_SAFE_INTEGER }
    const { runs, events, bytes } = await store.measure(whole)
    return { ...swept, runs, events, eventBytes: bytes, isBusy: false }
  }
  const sum = { ...swept, runs: 0, events: 0, eventBytes: 0 }
  let after = ''
  while (!isAborted(signal)) {
    const size = await store.prune({ ...from, after, limit: BATCH })
    if (size === undefined) return { ...sum, isBusy: true }
    sum.runs += size.runs
    sum.events += size.events
    sum.eventBytes += size.bytes
    if (size.runs === 0) break
    // A child goes after its parent, and so in another pass.
    after = size.runs < BATCH ? '' : (size.last ?? '')
    await sleep(clock, REST_MS)
  }
  return { ...sum, isBusy: false }
}

/** Removes text until there is no more of it that is old enough. */
async function dropTexts(
  { store, clock }: RetentionDeps,
  endedBefore: EpochMs,
  isDryRun: boolean,
): Promise<{ readonly texts: number; readonly bytes: number }> {
  const sum = { texts: 0, bytes: 0 }
  for (;;) {
    const { texts, bytes } = await store.dropTexts(endedBefore, isDryRun)
    sum.texts += texts
    sum.bytes += bytes
    if (isDryRun || texts === 0) return sum
    await sleep(clock, REST_MS)
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

interface PrunerDeps extends RetentionDeps {
  readonly log: Log
  /** How long ended runs are kept, milliseconds; absent: for ever. */
  readonly keepMs: number | undefined
  /** How long the text of their steps is kept, milliseconds. */
  readonly keepTextMs: number
}

/** Time between two rounds of the pruner, milliseconds. */
const EVERY_MS = 3_600_000

/** Prunes every hour, for as long as the process works; the returned function ends that. */
export function startPruner({
  store,
  clock,
  log,
  keepMs,
  keepTextMs,
}: PrunerDeps): () => Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  let cancel: (() => void) | undefined
  let round: Promise<void> = Promise.resolve()
  const turn = async (): Promise<void> => {
    try {
      const now = clock.now()
      const endedBefore = keepMs === undefined ? 0 : now - keepMs
      const request = { endedBefore, textBefore: now - keepTextMs, isDryRun: false, signal }
      const done = await prune({ store, clock }, request)
      if (done.runs + done.artifacts + done.texts > 0) log.info('retention.pruned', { ...done })
    } catch (fault) {
      // The database may be away for a while; the next round goes on.
      log.error('retention.failed', fault)
    }
    arm()
  }
  const arm = (): void => {
    if (signal.aborted) return
    cancel = clock.after(EVERY_MS, () => void (round = turn()))
  }
  arm()
  return async () => {
    stop.abort()
    cancel?.()
    await round
  }
}
