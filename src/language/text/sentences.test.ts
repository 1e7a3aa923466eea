import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS, anyReport } from '../testing.ts'

import { splitSentences } from './sentences.ts'

const texts = (text: string): readonly string[] => splitSentences(text).map((s) => s.text)

describe('sentences of prose', () => {
  test.each([
    ['Dr. Smith et al. (2019) measured 9.5 °C. It was warm.', 2],
    ['See Fig. 3 and Eq. 4, e.g. at p < 0.05. Done.', 2],
    ['J. R. R. Tolkien lived in the U.K. for years.', 1],
    ['He came from the U.S. The journey was long.', 2],
    ['They met on Jan. 5 at 5 p.m. in No. 10.', 1],
    ['It stood in the sun. Mean wind speed fell.', 2],
    ['The dose was 5. No. That is all.', 3],
    ['“Really?” he asked. “Yes!” She left.', 3],
    ['It fell.[12] Then pH rose... And so on.', 3],
    ['See https://example.org/a.b?c=d.e for v1.2.3 of it.', 1],
    ['It reached 31 °C. That was in 2019. The end', 3],
    ['今日は暑い。明日も！ほんとう？', 3],
  ])('%s', (text, count) => expect(texts(text)).toHaveLength(count))

  test('run on over hard-wrapped lines and end with their paragraph', () => {
    const found = splitSentences('One line\nand its rest. Two.\n\nthree')
    expect(found.map((s) => [s.text, s.paragraph])).toEqual([
      ['One line\nand its rest.', 0],
      ['Two.', 0],
      ['three', 1],
    ])
  })
})

describe('layout', () => {
  const markdown = [
    '---',
    'title: x. y',
    '---',
    '# Title',
    '',
    'Intro one. Intro two.',
    '',
    '## Results',
    '',
    '- item one. More',
    '  of it',
    '- item two',
    '',
    '| a | b |',
    '|---|---|',
    '| 1. | 2 |',
    '',
    '```',
    'code. Here',
    '```',
    '',
    'Discussion',
    '----------',
    '[1]: http://x.y',
    '',
    'Last.',
  ].join('\n')

  test('is told apart', () => {
    expect(splitSentences(markdown).map((s) => [s.kind, s.text])).toEqual([
      ['code', '---\ntitle: x. y\n---'],
      ['heading', 'Title'],
      ['prose', 'Intro one.'],
      ['prose', 'Intro two.'],
      ['heading', 'Results'],
      ['list', 'item one.'],
      ['list', 'More\n  of it'],
      ['list', 'item two'],
      ['table', '| a | b |'],
      ['table', '| 1. | 2 |'],
      ['code', '```\ncode. Here\n```'],
      ['heading', 'Discussion'],
      ['code', '[1]: http://x.y'],
      ['prose', 'Last.'],
    ])
  })

  test('gives each sentence the headings above it', () => {
    const found = splitSentences(markdown)
    expect(found.find((s) => s.text === 'item two')?.path).toEqual(['Title', 'Results'])
    expect(found.at(-1)?.heading).toBe('Discussion')
    expect(found[1]).not.toHaveProperty('heading')
  })

  test.each([
    ['IN BRIEF\n\nText here.', 'IN BRIEF'],
    ['WHAT WE DID\nText here.', 'WHAT WE DID'],
    ['Summary\nText here.', 'Summary'],
    ['3.1 On the roofs\n\nText here.', '3.1 On the roofs'],
    ['**Methods**\nText here.', 'Methods'],
    ['Title\n=====\nText here.', 'Title'],
  ])('takes %j for a heading and its text', (text, heading) =>
    expect(splitSentences(text).at(-1)).toMatchObject({ text: 'Text here.', heading }),
  )

  test('does not take a lone sentence or a wrapped line for a heading', () => {
    expect(
      splitSentences('A short sentence.\n\nAnother one.').every((s) => s.kind === 'prose'),
    ).toBe(true)
  })
})

describe('any text', () => {
  test.prop([fc.oneof(anyReport, fc.string({ unit: 'binary' }))])(
    'holds its sentences verbatim, in order, without overlap',
    (text) => {
      let end = 0
      for (const sentence of splitSentences(text)) {
        expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text)
        expect(sentence.text.trim()).toBe(sentence.text)
        expect(sentence.start).toBeGreaterThanOrEqual(end)
        end = sentence.end
      }
    },
  )

  test.prop([anyReport])('is split alike each time', (text) => {
    expect(splitSentences(text)).toEqual(splitSentences(text))
  })

  test.each(DEGENERATE)('%s is split quickly', (_, build) => {
    const text = build()
    const start = performance.now()
    const found = splitSentences(text)
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
    expect(found.map((s) => s.text).join('').length).toBeLessThanOrEqual(text.length)
  })

  test('that is binary has no sentences', () => {
    expect(splitSentences('\u0000\u0001PNG\u0002\u0003. Text. ')).toEqual([])
  })
})
