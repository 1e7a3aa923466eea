import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { redact } from '../host/redact.ts'

import { createTextMask } from './text-mask.ts'

const letters = (...alphabet: string[]): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 9 })
const plain = letters('a', 'b')
const escaped = letters('a', 'b', '"', '\n', '\\')
const pieces = (unit: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.array(unit, { maxLength: 12 })

function through(parts: readonly string[], hidden: readonly string[]): string {
  const mask = createTextMask(() => hidden)
  return parts.map((part) => mask.push(part)).join('') + mask.end()
}
/** Every unit by itself. */
const cutUp = (text: string): readonly string[] => text.split('')

describe('a text that comes piece by piece', () => {
  test.prop([pieces(plain), fc.array(plain, { maxLength: 3 })])(
    'is masked the same wherever it is cut, and shows no value',
    (parts, hidden) => {
      const text = parts.join('')
      const shown = through([text], hidden)
      expect(through(parts, hidden)).toBe(shown)
      expect(through(cutUp(text), hidden)).toBe(shown)
      const long = hidden.filter(({ length }) => length >= 4)
      for (const value of long) expect(shown).not.toContain(value)
      if (long.length === 0) expect(shown).toBe(text)
    },
  )

  test.prop([pieces(escaped), fc.array(escaped, { maxLength: 3 })])(
    'the same holds for one that is full of escapes',
    (parts, hidden) => {
      const text = JSON.stringify(parts.join('')) + parts.join('')
      const shown = through([text], hidden)
      expect(through(cutUp(text), hidden)).toBe(shown)
      for (const value of hidden.filter(({ length }) => length >= 4)) {
        expect(shown).not.toContain(value)
        expect(shown).not.toContain(JSON.stringify(value).slice(1, -1))
      }
    },
  )

  test.prop([pieces(letters('a', 'b', 'x', 'y')), pieces(fc.constantFrom('', 'abab-1', 'xyxy-2'))])(
    'is masked as a result is that comes as a whole',
    (parts, values) => {
      const hidden = ['abab-1', 'xyxy-2']
      const text = parts.map((part, at) => part + (values[at] ?? '')).join('')
      expect(through(cutUp(text), hidden)).toBe(redact(text, hidden))
    },
  )

  test('is held back only as long as it may be the beginning of a value', () => {
    const mask = createTextMask(() => ['hunter2'])
    expect(['the hun', 't is ', 'on: hunter', '2!'].map((part) => mask.push(part))).toEqual([
      'the ',
      'hunt is ',
      'on: ',
      '[secret]!',
    ])
  })

  test.each([
    ['values that overlap', 'xxabcdefgh.', ['xxabcd', 'abcdefgh'], '[secret].'],
    ['one that repeats itself', 'ababababab', ['abab'], '[secret]'],
    ['one beside the other', 'abcdabcd', ['abcd'], '[secret][secret]'],
    ['one that is too short to be told apart', 'pin 123', ['123'], 'pin 123'],
    ['its escaped form', '{"a":"p\\"w\\u006frd"}', ['p"word'], '{"a":"[secret]"}'],
    ['a text that ends within an escape', 'a\\u00', ['abcd'], 'a\\u00'],
  ])('%s', (_case, text, hidden, shown) => {
    expect(through([text], hidden)).toBe(shown)
    expect(through(cutUp(text), hidden)).toBe(shown)
  })

  test('a value that becomes known meanwhile is kept out from then on', () => {
    const hidden: string[] = []
    const mask = createTextMask(() => hidden)
    expect(mask.push('hunter2 ')).toBe('hunter2 ')
    hidden.push('hunter2')
    expect(mask.push('hunter2 ') + mask.end()).toBe('[secret] ')
  })

  test('one that may go on for ever costs no more than one that may not', () => {
    const value = `${'a'.repeat(100_000)}b`
    expect(through(['a'.repeat(100_000), 'a'.repeat(100_000), 'b'], [value])).toBe(
      `${'a'.repeat(100_000)}[secret]`,
    )
  })
})
