import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { toMicroFtns } from '../kernel/money.ts'
import type { Usage } from '../kernel/usage.ts'

import { createPricing, DEFAULT_PRICES } from './prices.ts'

const tokens = (model: string, inputTokens: number, outputTokens: number): Usage => ({
  resource: 'model_inference_tokens',
  model,
  inputTokens,
  outputTokens,
})
const pricing = createPricing({
  models: [
    {
      model: 'a:big',
      inputPerMillion: toMicroFtns(5_000_000n),
      outputPerMillion: toMicroFtns(20_000_000n),
    },
    {
      model: 'a:*',
      inputPerMillion: toMicroFtns(1_000_000n),
      outputPerMillion: toMicroFtns(2_000_000n),
    },
  ],
  cpuCoreHour: toMicroFtns(3_600_000n),
})

describe('prices', () => {
  test('the model itself, then its provider', () => {
    expect(pricing.costOf([tokens('a:big', 1_000, 100)])).toBe(7_000n)
    expect(pricing.costOf([tokens('a:small', 1_000, 100)])).toBe(1_200n)
    expect(() => pricing.costOf([tokens('b:x', 1, 1)])).toThrow(/model "b:x" has no price/)
    expect(createPricing(DEFAULT_PRICES).costOf([tokens('b:x', 1_000_000, 0)])).toBe(3_000_000n)
  })

  test('core time by the hour, rounded half to even', () => {
    expect(pricing.costOf([{ resource: 'cpu_cores', coreMs: 1_000 }])).toBe(1_000n)
    expect(createPricing(DEFAULT_PRICES).costOf([{ resource: 'cpu_cores', coreMs: 36 }])).toBe(0n)
    expect(createPricing(DEFAULT_PRICES).costOf([{ resource: 'cpu_cores', coreMs: 108 }])).toBe(2n)
  })

  test.prop([fc.nat(1e6), fc.nat(1e6), fc.nat(1e6)])(
    'never falls when more is used',
    (input, output, more) => {
      const less = pricing.costOf([tokens('a:big', input, output)])
      expect(pricing.costOf([tokens('a:big', input + more, output + more)])).toBeGreaterThanOrEqual(
        less,
      )
      expect(less).toBeGreaterThanOrEqual(0n)
    },
  )
})
