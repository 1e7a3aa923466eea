import type { EpochMs } from '../kernel/clock.ts'

/** A version as far as it matters for how long it is kept. */
export interface KeptVersion {
  readonly version: number
  readonly at: EpochMs
  readonly isTagged: boolean
  /** Runs that are pinned to it. */
  readonly runs: number
}

/** Which versions are kept beside those that must be. */
export interface RetentionPolicy {
  /** The newest ones. */
  readonly keep?: number | undefined
  /** Younger ones, milliseconds. */
  readonly olderThanMs?: number | undefined
}

/**
 * The versions that may go: beyond the newest `keep`, and older than `olderThanMs`, as far as each
 * is given.
 *
 * @remarks Never the newest one, one that has a tag, or one that a run is pinned to.
 */
export function decidePrune(
  versions: readonly KeptVersion[],
  { keep = 1, olderThanMs = 0 }: RetentionPolicy,
  now: EpochMs,
): readonly number[] {
  return versions
    .toSorted((a, b) => b.version - a.version)
    .slice(Math.max(1, keep))
    .filter(({ at, isTagged, runs }) => !isTagged && runs === 0 && now - at >= olderThanMs)
    .map(({ version }) => version)
}
