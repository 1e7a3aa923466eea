import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createSeededRandom, uniform } from '../../../kernel/random.ts'
import { type Claim, claims } from '../claims/claims.ts'

import { apartOn, conditionsOf } from './conditions.ts'
import { relate } from './relate.ts'
import type { DocumentClaim } from './statement.ts'

/** Claims of short results sections, one a document. */
function claimsOf(...texts: readonly string[]): readonly DocumentClaim[] {
  return texts.flatMap((text, index) =>
    claims({ text: `# Report\n\n## Results\n\n${text}` }).map((claim, at) => ({
      ...claim,
      id: `${index}-${at}`,
      doc: `doc ${index}`,
    })),
  )
}

const kinds = (...texts: readonly string[]) => {
  const { agreements, contradictions } = relate(claimsOf(...texts))
  return [...agreements.map(() => 'agreement'), ...contradictions.map(({ kind }) => kind)]
}

/** Sentences on other matters, so that the terms of the pair are as rare as in a real collection. */
const OTHERS = [
  'Honeybee numbers did not differ between the two kinds of orchard.',
  'Diesel prices rose by 9 per cent in the second quarter.',
  'Reading scores of girls were 4 ± 2 points higher than those of boys.',
  'Nitrate in the wells fell from 48 to 31 mg/L after the ban.',
  'Patients on the new drug slept 25 minutes longer.',
  'Bus drivers reported less stress after the change of shifts.',
  'Snow lay on the passes for 112 days, ten more than in the year before.',
  'Concrete with ash reached 92 per cent of the strength of plain concrete.',
].join(' ')

describe('claims of different documents', () => {
  test.each([
    [
      'agreement',
      'Teenagers slept 39 ± 9 minutes longer on school nights once the bell rang later.',
      'On school nights, sleep of adolescents was 42 ± 8 minutes longer after the bell was moved.',
    ],
    [
      'numeric',
      'Late arrivals of pupils fell by 34 ± 6 per cent.',
      'Late arrivals of students declined by 12 ± 4 per cent.',
    ],
    [
      'direction',
      'Ewes on clover gained 4.1 ± 0.6 kg more weight than ewes on grass.',
      'Ewes on grass gained 3.8 ± 0.7 kg more weight than ewes on clover.',
    ],
    [
      'direction',
      'The price of bread in the villages rose by 12 per cent.',
      'Bread prices in villages fell by 8 per cent.',
    ],
    [
      'effect',
      'Aphid density on shoots was 38 ± 9 per cent lower next to strips.',
      'Aphid density on shoots next to strips changed by 3 ± 11 per cent.',
    ],
    [
      'effect',
      'Watering had no effect on the survival of saplings.',
      'Watering raised the survival of saplings.',
    ],
    [
      'numeric',
      'A nurse spent fifteen minutes of a shift on cleaning her hands.',
      'To clean her hands took a nurse forty minutes of each shift.',
    ],
    [
      'direction',
      'In the night shift sales were 47 per cent, eight points higher than in the day shift.',
      'During the night shift sales were 46 per cent, while in the day shift they were 63 per cent.',
    ],
    [
      'agreement',
      'The bills of the farms went from 980 to 715 euros a year.',
      'Bills shrank by 27 per cent on the farms.',
    ],
    [
      'agreement',
      'Sheep reached the gate in 74 per cent of trials and goats in 53 per cent of trials.',
      'Goats reached the gate in fewer trials than sheep.',
    ],
    [
      'effect',
      'Bloodstream infections with resistant staphylococci were halved.',
      'Infections of the blood with resistant staphylococci did not change.',
    ],
  ])('can stand in %s', (kind, a, b) => {
    expect(kinds(`${a} ${OTHERS}`, b)).toEqual([kind])
    expect(kinds(b, `${a} ${OTHERS}`)).toEqual([kind])
  })

  test.each([
    [
      'time of day',
      'At night the streets were 0.4 °C warmer than the fields.',
      'In the afternoon the streets were 1.2 °C cooler than the fields.',
    ],
    [
      'with and without',
      'Watered trees grew 34 cm in the first year.',
      'Trees without watering grew 11 cm in the first year.',
    ],
    [
      'what is measured',
      'Strips cut aphid numbers by 35 per cent.',
      'Strips raised fruit set by 29 per cent.',
    ],
    [
      'kind of amount',
      'Panels on the roof were 4 °C cooler.',
      'Panels on the roof lasted 4 years longer.',
    ],
    [
      'reserve',
      'Bread prices in villages may have risen by 12 per cent.',
      'Bread prices in villages fell by 8 per cent.',
    ],
    [
      'what is compared with what',
      'Sales were 6 percentage points higher with a shop at the corner than with one at the door.',
      'Sales were 30 percentage points higher in the book of the clerk than in that of the baker.',
    ],
  ])('are not set against each other when they differ in %s', (_, a, b) => {
    expect(kinds(`${a} ${OTHERS}`, b)).toEqual([])
  })

  test('are not related when the document is the same', () => {
    expect(
      kinds(`Late arrivals fell by 34 per cent. Late arrivals fell by 12 per cent. ${OTHERS}`),
    ).toEqual([])
  })

  test('are grouped when they all agree, and each finding is related once', () => {
    const said =
      'Late arrivals of pupils fell by 34 ± 6 per cent. In short, late arrivals of pupils fell by a third.'
    const { agreements } = relate(claimsOf(`${said} ${OTHERS}`, said, said))
    expect(agreements.map(({ claims: ids }) => ids.length)).toContain(3)
    expect(agreements.length).toBeLessThanOrEqual(2)
    expect(agreements[0]?.topic).toContain('late')
  })
})

describe('unsupported claims', () => {
  const report = (claim: string) => `# Report

## Methods

We counted late arrivals of pupils in the registers of the school and asked families about sleep.

## Results

Late arrivals of pupils fell by 34 ± 6 per cent. ${OTHERS}

## Conclusion

Late arrivals fell by a third. ${claim}
`
  const unsupported = (claim: string) => {
    const found = claims({ text: report(claim) }).map((c, at) => ({
      ...c,
      id: String(at),
      doc: 'a',
    }))
    return relate(found).unsupported.map((one) => found.find(({ id }) => id === one.claim)?.quote)
  }

  test('assert what nothing in the document backs', () => {
    expect(unsupported('Insurance premiums drop by a tenth in such towns.')).toEqual([
      'Insurance premiums drop by a tenth in such towns.',
    ])
  })

  test.each([
    'Insurance premiums might drop by a tenth in such towns.',
    'Insurance premiums drop by a tenth in such towns (Moss, 2018).',
    'Pupils come late less often.',
  ])('are not those with reserve, a source, or data: %s', (claim) =>
    expect(unsupported(claim)).toEqual([]),
  )
})

describe('conditions', () => {
  test('part statements on the axis on which each names another side', () => {
    const apart = (a: string, b: string) => apartOn(conditionsOf(a), conditionsOf(b))
    expect(apart('at 14:00 in summer', 'at night')).toBe('time of day')
    expect(apart('in winter', 'in summer and winter')).toBeUndefined()
    expect(apart('young trees', 'mature trees')).toBe('age')
    expect(apart('the roof', 'the wall')).toBeUndefined()
  })
})

describe('any claims', () => {
  const word = fc.constantFrom(
    'yield',
    'rose',
    'fell',
    '12',
    'per cent',
    'bees',
    'roof',
    'no',
    'effect',
    'than',
    'night',
  )
  const anyClaim = fc.array(word, { minLength: 2, maxLength: 9 }).map((words) => words.join(' '))

  test.prop([fc.array(anyClaim, { maxLength: 12 })])(
    'relate known ids of different documents, alike each time',
    (texts) => {
      const given = texts.map((quote, index) => toClaim(quote, index))
      const found = relate(given)
      expect(relate(given)).toEqual(found)
      for (const { claims: ids } of [...found.agreements, ...found.contradictions]) {
        const docs = ids.map((id) => given.find((claim) => claim.id === id)?.doc)
        expect(new Set(docs).size).toBe(ids.length)
        expect(docs).not.toContain(undefined)
      }
    },
  )

  test.prop([anyClaim])('never contradict themselves', (quote) => {
    const text = `# Report\n\n## Results\n\nIn the end ${quote}.`
    const found = [0, 1].flatMap((doc) =>
      claims({ text }).map((claim, at) => ({ ...claim, id: `${doc}-${at}`, doc: `${doc}` })),
    )
    expect(relate(found).contradictions).toEqual([])
  })

  test.prop([fc.array(anyClaim, { maxLength: 8 })])(
    'contradict one another alike in whatever order they are given',
    (texts) => {
      const given = texts.flatMap((quote, index) =>
        claims({ text: `# Report\n\n## Results\n\nIn the end ${quote}.` }).map((claim, at) => ({
          ...claim,
          id: `${index}-${at}`,
          doc: `d${index}`,
        })),
      )
      const pairs = (list: readonly DocumentClaim[]) =>
        relate(list)
          .contradictions.map(({ claims: ids, kind }) => [...ids.toSorted(), kind].join(' '))
          .toSorted()
      expect(pairs(given.toReversed())).toEqual(pairs(given))
    },
  )

  test('of a hundred documents are related, each to some other at most once', () => {
    const many = manyClaims(100, 30)
    const { agreements } = relate(many)
    const pairs = agreements.map((each) => each.claims.toSorted().join(' '))
    expect(new Set(pairs).size).toBe(pairs.length)
  }, 30_000)

  test('are none of none', () => {
    expect(relate([])).toEqual({ agreements: [], contradictions: [], unsupported: [] })
  })
})

function toClaim(quote: string, index: number): DocumentClaim {
  const rest: Pick<Claim, 'direction' | 'isHedged' | 'support'> = {
    direction: 'unknown',
    isHedged: false,
    support: index % 3 === 0 ? 'none' : 'data',
  }
  return { id: String(index), doc: `d${index % 4}`, quote, subjectTerms: quote.split(' '), ...rest }
}

/** Claims over a vocabulary in which, as in language, few words are frequent and most are rare. */
function manyClaims(documents: number, each: number): readonly DocumentClaim[] {
  const random = createSeededRandom(7)
  const vocabulary = Array.from({ length: 6_000 }, (_, index) => `w${letters(index)}`)
  return Array.from({ length: documents * each }, (_, index) => {
    const words = Array.from({ length: 9 }, () => {
      const rank = Math.floor(uniform(random) ** 3 * vocabulary.length)
      return vocabulary[rank] ?? ''
    })
    const quote = `The ${words.join(' ')} fell by ${(index % 50) + 1} ± 2 per cent.`
    return { ...toClaim(quote, index), doc: `d${Math.floor(index / each)}`, subjectTerms: words }
  })
}

function letters(index: number): string {
  return [676, 26, 1]
    .map((unit) => String.fromCharCode(97 + (Math.floor(index / unit) % 26)))
    .join('')
}
