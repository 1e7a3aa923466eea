import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createManualClock } from '../../kernel/testing.ts'

import { bucketWaitMs, fullBucket, refillBucket, takeFromBucket } from './bucket.ts'
import { createRateLimiter, type Lease } from './rate-limiter.ts'

const never = new AbortController().signal
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a bucket', () => {
  const steps = fc.array(
    fc.record({ afterMs: fc.nat(60_000), amount: fc.integer({ min: 1, max: 40 }) }),
  )

  test.prop([fc.integer({ min: 1, max: 100 }), steps])(
    'grants in any stretch of time at most its size and what flowed in',
    (perMinute, calls) => {
      let bucket = fullBucket(perMinute, 0)
      let nowMs = 0
      const granted: { atMs: number; amount: number }[] = []
      for (const { afterMs, amount } of calls) {
        nowMs += afterMs
        bucket = refillBucket(bucket, nowMs)
        const asked = Math.min(amount, perMinute)
        if (bucketWaitMs(bucket, asked) > 0) continue
        bucket = takeFromBucket(bucket, asked)
        granted.push({ atMs: nowMs, amount: asked })
      }
      granted.forEach(({ atMs: fromMs }, first) => {
        granted.slice(first).reduce((sum, { atMs, amount }) => {
          const allowed = perMinute + ((atMs - fromMs) * perMinute) / 60_000
          expect(sum + amount).toBeLessThanOrEqual(allowed + 1e-6)
          return sum + amount
        }, 0)
      })
    },
  )

  test('waits just long enough', () => {
    const empty = takeFromBucket(fullBucket(60, 0), 60)
    expect(bucketWaitMs(empty, 1)).toBe(1_000)
    expect(bucketWaitMs(refillBucket(empty, 1_000), 1)).toBe(0)
    expect(bucketWaitMs(empty, 1_000)).toBe(60_000)
    expect(refillBucket(empty, -5_000).level).toBe(0)
  })
})

describe('a rate limiter', () => {
  test('runs at most so many calls at once, in the order they came', async () => {
    const limiter = createRateLimiter(createManualClock(), { maxConcurrent: 2 })
    const started: number[] = []
    const leases = [0, 1, 2, 3].map(async (call) => {
      const lease = await limiter.acquire(1, never)
      started.push(call)
      return lease
    })
    await settle()
    expect([started, limiter.queued]).toEqual([[0, 1], 2])
    const first = await leases[0]
    first?.release()
    first?.release()
    await settle()
    expect([started, limiter.queued]).toEqual([[0, 1, 2], 1])
  })

  test('spaces requests once the minute’s share is used', async () => {
    const clock = createManualClock()
    const limiter = createRateLimiter(clock, { requestsPerMinute: 2 })
    const started: number[] = []
    const take = (): Promise<void> =>
      limiter.acquire(1, never).then(() => void started.push(clock.now() - 1_700_000_000_000))
    void Promise.all([take(), take(), take(), take()])
    await settle()
    clock.advance(30_000)
    await settle()
    clock.advance(30_000)
    await settle()
    expect(started).toEqual([0, 0, 30_000, 60_000])
  })

  test('reserves tokens and corrects the reservation by what was used', async () => {
    const clock = createManualClock()
    const limiter = createRateLimiter(clock, { tokensPerMinute: 1_000 })
    const first = await limiter.acquire(900, never)
    first?.release(100)
    const second = limiter.acquire(900, never)
    await settle()
    expect(limiter.queued).toBe(0)
    ;(await second)?.release(1_500)
    const third = limiter.acquire(1, never)
    await settle()
    expect(limiter.queued).toBe(1)
    clock.advance(60_000)
    expect(await third).toBeDefined()
  })

  test('lets a call that is larger than the minute’s share start from a full bucket', async () => {
    const limiter = createRateLimiter(createManualClock(), { tokensPerMinute: 100 })
    expect(await limiter.acquire(5_000, never)).toBeDefined()
  })

  test('refuses beyond its queue, and an aborted wait leaves it', async () => {
    const limiter = createRateLimiter(createManualClock(), { maxConcurrent: 1, maxQueue: 1 })
    await limiter.acquire(1, never)
    const controller = new AbortController()
    const waiting = limiter.acquire(1, controller.signal)
    expect(await limiter.acquire(1, never)).toBeUndefined()
    controller.abort(new Error('changed my mind'))
    await expect(waiting).rejects.toThrow('changed my mind')
    expect(limiter.queued).toBe(0)
    await expect(limiter.acquire(1, controller.signal)).rejects.toThrow('changed my mind')
  })

  test('starts nothing while the provider wants a pause', async () => {
    const clock = createManualClock()
    const limiter = createRateLimiter(clock)
    limiter.coolDown(clock.now() + 5_000)
    let lease: Lease | undefined
    void limiter.acquire(1, never).then((got) => (lease = got))
    clock.advance(4_999)
    await settle()
    expect(lease).toBeUndefined()
    clock.advance(1)
    await settle()
    expect(lease).toBeDefined()
  })
})
