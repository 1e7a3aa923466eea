import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { decode, encode } from './wire.ts'

const text = fc.oneof(
  fc.string(),
  fc.string().map((rest) => `\u0000n${rest}`),
  fc.string().map((rest) => `\u0000s${rest}`),
)
const value = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.bigInt(),
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node

test.prop([value])(
  'what is written is read again, amounts as amounts and texts as texts',
  (given) => {
    expect(decode(encode(given))).toEqual(given)
  },
)

test('nothing is read as nothing', () => {
  expect(decode(new Uint8Array())).toBeUndefined()
  expect(decode(encode(undefined))).toBeNull()
})
