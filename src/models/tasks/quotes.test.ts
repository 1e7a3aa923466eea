import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { countWords, createQuoteFinder } from './quotes.ts'

describe('a passage', () => {
  test.prop([fc.lorem({ mode: 'sentences', maxCount: 6 }), fc.nat(), fc.nat()])(
    'that was copied is found where it stands',
    (text, from, length) => {
      const start = from % text.length
      const quote = text.slice(start, start + 1 + (length % 80))
      const found = createQuoteFinder(text).find(quote, start)
      if (countWords(quote) === 0) expect(found).toBeUndefined()
      else expect(found).toEqual({ quote, start, end: start + quote.length })
    },
  )

  test.prop([
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  ])('is always the text’s own, whatever is asked for', (text, quote) => {
    const found = createQuoteFinder(text).find(quote)
    if (found !== undefined) expect(text.slice(found.start, found.end)).toBe(found.quote)
  })

  test('is found although spaces, quotation marks or dashes were normalised', () => {
    const text = 'He said:\n  “it’s 5–6 %\tlower”.  The end.'
    const found = createQuoteFinder(text).find('"it\'s 5-6 % lower".')
    expect(found?.quote).toBe('“it’s 5–6 %\tlower”.')
    expect(createQuoteFinder(text).find('"The end."')?.quote).toBe('The end.')
  })

  test.each(['', '...', '“ ”', 'it is 5 % lower'])('is not found for %j', (quote) => {
    expect(createQuoteFinder('it’s 5 % lower … “ ”').find(quote)).toBeUndefined()
  })

  test('is looked for elsewhere when it is not where it is said to be', () => {
    expect(createQuoteFinder('abc abc').find('abc', 4)?.start).toBe(4)
    expect(createQuoteFinder('abc abc').find('abc', 3)?.start).toBe(0)
  })
})

test('terms are counted whatever their case and spacing', () => {
  const { count } = createQuoteFinder('Soil moisture. soil\nMoisture; soil')
  expect([count('soil moisture'), count('SOIL'), count('x'), count(' ')]).toEqual([2, 3, 0, 0])
})
