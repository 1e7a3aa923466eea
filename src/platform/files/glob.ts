import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a pattern for paths cannot be used. */
export class InvalidPatternError extends PlatformError {
  readonly code = 'files.invalid-pattern'

  constructor(pattern: string, reason: string) {
    super(`"${pattern}" is no pattern: ${reason}`, {
      hint: 'write * for any part of a name, ** for any folders, ? for one letter, {a,b} for either',
      details: { pattern },
    })
  }
}

/** Most alternatives that braces may multiply to. */
const MAX_ALTERNATIVES = 500
const MAX_LENGTH = 1_000

/**
 * Makes the test of a pattern: `*` any part of a name, `?` one letter, `**` any number of folders,
 * `{a,b}` either.
 *
 * @remarks
 * A pattern without `/` is held against the name alone, at whatever depth. Case counts, and names
 * that begin with a dot are like others. Time is at most the product of both lengths: a mismatch
 * goes back to the last star only (docs/sources.md#wildcards).
 * @throws {@link InvalidPatternError} too long, or braces that do not match.
 */
export function createGlob(pattern: string): (path: string) => boolean {
  if (pattern === '' || pattern.length > MAX_LENGTH) {
    throw new InvalidPatternError(pattern.slice(0, 50), `it has 1 to ${MAX_LENGTH} letters`)
  }
  const alternatives = expandBraces(pattern, pattern).map((each) => each.split('/'))
  return (path) => {
    const parts = path.split('/')
    const name = parts.slice(-1)
    return alternatives.some((each) => matchParts(each, each.length === 1 ? name : parts))
  }
}

function expandBraces(text: string, whole: string): readonly string[] {
  const open = text.indexOf('{')
  if (open === -1) {
    if (text.includes('}')) throw new InvalidPatternError(whole, 'a brace is not opened')
    return [text]
  }
  const { choices, rest } = readBraces(text, open, whole)
  const before = text.slice(0, open)
  const heads = choices.flatMap((choice) => expandBraces(choice, whole))
  const tails = expandBraces(rest, whole)
  if (heads.length * tails.length > MAX_ALTERNATIVES) {
    throw new InvalidPatternError(whole, `its braces make more than ${MAX_ALTERNATIVES} patterns`)
  }
  return heads.flatMap((head) => tails.map((tail) => before + head + tail))
}

interface Braces {
  readonly choices: readonly string[]
  readonly rest: string
}

function readBraces(text: string, open: number, whole: string): Braces {
  const choices: string[] = []
  let depth = 0
  let start = open + 1
  for (let index = open; index < text.length; index++) {
    const letter = text[index]
    if (letter === '{') depth++
    else if (letter === '}') depth--
    const isCut = depth === 0 || (depth === 1 && letter === ',')
    if (!isCut) continue
    choices.push(text.slice(start, index))
    start = index + 1
    if (depth === 0) return { choices, rest: text.slice(start) }
  }
  throw new InvalidPatternError(whole, 'a brace is not closed')
}

/** A wildcard match over any sequence: `isStar` items stand for any number of others. */
interface Match<Item> {
  readonly pattern: readonly Item[]
  readonly isStar: (item: Item) => boolean
  readonly fits: (item: Item, value: string) => boolean
}

function matchParts(pattern: readonly string[], parts: readonly string[]): boolean {
  return matches({ pattern, isStar: (part) => part === '**', fits: matchName }, parts)
}

function matchName(pattern: string, name: string): boolean {
  // Letters, not code units, so that ? takes an emoji.
  return matches(
    {
      pattern: Array.from(pattern),
      isStar: (sign) => sign === '*',
      fits: (sign, letter) => sign === '?' || sign === letter,
    },
    Array.from(name),
  )
}

function matches<Item>({ pattern, isStar, fits }: Match<Item>, values: readonly string[]): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < values.length;) {
    const item = pattern[at]
    const value = values[index] ?? ''
    if (item !== undefined && isStar(item)) {
      star = at++
      resume = index
    } else if (item !== undefined && fits(item, value)) {
      at++
      index++
    } else if (star >= 0) {
      // The last star takes one more.
      at = star + 1
      index = ++resume
    } else return false
  }
  return pattern.slice(at).every((item) => isStar(item))
}
