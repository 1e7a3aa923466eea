import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { backoffMs, newIdempotencyKey, pause, randomShare } from './timing.ts'

test.prop([
  fc.integer({ min: 1, max: 40 }),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
])('waits grow to their limit and are never nothing', (attempt, share) => {
  const backoff = { initialMs: 100, maxMs: 2_000 }
  const longest = Math.min(2_000, 100 * 2 ** (attempt - 1))
  expect(backoffMs(backoff, attempt, share)).toBeLessThanOrEqual(longest)
  expect(backoffMs(backoff, attempt, share)).toBeGreaterThanOrEqual(longest / 10)
})

test('keys of requests are new each time, and fit the server', () => {
  const keys = new Set(Array.from({ length: 1_000 }, newIdempotencyKey))
  expect(keys.size).toBe(1_000)
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/)
  expect(randomShare()).toBeLessThan(1)
})

test('a wait ends with its signal', async () => {
  await pause(0)
  await expect(pause(60_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  const leave = new AbortController()
  const waiting = pause(60_000, leave.signal)
  leave.abort(new Error('during'))
  await expect(waiting).rejects.toThrow('during')
})
