import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { anyReport } from '../testing.ts'

import { languageOf, stopWords } from './stop-words.ts'
import { canonical, deniedStem } from './synonyms.ts'
import { createTermReader, readerFor } from './terms.ts'
import { tokenise } from './tokens.ts'

const words = (text: string): readonly string[] => tokenise(text).map((token) => token.text)

describe('tokens', () => {
  test('are words and numbers, without marks', () => {
    expect(words('Night-time PM2.5 fell by 1,240.5 (CO2), didn’t it?')).toEqual([
      'night',
      'time',
      'pm2',
      '5',
      'fell',
      'by',
      '1,240.5',
      'co2',
      "didn't",
      'it',
    ])
  })

  test('are single signs in scripts that do not separate words', () => {
    expect(words('温度が上がる')).toEqual([...'温度が上がる'])
  })

  test('compare alike whatever the width and case of their letters', () => {
    expect(words('ＡＢＣ Straße ﬁne')).toEqual(['abc', 'straße', 'fine'])
  })

  test.prop([fc.oneof(anyReport, fc.string({ unit: 'binary' }))])(
    'stand in the text in order',
    (text) => {
      let end = 0
      for (const token of tokenise(text)) {
        expect(token.start).toBeGreaterThanOrEqual(end)
        expect(token.end).toBeGreaterThan(token.start)
        end = token.end
      }
      expect(end).toBeLessThanOrEqual(text.length)
    },
  )
})

describe('languages', () => {
  test.each([
    ['en', 'The roof of the house was painted and it is now white'],
    ['de', 'Das Dach des Hauses wurde gestrichen und ist nun weiß'],
    ['fr', 'Le toit de la maison a été peint et il est blanc'],
    ['es', 'El techo de la casa fue pintado y ahora es blanco'],
    ['en', 'xyzzy 42'],
  ] as const)('%s: %s', (language, text) => expect(languageOf(words(text))).toBe(language))

  test('have stop words of their own', () => {
    expect(stopWords('de').has('die')).toBe(true)
    expect(stopWords('en').has('die')).toBe(false)
  })
})

describe('terms', () => {
  test('leave out what carries no matter', () => {
    expect(createTermReader().stems('The roofs were not painted by us')).toEqual(['roof', 'paint'])
  })

  test('are not stemmed in languages other than English', () => {
    expect(readerFor('die Dächer wurden von uns gestrichen').stems('die Dächer')).toEqual([
      'dächer',
    ])
  })
})

describe('synonyms', () => {
  const reader = createTermReader()
  test.prop([
    fc.constantFrom('costs', 'expense', 'seedlings', 'sapling', 'rainfall', 'dinner', 'roof'),
  ])('have one stem that stands for all', (word) => {
    const name = canonical(reader.stemOf(word))
    expect(canonical(name)).toBe(name)
  })

  test('tell a denial from a word that only begins like one', () => {
    expect(deniedStem('unwatered')).toBe('water')
    expect(['under', 'unit', 'uncle', 'university'].map(deniedStem)).toEqual(
      Array(4).fill(undefined),
    )
  })
})
