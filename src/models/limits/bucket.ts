import type { EpochMs } from '../../kernel/clock.ts'

const MINUTE_MS = 60_000

/** A token bucket: it holds at most a minute's worth and refills evenly. */
export interface Bucket {
  /** Size of the bucket, and how much flows in per minute. */
  readonly perMinute: number
  /** What was in it at `atMs`; below zero when a call used more than it had reserved. */
  readonly level: number
  readonly atMs: EpochMs
}

/** A full bucket. */
export function fullBucket(perMinute: number, nowMs: EpochMs): Bucket {
  return { perMinute, level: perMinute, atMs: nowMs }
}

/** The bucket as it stands at `nowMs`; a clock that stepped back adds nothing. */
export function refillBucket(bucket: Bucket, nowMs: EpochMs): Bucket {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  const level = bucket.level + (elapsedMs * bucket.perMinute) / MINUTE_MS
  return { ...bucket, level: Math.min(bucket.perMinute, level), atMs: nowMs }
}

/**
 * Milliseconds until `amount` can be taken; 0 when it can be taken now.
 *
 * @remarks An amount above the bucket's size waits for a full bucket, else it would wait for ever.
 */
export function bucketWaitMs(bucket: Bucket, amount: number): number {
  const lacking = Math.min(amount, bucket.perMinute) - bucket.level
  return lacking <= 0 ? 0 : Math.ceil((lacking * MINUTE_MS) / bucket.perMinute)
}

/** The bucket after `amount` was taken, or given back when negative. */
export function takeFromBucket(bucket: Bucket, amount: number): Bucket {
  return { ...bucket, level: Math.min(bucket.perMinute, bucket.level - amount) }
}
