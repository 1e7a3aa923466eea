import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createUnitText, type Piece } from './unit-text.ts'

function piecesOf(parts: readonly string[], most?: number, hidden: string[] = []): Piece[] {
  const text = createUnitText(() => hidden, most)
  const given = parts.map((part, at) => text.next(part, at === parts.length - 1))
  return given.filter((piece) => piece !== undefined)
}
const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1 })
const joined = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('')

describe('the text of an attempt', () => {
  test.prop([words, fc.nat({ max: 40 })])(
    'comes in pieces without gaps, whole characters each, up to its limit',
    (parts, most) => {
      // Cut wherever, also within a character.
      const cut = parts.join('').split('')
      const pieces = piecesOf(cut, most)
      let end = 0
      for (const { offset, text, isCut } of pieces) {
        expect(offset).toBe(end)
        expect(text).not.toMatch(/\p{Surrogate}/u)
        expect(isCut).toBe(offset === pieces.at(-1)?.offset && cut.length > most)
        end += text.length
      }
      expect(end).toBeLessThanOrEqual(most)
      const whole = cut.join('').replaceAll('\0', '\uFFFD')
      expect(whole.startsWith(joined(pieces))).toBe(true)
      if (cut.length <= most) expect(joined(pieces)).toBe(whole)
    },
  )

  test('holds no value, also one that is told in two parts', () => {
    const pieces = piecesOf(['it is hunt', 'er2, ', 'hunter2'], undefined, ['hunter2'])
    expect(pieces.map(({ text }) => text)).toEqual(['it is ', '[secret], ', '[secret]'])
  })

  test('holds nothing that the database cannot keep', () => {
    expect(joined(piecesOf(['a\0b', '\uD83D', 'c\uDE00', '\uD83D', '']))).toBe(
      'a\uFFFDb\uFFFDc\uFFFD\uFFFD',
    )
  })
})
