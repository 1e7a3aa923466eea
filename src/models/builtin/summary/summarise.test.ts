import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'

import { summarise } from './summarise.ts'

const REPORT = [
  'The river Aare carried more water in May than in any year before.',
  'Snow melt in the high valleys was the main source of the water.',
  'The café by the bridge was closed on Monday.',
  'Water levels of the river rose by two metres within a week.',
  'Within a week the water levels of the river rose by two metres.',
  'Engineers opened the gates of the dam to let the water of the river pass.',
].join(' ')

describe('summaries', () => {
  test('keep the order of the document and the limit', () => {
    const summary = summarise({ text: REPORT, maxSentences: 3 })
    expect(summary).toHaveLength(3)
    expect(summary.map((s) => s.start)).toEqual(
      summary.map((s) => s.start).toSorted((a, b) => a - b),
    )
  })

  test('say nothing twice and leave out what is beside the point', () => {
    const quotes = summarise({ text: REPORT, maxSentences: 6 }).map((s) => s.quote)
    expect(quotes.filter((quote) => quote.includes('two metres'))).toHaveLength(1)
    expect(
      summarise({ text: REPORT, maxSentences: 3 })
        .map((s) => s.quote)
        .join(),
    ).not.toContain('café')
  })

  test('follow a query', () => {
    expect(
      summarise({ text: REPORT, maxSentences: 1, query: 'Who opened the gates of the dam?' }),
    ).toMatchObject([{ quote: expect.stringContaining('Engineers') }])
    expect(summarise({ text: REPORT, query: 'zebra' })).toEqual([])
  })

  test.prop([fc.integer({ min: 1, max: 120 })])('stay within the tokens', (maxTokens) => {
    const summary = summarise({ text: REPORT, maxTokens })
    const used = summary.reduce((sum, { quote }) => sum + Math.ceil(quote.length / 4), 0)
    expect(used).toBeLessThanOrEqual(maxTokens)
  })

  test('leave code and tables out', () => {
    const text =
      '```\nconst river = water + water\n```\n\n| river | water |\n|---|---|\n| a b c | d e f |\n'
    expect(summarise({ text })).toEqual([])
  })

  test.prop([anyReport, fc.option(fc.constant('effect of summer'), { nil: undefined })])(
    'stand verbatim in the text, alike each time',
    (text, query) => {
      const ask = () => summarise({ text, ...(query === undefined ? {} : { query }) })
      for (const { quote, start, end } of ask()) expect(text.slice(start, end)).toBe(quote)
      expect(ask()).toEqual(ask())
    },
  )

  test.each(DEGENERATE)('of %s are empty, and quickly so', (_, build) => {
    const text = build()
    const start = performance.now()
    expect(summarise({ text })).toEqual([])
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})
