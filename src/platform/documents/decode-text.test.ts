import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { decodeText, findBinary } from './decode-text.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const utf16 = (text: string, isBig: boolean): Uint8Array => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}

describe('text', () => {
  test.prop([
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\uD800-\uDFFF]/u.test(text)),
  ])('comes back from UTF-8 and from UTF-16 with a mark', (text) => {
    for (const bytes of [utf8(`\uFEFF${text}`), utf16(text, false), utf16(text, true)]) {
      expect(decodeText(bytes)).toEqual({
        text,
        warnings: text.includes('\uFFFD') ? ['encoding-damaged'] : [],
      })
    }
  })

  test.each([
    [
      'Windows-1252, guessed',
      Uint8Array.of(0x93, 0x67, 0xfc, 0x74, 0x94),
      undefined,
      '“güt”',
      ['encoding-guessed'],
    ],
    ['Latin-1 by name', Uint8Array.of(0xfc), 'iso-8859-1', 'ü', []],
    ['Shift JIS by name', Uint8Array.of(0x93, 0xfa), 'shift_jis', '日', []],
    ['UTF-8 although an unknown name is given', utf8('ü'), 'klingon', 'ü', []],
    [
      'Windows-1252 although UTF-8 is named',
      Uint8Array.of(0xfc),
      'utf-8',
      'ü',
      ['encoding-guessed'],
    ],
    [
      'damaged UTF-16',
      Uint8Array.of(0xff, 0xfe, 0x00, 0xd8),
      undefined,
      '\uFFFD',
      ['encoding-damaged'],
    ],
  ])('is read as %s', (_name, bytes, label, text, warnings) => {
    expect(decodeText(bytes, label)).toEqual({ text, warnings })
  })
})

describe('binary data', () => {
  test.each([
    ['a ZIP archive or an Office document', [0x50, 0x4b, 3, 4, 20]],
    ['an image', [0x89, 0x50, 0x4e, 0x47]],
    ['a compressed file', [0x1f, 0x8b, 8]],
    ['binary data', [0x61, 0, 0x62]],
    ['binary data', [1, 2, 3, 4, 5, 6]],
  ])('is known as %s', (what, bytes) => expect(findBinary(Uint8Array.from(bytes))).toBe(what))

  test.each([
    ['UTF-8', utf8('ünïcode\ttab\r\nline\f\u001b[0m')],
    ['UTF-16', utf16('text', false)],
    ['Windows-1252', Uint8Array.of(0x93, 0xfc, 0x94)],
    ['nothing', new Uint8Array()],
  ])('is not %s', (_name, bytes) => expect(findBinary(bytes)).toBeUndefined())
})
