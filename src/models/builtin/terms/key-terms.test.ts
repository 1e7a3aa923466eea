import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { stem } from '../../../language/index.ts'
import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'

import { keyTerms } from './key-terms.ts'

const REPORT =
  'Solar panels lose output when dust settles. Cleaning the solar panels restores output. ' +
  'A robot cleaned each solar panel twice a week. Dust was measured in milligrams. ' +
  'The dust on a solar panel and the output of the panel are related. The robot is small.'

describe('key terms', () => {
  test('are the phrases and words a text is about', () => {
    const terms = keyTerms({ text: REPORT, limit: 4 }).map(({ term }) => term.toLowerCase())
    expect(terms[0]).toMatch(/^solar panels?$/)
    expect(terms).toEqual(expect.arrayContaining(['dust', 'output']))
  })

  test('count every inflection and start at a score of one', () => {
    expect(keyTerms({ text: REPORT, limit: 1 })).toMatchObject([{ count: 4, score: 1 }])
  })

  test('hold no stop words at their ends', () => {
    const terms = keyTerms({ text: 'The state of the art of the state of the art.', limit: 9 })
    expect(terms.map(({ term }) => term)).toEqual(
      expect.not.arrayContaining(['the', 'of', 'state of']),
    )
  })

  test.prop([anyReport, fc.integer({ min: 1, max: 12 })])(
    'stand in the text, are ordered, limited, and not repeated by stem',
    (text, limit) => {
      const terms = keyTerms({ text, limit })
      const flat = text.replaceAll(/\s+/g, ' ')
      expect(terms.length).toBeLessThanOrEqual(limit)
      for (const [index, { term, score }] of terms.entries()) {
        expect(flat).toContain(term)
        expect(score).toBeLessThanOrEqual(terms[index - 1]?.score ?? 1)
      }
      const stems = terms.map(({ term }) => term.toLowerCase().split(' ').map(stem).join(' '))
      expect(new Set(stems).size).toBe(stems.length)
    },
  )

  test.each(DEGENERATE)('of %s come quickly', (_, build) => {
    const text = build()
    const start = performance.now()
    keyTerms({ text, limit: 20 })
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })

  test('of nothing are none', () => {
    expect(keyTerms({ text: '', limit: 5 })).toEqual([])
  })
})
