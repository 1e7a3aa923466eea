import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS } from '../../../language/testing.ts'

import { classify } from './classify.ts'

const examples = [
  { label: 'billing', text: 'I was charged twice, please refund my card' },
  { label: 'billing', text: 'The invoice shows the wrong amount' },
  { label: 'technical', text: 'The app crashes when I open the settings' },
  { label: 'technical', text: 'Login fails with an error after the update' },
  { label: 'technical', text: 'The screen stays black after an update of the app' },
]

describe('classification', () => {
  test.each([
    ['My card was charged a wrong amount', 'billing'],
    ['An error appears and the app crashes', 'technical'],
  ])('%s is %s', (text, label) => {
    const result = classify({ text, examples })
    expect(result.label).toBe(label)
    expect(result.reason).toContain(label)
  })

  test('names no label when nothing in the examples speaks for one', () => {
    expect(classify({ text: 'Bananas ripen in autumn', examples }).label).toBeNull()
    expect(classify({ text: '', examples }).label).toBeNull()
    expect(classify({ text: 'anything', examples: [] })).toMatchObject({ label: null, scores: {} })
  })

  test('names no label when the examples speak for two alike', () => {
    const even = [
      { label: 'a', text: 'red green' },
      { label: 'b', text: 'red blue' },
    ]
    expect(classify({ text: 'red', examples: even }).label).toBeNull()
  })

  test('is not swayed by the number of examples', () => {
    const many = [
      ...examples,
      ...Array.from({ length: 50 }, () => ({ label: 'technical', text: 'app error' })),
    ]
    expect(classify({ text: 'refund my card', examples: many }).label).toBe('billing')
  })

  test.prop([
    fc.lorem(),
    fc.array(fc.record({ text: fc.lorem(), label: fc.constantFrom('x', 'y', 'z') }), {
      minLength: 1,
    }),
  ])('gives probabilities that add to one, alike each time', (text, given) => {
    const result = classify({ text, examples: given })
    const total = Object.values(result.scores).reduce((sum, score) => sum + score, 0)
    expect(total).toBeCloseTo(1, 9)
    expect(classify({ text, examples: given })).toEqual(result)
  })

  test.each(DEGENERATE)('of %s comes quickly and names no label', (_, build) => {
    const text = build()
    const start = performance.now()
    expect(classify({ text, examples }).label).toBeNull()
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})
