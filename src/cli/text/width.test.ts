import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { cut, padEnd, padStart, tame, tameLine, widthOf, wrap } from './width.ts'

const anyText = fc.string({ unit: 'grapheme' })

describe('width', () => {
  test.each([
    ['plain', 5],
    ['\u001B[1;31mred\u001B[0m', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['✔ ├ █ …', 7],
    ['', 0],
  ])('of %j is %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width)
  })

  test.prop([anyText, fc.nat(30)])('of a text that was cut fits', (text, columns) => {
    expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns)
  })

  test.prop([anyText])('that is enough leaves a text whole', (text) => {
    expect(cut(text, widthOf(text))).toBe(text)
  })

  test.prop([anyText, fc.nat(30)])('is reached by filling up', (text, columns) => {
    const least = Math.max(columns, widthOf(text))
    expect(widthOf(padEnd(text, columns))).toBe(least)
    expect(widthOf(padStart(text, columns))).toBe(least)
  })

  test('that is next to nothing still shows that something is missing', () => {
    expect([cut('abc', 2), cut('abc', 1), cut('abc', 0), cut('abcdef', 2, '...')]).toEqual([
      'a…',
      '…',
      '',
      '..',
    ])
  })
})

describe('wrapping', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 })

  test.prop([words, fc.integer({ min: 9, max: 40 })])(
    'loses no word, and no line is too long',
    (all, columns) => {
      const lines = wrap(all.join(' '), columns)
      expect(lines.join(' ')).toBe(all.join(' '))
      expect(lines.every((line) => widthOf(line) <= columns)).toBe(true)
    },
  )

  test('keeps what a text is indented by', () => {
    expect(wrap('  hint: say it again', 12)).toEqual(['  hint: say', '  it again'])
  })

  test('leaves a word whole that is longer than a line, and counts no escapes', () => {
    expect(wrap('see https://example.com/a', 10)).toEqual(['see', 'https://example.com/a'])
    expect(wrap('\u001B[1mbold\u001B[22m text', 9)).toEqual(['\u001B[1mbold\u001B[22m text'])
  })
})

describe('text of others', () => {
  test.prop([fc.string({ unit: 'binary' })])(
    'keeps no control that a terminal would obey',
    (text) => {
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      expect(tame(text)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/)
      expect(tameLine(text)).not.toMatch(/[\n\t]/)
    },
  )
})
