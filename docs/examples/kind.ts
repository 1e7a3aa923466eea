import { z } from 'zod'

import { defineStepKind } from '../../src/index.ts'

/** `dice`: throws dice; the key of the step makes every try throw the same. */
export const dice = defineStepKind({
  name: 'dice',
  summary: 'Throws dice and gives what they show.',
  with: z.strictObject({ count: z.int().min(1).max(100).default(2) }),
  gives: z.array(z.int()),
  run: async ({ count }, { idempotencyKey }) => ({
    output: Array.from({ length: count }, (_, at) => 1 + (hash(`${idempotencyKey}/${at}`) % 6)),
  }),
})

function hash(text: string): number {
  let sum = 0
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 2_147_483_647
  return sum
}
