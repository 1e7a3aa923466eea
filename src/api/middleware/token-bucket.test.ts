import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createManualClock } from '../../kernel/testing.ts'

import { createTokenBuckets } from './token-bucket.ts'

describe('a token bucket', () => {
  test('lets a burst through, and then as many as come in', () => {
    const clock = createManualClock()
    const take = createTokenBuckets(clock, { perSecond: 2, burst: 3 })
    expect([take('a'), take('a'), take('a'), take('a')]).toEqual([
      undefined,
      undefined,
      undefined,
      500,
    ])
    expect(take('b')).toBeUndefined()
    clock.advance(499)
    expect(take('a')).toBe(1)
    clock.advance(1)
    expect([take('a'), take('a')]).toEqual([undefined, 500])
  })

  test.prop([
    fc.array(fc.nat(2_000), { maxLength: 200 }),
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 1, max: 20 }),
  ])(
    'never lets more through than the burst and what came in since the start',
    (waits, perSecond, burst) => {
      const clock = createManualClock()
      const take = createTokenBuckets(clock, { perSecond, burst })
      let [passed, elapsedMs] = [0, 0]
      for (const wait of waits) {
        clock.advance(wait)
        elapsedMs += wait
        if (take('a') === undefined) passed += 1
        expect(passed).toBeLessThanOrEqual(burst + (elapsedMs * perSecond) / 1_000 + 1e-6)
      }
    },
  )

  test.prop([fc.integer({ min: 1, max: 50 })])(
    'who waits as long as it says is let through',
    (perSecond) => {
      const clock = createManualClock()
      const take = createTokenBuckets(clock, { perSecond, burst: 1 })
      take('a')
      clock.advance(take('a') ?? Number.NaN)
      expect(take('a')).toBeUndefined()
    },
  )

  test('forgets names that are full again rather than growing', () => {
    const clock = createManualClock()
    const take = createTokenBuckets(clock, { perSecond: 1, burst: 1 })
    for (let n = 0; n < 10_000; n++) take(`name ${n}`)
    clock.advance(1_000)
    expect(take('new')).toBeUndefined()
    expect(take('name 1')).toBeUndefined()
  })
})
