/** The latest snapshot of a run, as far as the next one depends on it. */
export interface LastSnapshot {
  /** Events folded into it; 0 when there is none. */
  readonly version: number
  readonly bytes: number
}

/** Bytes of snapshots written per event at most, in the long run. */
const BYTES_PER_EVENT = 256

/**
 * Whether a run of `version` events is due for a snapshot.
 *
 * @remarks At least `every` events lie between two. A large state waits longer, so that what is
 * written grows with the history and not with its square.
 */
export function isSnapshotDue(
  { version: last, bytes }: LastSnapshot,
  version: number,
  every: number,
): boolean {
  const since = version - last
  return since >= every && since * BYTES_PER_EVENT >= bytes
}
