import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { compress } from './compress.ts'

const words = (text: string): number => text.split(/\s+/).filter(Boolean).length
const passages = [
  { id: 'a', text: 'The kettle boils in three minutes.' },
  { id: 'b', text: 'Roof temperatures fell by nine degrees under the coating.' },
  { id: 'c', text: 'That held on every clear afternoon.' },
  { id: 'd', text: 'Lunch was served at noon.' },
  { id: 'e', text: 'Never share the key.', isPinned: true },
]

describe('compression', () => {
  test('keeps what speaks to the query, its neighbour, and what is pinned', () => {
    const { kept, tokensBefore, tokensAfter } = compress(passages, {
      query: 'roof temperature on clear afternoons',
      maxTokens: 19,
      countTokens: words,
    })
    expect(kept.map(({ id }) => id)).toEqual(['b', 'c', 'e'])
    expect([tokensBefore, tokensAfter]).toEqual([30, 19])
  })

  test('leaves a context alone that fits', () => {
    expect(compress(passages, { query: 'x', maxTokens: 30, countTokens: words }).kept).toBe(
      passages,
    )
  })

  test('keeps pinned passages beyond the budget, and nothing else then', () => {
    expect(
      compress(passages, { query: 'roof', maxTokens: 1, countTokens: words }).kept.map(
        ({ id }) => id,
      ),
    ).toEqual(['e'])
  })

  test.prop([
    fc.array(fc.record({ text: fc.lorem({ maxCount: 12 }), isPinned: fc.boolean() }), {
      maxLength: 30,
    }),
    fc.lorem({ maxCount: 3 }),
    fc.nat(80),
  ])('keeps order, text and budget', (given, query, maxTokens) => {
    const list = given.map((each, index) => ({ id: `p${index}`, ...each }))
    const { kept, tokensAfter } = compress(list, { query, maxTokens, countTokens: words })
    expect(kept).toEqual(list.filter((each) => kept.includes(each)))
    for (const each of list) if (each.isPinned) expect(kept).toContain(each)
    const pinned = list
      .filter(({ isPinned }) => isPinned)
      .reduce((total, { text }) => total + words(text), 0)
    expect(tokensAfter).toBeLessThanOrEqual(Math.max(maxTokens, pinned))
  })
})
