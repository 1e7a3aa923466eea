/** A stretch of a text, its end left out. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Where values stand in a text that may go on. */
export interface Found {
  readonly spans: readonly Span[]
  /** Where one of them may have begun that is not there as a whole yet; else the text's length. */
  readonly openFrom: number
}

/** Finds one value in a text. */
export type Finder = (text: string) => Found

/**
 * Builds the finder of a value.
 *
 * @remarks Linear in the text, whatever it looks like; source: docs/sources.md#kmp.
 */
export function createFinder(value: string): Finder {
  const borders = bordersOf(value)
  return (text) => {
    const spans: Span[] = []
    let matched = 0
    for (let at = 0; at < text.length; at++) {
      matched = advance({ value, borders }, matched, text.charCodeAt(at))
      if (matched < value.length) continue
      spans.push({ from: at + 1 - matched, to: at + 1 })
      matched = borders[matched - 1] ?? 0
    }
    return { spans, openFrom: text.length - matched }
  }
}

interface Pattern {
  readonly value: string
  readonly borders: Int32Array
}

function advance({ value, borders }: Pattern, matched: number, unit: number): number {
  let length = matched
  while (length > 0 && value.charCodeAt(length) !== unit) length = borders[length - 1] ?? 0
  return value.charCodeAt(length) === unit ? length + 1 : length
}

/** For each beginning of the value, how long its longest part is that it both begins and ends with. */
function bordersOf(value: string): Int32Array {
  const borders = new Int32Array(value.length)
  for (let at = 1; at < value.length; at++) {
    borders[at] = advance({ value, borders }, borders[at - 1] ?? 0, value.charCodeAt(at))
  }
  return borders
}

/** A text without the escapes of JSON in it, and where each of its units stood. */
export interface Unescaped {
  readonly text: string
  /** For each unit where it began, and at last where the text ends. */
  readonly starts: readonly number[]
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Reads a text as the inside of a JSON string; an escape that has no end yet is left out. */
export function unescape(text: string): Unescaped {
  const starts: number[] = []
  let plain = ''
  let at = 0
  while (at < text.length) {
    const { unit, length } = readUnit(text, at)
    if (at + length > text.length) break
    starts.push(at)
    plain += unit
    at += length
  }
  starts.push(at)
  return { text: plain, starts }
}

function readUnit(text: string, at: number): { readonly unit: string; readonly length: number } {
  const first = text[at] ?? ''
  if (first !== '\\') return { unit: first, length: 1 }
  const letter = text[at + 1] ?? ''
  if (letter !== 'u') return { unit: ESCAPES[letter] ?? letter, length: 2 }
  const code = Number.parseInt(text.slice(at + 2, at + 6), 16)
  return { unit: Number.isNaN(code) ? '?' : String.fromCharCode(code), length: 6 }
}
