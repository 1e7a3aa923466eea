import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createBm25Index, ranked, smoothNeighbours } from './bm25.ts'
import { centroid, cosine, createTfidfSpace } from './tfidf.ts'

const term = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const passages = fc.array(fc.array(term, { maxLength: 8 }), { maxLength: 8 })

describe('BM25', () => {
  test('gives the value worked out by hand', () => {
    const index = createBm25Index([
      ['a', 'b'],
      ['b', 'b', 'c', 'd'],
    ])
    // idf(a) = ln(1 + 1.5 / 1.5); length norm of a passage of 2 at a mean of 3 is 0.75.
    expect(index.scores(['a'])[0]).toBeCloseTo((Math.log(2) * 2.2) / (1 + 1.2 * 0.75), 10)
    expect(index.scores(['a'])[1]).toBe(0)
  })

  test('prefers the passage with the rarer term', () => {
    const index = createBm25Index([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'd'],
      ['a', 'b'],
    ])
    expect(ranked(index.scores(['c', 'b']))[0]).toBe(1)
  })

  test.prop([passages, fc.array(term)])(
    'is positive exactly where a term occurs',
    (texts, query) => {
      const index = createBm25Index(texts)
      for (const [position, score] of index.scores(query).entries()) {
        expect(score > 0).toBe(texts[position]?.some((word) => query.includes(word)))
      }
    },
  )

  test.prop([passages, fc.array(term)])(
    'does not depend on the order of the query',
    (texts, query) => {
      const index = createBm25Index(texts)
      const straight = [...index.scores(query)]
      for (const [position, score] of index.scores(query.toReversed()).entries()) {
        expect(score).toBeCloseTo(straight[position] ?? Number.NaN, 10)
      }
    },
  )

  test('lends a passage part of its neighbours’ scores', () => {
    expect([...smoothNeighbours(Float64Array.of(1, 0, 0, 2), 0.5)]).toEqual([1, 0.5, 1, 2])
  })
})

describe('tf-idf', () => {
  test.prop([passages, fc.array(term, { minLength: 1 })])(
    'vectors have length one',
    (texts, text) => {
      const vector = createTfidfSpace(texts).vectorOf(text)
      expect(cosine(vector, vector)).toBeCloseTo(1, 10)
    },
  )

  test('finds no likeness without a common term, and none with nothing', () => {
    const space = createTfidfSpace([['a'], ['b']])
    expect(cosine(space.vectorOf(['a']), space.vectorOf(['b']))).toBe(0)
    expect(centroid([space.vectorOf([])]).size).toBe(0)
  })
})
