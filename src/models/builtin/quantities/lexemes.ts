/** The smallest part of a text for the reading of quantities. */
export interface Lexeme {
  readonly kind: 'number' | 'word' | 'symbol'
  /** As written. */
  readonly raw: string
  /** Lower case. */
  readonly text: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  /** No white space stands before it. */
  readonly isGlued: boolean
}

/** Digits with thousands marks, digits with a decimal mark, a bare fraction; a word; a sign. */
const LEXEME =
  /(?<number>\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?|(?<![\d.])\.\d+)|(?<word>[\p{L}\p{M}]+(?:['’]\p{L}+)?)|[^\s\p{L}\p{M}\p{Nd}]/gu

/** Splits `text` into lexemes, in order; only white space is left out. */
export function lex(text: string): readonly Lexeme[] {
  const lexemes: Lexeme[] = []
  let end = -1
  for (const match of text.matchAll(LEXEME)) {
    const raw = match[0]
    const start = match.index
    const word = match.groups?.['word'] === undefined ? 'symbol' : 'word'
    lexemes.push({
      kind: match.groups?.['number'] === undefined ? word : 'number',
      raw,
      text: raw.toLowerCase().replace('’', "'"),
      start,
      end: start + raw.length,
      isGlued: start === end,
    })
    end = start + raw.length
  }
  return lexemes
}

/** The text of lexeme `index`, or nothing behind either end. */
export function textOf(lexemes: readonly Lexeme[], index: number): string {
  return lexemes[index]?.text ?? ''
}

/** Whether lexeme `index` is a word. */
export function isWord(lexemes: readonly Lexeme[], index: number): boolean {
  return lexemes[index]?.kind === 'word'
}

/** Whether lexeme `index` is there and no white space stands before it. */
export function isGlued(lexemes: readonly Lexeme[], index: number): boolean {
  return lexemes[index]?.isGlued === true
}

/** Whether lexeme `index` is a word with a capital. */
export function isCapitalised(lexemes: readonly Lexeme[], index: number): boolean {
  return /^\p{Lu}/u.test(lexemes[index]?.raw ?? '')
}
