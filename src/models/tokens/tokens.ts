/** Counts the tokens of a text. */
export type TokenCounter = (text: string) => number

/** Mean UTF-8 bytes of an o200k token in the texts named in README.md#tokens, rounded down. */
const BYTES_PER_TOKEN = 4

/**
 * Longest piece given to the tokenizer, UTF-16 units. Its time grows with the square of a text
 * without spaces: 99 000 Chinese characters in a row take 50 s whole and 35 ms in pieces.
 */
const PIECE = 512

/**
 * Tokens of a text by its length alone: UTF-8 bytes over four.
 *
 * @remarks The unit of the builtin model, and of rate-limit reservations, which the reported usage
 * corrects. It costs nothing; the real tokenizer costs a third of a second once (README.md#tokens).
 */
export const estimateTokens: TokenCounter = (text) =>
  Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)

/** Most tokens a text can have in any byte-level tokenizer: each token holds a byte at least. */
export const maxTokens: TokenCounter = (text) => Buffer.byteLength(text)

/**
 * The tokenizer of OpenAI's current models, o200k, loaded by the first call.
 *
 * @remarks Special tokens in a text are counted as the plain text they are to us. Exact where
 * words are shorter than a piece; a longer run costs a token more per cut at most.
 */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  const options = { disallowedSpecial: new Set<string>() }
  return (text) => pieces(text).reduce((sum, piece) => sum + countTokens(piece, options), 0)
}

/** Cuts before a space that follows a word, where the tokenizer's own pre-split cuts too. */
function pieces(text: string): readonly string[] {
  const found: string[] = []
  let start = 0
  while (text.length - start > PIECE) {
    const end = cutAt(text, start)
    found.push(text.slice(start, end))
    start = end
  }
  return [...found, text.slice(start)]
}

function cutAt(text: string, start: number): number {
  for (let at = start + PIECE; at > start + PIECE / 2; at--) {
    if (text[at] === ' ' && /\S/.test(text[at - 1] ?? '')) return at
  }
  const isInPair = /[\uDC00-\uDFFF]/.test(text[start + PIECE] ?? '')
  return start + PIECE - (isInPair ? 1 : 0)
}
