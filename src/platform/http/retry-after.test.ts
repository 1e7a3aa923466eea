import { expect, test } from 'vitest'

import { retryAfterMs } from './retry-after.ts'

const NOW = 784_111_777_000 // Sun, 06 Nov 1994 08:49:37 GMT

test.each([
  [undefined, 0],
  ['', 0],
  ['0', 0],
  ['120', 120_000],
  [' 3 ', 3_000],
  ['999999999', 86_400_000],
  ['1.5', 0],
  ['-1', 0],
  ['Sun, 06 Nov 1994 08:49:40 GMT', 3_000],
  ['Sunday, 06-Nov-94 08:49:40 GMT', 3_000],
  ['Sun, 06 Nov 1994 08:49:30 GMT', 0],
  ['Sun, 06 Nov 2094 08:49:30 GMT', 86_400_000],
  ['Sun Nov  6 08:49:40 1994', 0],
  ['Sun, 99 Foo 1994 08:49:40 GMT', 0],
  ['2094', 2_094_000],
  ['soon', 0],
])('Retry-After %j asks for %i ms', (header, waitMs) => {
  expect(retryAfterMs(header, NOW)).toBe(waitMs)
})
