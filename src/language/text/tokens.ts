/** A word or number of a text. */
export interface Token {
  /** NFKC-normalised and lower-case, with `’` as `'`. */
  readonly text: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
}

/**
 * In this order: one ideograph or kana (these scripts do not separate words), a number with its
 * inner points and commas, a word with at most one apostrophe.
 */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\p{Nd}[\p{Nd}.,]*|\p{L}[\p{L}\p{M}\p{N}]*(?:['’]\p{L}+)?/gu

/**
 * The words and numbers of `text`, in order.
 *
 * @remarks Invariant: `text.slice(start, end)` is the token as written; tokens do not overlap.
 * Hyphens and symbols separate: `night-time` is two tokens.
 */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const match of text.matchAll(TOKEN)) {
    const raw = match[0]
    const written = /^\p{Nd}/u.test(raw) ? withoutTrailingMarks(raw) : raw
    tokens.push({
      text: normalise(written),
      start: match.index,
      end: match.index + written.length,
    })
  }
  return tokens
}

/** NFKC and lower case: the form in which words are compared. */
export function normalise(text: string): string {
  // Plain letters and digits, by far the most common, need no normalisation.
  const isPlain = /^[\u0020-\u007e]*$/.test(text)
  return isPlain ? text.toLowerCase() : text.normalize('NFKC').toLowerCase().replaceAll('’', "'")
}

function withoutTrailingMarks(text: string): string {
  let end = text.length
  while (end > 1 && '.,'.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
