import { describe, expect, test } from 'vitest'

import score from '../examples/literature-digest/score.mjs'

const DOC = 'a.md'
const TEXT = 'Roofs were 21 °C cooler. We thank the town. Trees cut noon heat by 3 °C.'
const OTHER = 'b.md'
const OTHER_TEXT = 'Roofs were 2 °C cooler. Nothing else was seen.'

const KEY = {
  claims: [
    { id: 'c1', doc: DOC, quote: 'Roofs were 21 °C cooler.' },
    { id: 'c2', doc: DOC, quote: 'Trees cut noon heat by 3 °C.' },
    { id: 'c3', doc: OTHER, quote: 'Roofs were 2 °C cooler.' },
  ],
  agreements: [],
  contradictions: [{ id: 'x1', claims: ['c1', 'c3'] }],
  unsupported: [{ claim: 'c2' }],
}
const DOCUMENTS = [
  { doc: DOC, text: TEXT },
  { doc: OTHER, text: OTHER_TEXT },
]

interface Found {
  readonly id: string
  readonly doc: string
  readonly start: number
  readonly end: number
}

const span = (id: string, doc: string, quote: string): Found => {
  const start = (doc === DOC ? TEXT : OTHER_TEXT).indexOf(quote)
  return { id, doc, start, end: start + quote.length }
}
const scored = (claims: readonly Found[], ...pair: readonly string[]): ReturnType<typeof score> =>
  score({
    key: KEY,
    documents: DOCUMENTS,
    claims,
    relations: {
      agreements: pair.length === 0 ? [] : [{ claims: pair }],
      contradictions: pair.length === 0 ? [] : [{ claims: pair }],
      unsupported: pair.slice(0, 1).map((claim) => ({ claim })),
    },
  })

const NOTHING_RIGHT = expect.objectContaining({ precision: 0, recall: 0, right: 0 })
const ZERO = {
  claims: NOTHING_RIGHT,
  agreements: NOTHING_RIGHT,
  contradictions: NOTHING_RIGHT,
  unsupported: NOTHING_RIGHT,
}

describe('the score of a digest', () => {
  test('is full when all is found, and part when some of it is', () => {
    const all = [
      span('1', DOC, 'Roofs were 21 °C cooler.'),
      span('2', DOC, 'Trees cut noon heat by 3 °C.'),
      span('3', OTHER, 'Roofs were 2 °C cooler.'),
    ]
    const { claims, contradictions, agreements, unsupported } = scored(all, '1', '3')
    expect(claims).toMatchObject({ precision: 1, recall: 1, missed: [], wrong: [] })
    expect(contradictions).toMatchObject({ precision: 1, recall: 1 })
    expect(agreements).toMatchObject({ precision: 0, found: 1, expected: 0 })
    expect(unsupported).toMatchObject({ precision: 0, missed: ['c2'], wrong: [0] })
    const some = [...all.slice(0, 1), span('4', DOC, 'We thank the town.')]
    expect(scored(some).claims).toMatchObject({ precision: 0.5, recall: 0.333, wrong: [1] })
  })

  test('takes a quote that is a little shorter or longer than the key’s', () => {
    const near = [
      span('1', DOC, 'Roofs were 21 °C'),
      span('2', DOC, 'town. Trees cut noon heat by 3 °C.'),
    ]
    expect(scored(near).claims).toMatchObject({ precision: 1, recall: 0.667 })
  })

  test('is zero when nothing is found', () => {
    expect(scored([])).toMatchObject({ ...ZERO, distractorsTaken: 0 })
  })

  test('is zero when whole documents are taken for claims', () => {
    expect(scored([span('1', DOC, TEXT), span('3', OTHER, OTHER_TEXT)], '1', '3')).toMatchObject(
      ZERO,
    )
  })

  test('is zero when letters are taken for claims', () => {
    expect(scored([span('1', DOC, 'R'), span('3', OTHER, 'R')], '1', '3')).toMatchObject(ZERO)
  })

  test('is zero when claims are related that were never found', () => {
    expect(scored([], 'c1', 'c3')).toMatchObject(ZERO)
  })
})
