import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'
import { quantities } from '../quantities/quantities.ts'

import { claims } from './claims.ts'
import { outcomeStretches } from './outcome.ts'
import { sectionRole } from './sections.ts'

const REPORT = `# Walking groups in Tessen

## Abstract

Walkers had lower blood pressure after twelve weeks. Sleep improves by an hour a night in people who walk.

## Methods

We recruited 148 adults and measured their blood pressure with a cuff. Blood pressure was taken three times.
Adherence is defined as the share of meetings attended.

## Results

After twelve weeks, blood pressure of walkers had fallen by 7.2 ± 1.8 mmHg relative to controls.
Body weight did not differ between the groups. Does walking suit everyone?

| Outcome | Walkers |
|---|---|
| Pressure | 131 |

## Discussion

The drop in blood pressure is of the size seen with a drug (Hahn et al., 2011).
Company may have helped. Further trials should be run in winter. We thank the leaders of the groups.
`

const quotes = (text: string) => claims({ text }).map(({ quote }) => quote)

describe('claims', () => {
  test('are the findings, not methods, definitions, questions, outlook or thanks', () => {
    expect(quotes(REPORT)).toEqual([
      'Walkers had lower blood pressure after twelve weeks.',
      'Sleep improves by an hour a night in people who walk.',
      'After twelve weeks, blood pressure of walkers had fallen by 7.2 ± 1.8 mmHg relative to controls.',
      'Body weight did not differ between the groups.',
      'The drop in blood pressure is of the size seen with a drug (Hahn et al., 2011).',
      'Company may have helped.',
    ])
  })

  test('carry amounts, direction, denial and reserve', () => {
    const [, , fallen, weight, , company] = claims({ text: REPORT })
    expect(fallen).toMatchObject({ direction: 'down', heading: 'Results', isNegated: false })
    expect(fallen?.quantities.map((q) => q.quote)).toEqual(['twelve weeks', '7.2 ± 1.8 mmHg'])
    expect(fallen?.subjectTerms.slice(0, 3)).toEqual(['blood', 'pressure', 'walkers'])
    expect(weight).toMatchObject({ direction: 'none', isNegated: true })
    expect(company?.isHedged).toBe(true)
  })

  test('tell what the document offers for them', () => {
    const support = Object.fromEntries(
      claims({ text: REPORT }).map((c) => [c.quote.slice(0, 5), c.support]),
    )
    expect(support).toMatchObject({
      Walke: 'data',
      Sleep: 'none',
      After: 'data',
      'The d': 'citation',
    })
  })

  test('take the title for a heading where there is none', () => {
    const [claim] = claims({
      text: 'Yields rose by 12 per cent compared with bare soil.',
      title: 'Mulch',
    })
    expect(claim?.heading).toBe('Mulch')
  })

  test.prop([fc.oneof(anyReport, fc.string({ unit: 'binary' }))])(
    'stand verbatim in the text with their amounts, alike each time',
    (text) => {
      const found = claims({ text })
      expect(claims({ text })).toEqual(found)
      for (const { quote, start, end, quantities: amounts } of found) {
        expect(text.slice(start, end)).toBe(quote)
        for (const amount of amounts)
          expect(quote.slice(amount.start, amount.end)).toBe(amount.quote)
      }
    },
  )

  test('are plain JSON', () => {
    expect(JSON.parse(JSON.stringify(claims({ text: REPORT })))).toEqual(claims({ text: REPORT }))
  })

  test.each(DEGENERATE)('are not found in %s, and quickly so', (_, build) => {
    const text = build()
    const start = performance.now()
    expect(claims({ text })).toEqual([])
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})

describe('sections', () => {
  test.each([
    [['Title', 'How we measured'], 'methods'],
    [['Title', 'What we found', 'On the roofs'], 'results'],
    [['Title', 'What to make of it'], 'discussion'],
    [['IN BRIEF'], 'summary'],
    [['Title', 'Why schools'], 'introduction'],
    [['Title', 'Acknowledgements'], 'boilerplate'],
    [['Title', 'Trees'], 'unknown'],
  ] as const)('%j is %s', (path, role) => expect(sectionRole(path)).toBe(role))
})

describe('outcomes', () => {
  test.each([
    ['In our eight orchards the strips cut aphid numbers by 35 per cent.', 'aphid numbers'],
    ['They needed 18 per cent less electricity for cooling.', 'electricity'],
    ['Orchards with strips had twice as many wild bees as those without.', 'wild bees'],
    ['The coatings had lost 0.02 of their reflectance.', 'reflectance'],
    ['Fruit set was 26 ± 8 per cent higher.', 'Fruit set was'],
  ])('%s', (text, expected) => {
    const found = outcomeStretches(text, quantities(text))
    expect(found.map(({ start, end }) => text.slice(start, end))).toContain(expected)
  })
})
