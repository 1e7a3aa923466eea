import type { Clock, EpochMs } from '../../kernel/clock.ts'
import type { RateLimit } from '../deps.ts'

/** Buckets beyond this number are emptied of those that are full again. */
const MAX_BUCKETS = 10_000

/** Takes one token for `name`; how long to wait, ms, when there is none. */
export type TakeToken = (name: string) => number | undefined

/** What one request takes: thousandths of a token, so that milliseconds bring whole numbers. */
const TOKEN = 1_000

interface Bucket {
  /** Thousandths of tokens at the time `at`. */
  readonly level: number
  readonly at: EpochMs
}

/**
 * Builds a limiter: each name has a bucket of `burst` tokens that refills at `perSecond`.
 *
 * @remarks Limit: beyond 10,000 names those whose bucket is full again are dropped, which changes
 * nothing for them.
 */
export function createTokenBuckets(clock: Clock, { perSecond, burst }: RateLimit): TakeToken {
  const buckets = new Map<string, Bucket>()
  const full = burst * TOKEN
  const levelOf = ({ level, at }: Bucket, now: EpochMs): number =>
    Math.min(full, level + Math.max(0, now - at) * perSecond)
  const dropFull = (now: EpochMs): void => {
    for (const [name, bucket] of buckets) if (levelOf(bucket, now) >= full) buckets.delete(name)
  }
  return (name) => {
    const now = clock.now()
    const bucket = buckets.get(name)
    const level = bucket === undefined ? full : levelOf(bucket, now)
    if (level < TOKEN) return Math.ceil((TOKEN - level) / perSecond)
    if (bucket === undefined && buckets.size >= MAX_BUCKETS) dropFull(now)
    buckets.set(name, { level: level - TOKEN, at: now })
    return undefined
  }
}
