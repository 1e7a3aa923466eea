import { stem, stopWords } from '../../../language/index.ts'

import type { Lexeme } from './lexemes.ts'

/** Words between a number and the thing it counts: `37 healthy adult volunteers`. */
const REACH = 3
/** Longest noun, in characters. */
const MAX_LENGTH = 40

/** The stem of the thing counted by a number that ends before lexeme `index`, if one is. */
export function readNoun(lexemes: readonly Lexeme[], index: number): string | undefined {
  const stops = stopWords('en')
  let first: string | undefined
  for (const lexeme of lexemes.slice(index, index + REACH)) {
    if (lexeme.kind !== 'word' || lexeme.raw.length > MAX_LENGTH || stops.has(lexeme.text)) break
    if (/[^s]s$|^(?:people|men|women|children|mice|data|sheep|fish)$/.test(lexeme.text))
      return stem(lexeme.text)
    first ??= stem(lexeme.text)
  }
  return first
}
