import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { isDeeperThan } from './json-depth.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0

test.prop([fc.jsonValue(), fc.nat(6)])(
  'is as deep as the value that the text stands for',
  (value, limit) => {
    expect(isDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit)
  },
)

test('brackets in strings do not count', () => {
  expect(isDeeperThan('{"[[[[": "\\"[[[{{{"}', 1)).toBe(false)
  expect(isDeeperThan('['.repeat(1_000_000), 100)).toBe(true)
})
