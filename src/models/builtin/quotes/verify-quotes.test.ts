import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { verifyQuotes } from './verify-quotes.ts'

const documents = [{ doc: 'a', text: 'The river\n  rose by two\tmetres. It fell again.' }]
const check = (quote: string, doc = 'a') => verifyQuotes({ quotes: [{ doc, quote }], documents })[0]

describe('quotes', () => {
  test('stand in their source whatever the white space', () => {
    expect(check('river rose by two metres.')).toMatchObject({
      isVerbatim: true,
      start: 4,
      end: 31,
    })
    expect(check(' The   river ')).toMatchObject({ isVerbatim: true, start: 0, end: 9 })
  })

  test.each([
    ['The river rose by three metres.', 'a', 'not found'],
    ['the river', 'a', 'not found'],
    ['The river', 'b', 'unknown document'],
    ['  ', 'a', 'empty quote'],
  ])('%j of %s: %s', (quote, doc, reason) =>
    expect(check(quote, doc)).toMatchObject({ isVerbatim: false, reason }),
  )

  test.prop([fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(80), fc.nat(80)])(
    'cut from a text are found in it',
    (text, a, b) => {
      const quote = text.slice(Math.min(a, b), Math.max(a, b))
      const [result] = verifyQuotes({
        quotes: [{ doc: 'd', quote }],
        documents: [{ doc: 'd', text }],
      })
      if (quote.trim() === '') return
      const squeezed = (value: string): string => value.replaceAll(/\s+/g, ' ').trim()
      expect(result?.isVerbatim).toBe(true)
      const found = result?.isVerbatim === true ? text.slice(result.start, result.end) : ''
      expect(squeezed(found)).toBe(squeezed(quote))
    },
  )
})
