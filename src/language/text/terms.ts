import { stem } from './stem.ts'
import { type Language, languageOf, stopWords } from './stop-words.ts'
import { type Token, tokenise } from './tokens.ts'

/** A token that carries matter, with the form under which it is counted. */
export interface Term extends Token {
  /** Stem in English text, the token itself in other languages. */
  readonly stem: string
}

/** Turns texts into terms; remembers the stems it has met. */
export interface TermReader {
  /** The terms of `text`, in order, without stop words. */
  terms(text: string): readonly Term[]
  /** Their stems. */
  stems(text: string): readonly string[]
  /** The stem of one normalised word, stop word or not. */
  stemOf(word: string): string
}

/**
 * Builds a term reader for texts in `language`.
 *
 * @param language - taken from a sample with `readerFor` where it is not known.
 */
export function createTermReader(language: Language = 'en'): TermReader {
  const known = new Map<string, string>()
  const stops = stopWords(language)
  const stemOf = (word: string): string => {
    if (language !== 'en') return word
    const found = known.get(word)
    if (found !== undefined) return found
    const result = stem(word)
    known.set(word, result)
    return result
  }
  const terms = (text: string): readonly Term[] => {
    const result: Term[] = []
    for (const { text: word, start, end } of tokenise(text)) {
      if (!stops.has(word)) result.push({ text: word, start, end, stem: stemOf(word) })
    }
    return result
  }
  return { terms, stems: (text) => terms(text).map((term) => term.stem), stemOf }
}

/** Characters looked at to tell the language. */
const SAMPLE_LENGTH = 4_000

/** A term reader for the language of `text`. */
export function readerFor(text: string): TermReader {
  return createTermReader(languageOf(tokenise(text.slice(0, SAMPLE_LENGTH)).map((t) => t.text)))
}
