import { fc, test } from '@fast-check/vitest'
import { describe, expect, expectTypeOf } from 'vitest'
import { z } from 'zod'

import { microFtns, type MicroFtns, scalePpm, toMicroFtns } from './money.ts'

describe('MicroFtns', () => {
  test.prop([fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })])(
    'survives the wire',
    (amount) => {
      expect(z.decode(microFtns, z.encode(microFtns, toMicroFtns(amount)))).toBe(amount)
    },
  )

  test.each(['9223372036854775808', '1.5', 'NaN', '', '1e3'])('refuses %j on the wire', (text) => {
    expect(microFtns.safeDecode(text).success).toBe(false)
  })

  test('is not a bare bigint', () => {
    expectTypeOf<bigint>().not.toExtend<MicroFtns>()
  })
})

test.each([
  [5n, 500_000n, 2n],
  [15n, 500_000n, 8n],
  [-5n, 500_000n, -2n],
  [7n, 1_500_000n, 10n],
])('scalePpm(%s, %s) rounds half to even', (amount, rate, expected) => {
  expect(scalePpm(toMicroFtns(amount), rate)).toBe(expected)
})
