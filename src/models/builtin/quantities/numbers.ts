import { type Lexeme, isGlued, textOf } from './lexemes.ts'

/** A number that was read. */
export interface NumberReading {
  readonly value: number
  /** Worth of its last stated digit: 0.1 for `9.5`, 100 for `1,200`. */
  readonly step: number
  /** Index of the lexeme behind it. */
  readonly next: number
  /** Written in words. */
  readonly isWord: boolean
}

const SMALL = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen'
).split(' ')
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']
const WORDS: ReadonlyMap<string, number> = new Map([
  ...SMALL.map((word, index) => [word, index] as const),
  ...TENS.map((word, index) => [word, (index + 2) * 10] as const),
  ['dozen', 12],
])
const SCALES: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
  ['trillion', 1_000_000_000_000],
])
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Reads the number, in digits or words, that starts at lexeme `index`. */
export function readNumber(lexemes: readonly Lexeme[], index: number): NumberReading | undefined {
  const lexeme = lexemes[index]
  if (lexeme?.kind === 'number') {
    const digits = readDigits(lexeme, index)
    return digits === undefined ? undefined : scaled(lexemes, powered(lexemes, digits))
  }
  if (isOne(lexemes, index)) return { value: 1, step: 1, next: index + 1, isWord: true }
  return lexeme?.kind === 'word' ? readWords(lexemes, index) : undefined
}

/** The article of `a degree`, `a percentage point`, `by an hour`; not of `twice an hour`. */
function isOne(lexemes: readonly Lexeme[], index: number): boolean {
  if (!/^an?$/.test(textOf(lexemes, index))) return false
  const noun = textOf(lexemes, index + 1)
  if (/^(?:degree|percentage)$/.test(noun)) return true
  const isSpan = /^(?:second|minute|hour|day|week|month|year|metre|meter|kilo|litre|liter)$/.test(
    noun,
  )
  return isSpan && textOf(lexemes, index - 1) === 'by'
}

/** Longest number read, in characters. */
const MAX_DIGITS = 30

function readDigits({ raw }: Lexeme, index: number): NumberReading | undefined {
  if (raw.length > MAX_DIGITS) return undefined
  const isGrouped = /^\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?:\.\d+)?$/.test(raw)
  const plain = isGrouped ? raw.replaceAll(/[,\u00a0\u2009\u202f]/g, '') : raw.replace(',', '.')
  const decimals = plain.includes('.') ? plain.length - plain.indexOf('.') - 1 : 0
  const zeros = decimals === 0 ? (/0*$/.exec(plain)?.[0].length ?? 0) : 0
  const value = Number(plain)
  const step = decimals > 0 ? 10 ** -decimals : Math.min(10 ** zeros, Math.max(1, value / 10))
  return { value, step, next: index + 1, isWord: false }
}

/** Applies `× 10³`, `x 10^3` or `e3` behind a number. */
function powered(lexemes: readonly Lexeme[], reading: NumberReading): NumberReading {
  const { next } = reading
  const mark = textOf(lexemes, next)
  const isPower =
    (mark === '×' || mark === 'x' || mark === '·') && textOf(lexemes, next + 1) === '10'
  if (!isPower) return reading
  let at = next + 2
  let sign = 1
  if (textOf(lexemes, at) === '^') at++
  if (['-', '−', '⁻'].includes(textOf(lexemes, at))) [at, sign] = [at + 1, -1]
  const digits = textOf(lexemes, at)
  const exponent = SUPERSCRIPTS.includes(digits) ? SUPERSCRIPTS.indexOf(digits) : Number(digits)
  if (digits === '' || !Number.isInteger(exponent) || exponent > 30) return reading
  return scaleBy(reading, 10 ** (sign * exponent), at + 1)
}

/** Scales that may follow one another: `thousand million`. */
const MAX_SCALES = 2

/** Applies `million`, or a `k` glued to the digits. */
function scaled(lexemes: readonly Lexeme[], reading: NumberReading): NumberReading {
  if (textOf(lexemes, reading.next) === 'k' && isGlued(lexemes, reading.next)) {
    return scaleBy(reading, 1_000, reading.next + 1)
  }
  let result = reading
  for (let count = 0; count < MAX_SCALES; count++) {
    const scale = SCALES.get(textOf(lexemes, result.next))
    if (scale === undefined) break
    result = scaleBy(result, scale, result.next + 1)
  }
  return result
}

function scaleBy(reading: NumberReading, factor: number, next: number): NumberReading {
  return { ...reading, value: reading.value * factor, step: reading.step * factor, next }
}

/** A number under way: what millions and thousands have closed, and what is still open. */
interface Sum {
  readonly total: number
  readonly group?: number
  /** The last scale; the next must be smaller: `two million three thousand`. */
  readonly limit: number
}

/** Most words of a number. */
const MAX_WORDS = 12

/** Reads `nine`, `twenty-one`, `a dozen`, `two hundred and fifty thousand`. */
function readWords(lexemes: readonly Lexeme[], index: number): NumberReading | undefined {
  const isArticle = /^an?$/.test(textOf(lexemes, index))
  let at = isArticle ? index + 1 : index
  if (isArticle && !/^(?:dozen|hundred|thousand|million|billion)$/.test(textOf(lexemes, at))) {
    return undefined
  }
  let next = index
  let sum: Sum = { total: 0, limit: Number.POSITIVE_INFINITY }
  while (at < index + MAX_WORDS) {
    const longer = withWord(sum, textOf(lexemes, at), isArticle && at === index + 1)
    if (longer === undefined) break
    sum = longer
    next = at + 1
    at = behindJoint(lexemes, next)
  }
  if (next === index) return undefined
  const value = sum.total + (sum.group ?? 0)
  return { value, step: Math.max(1, value >= 20 ? value / 20 : 1), next, isWord: true }
}

/** The sum with one more word, or nothing where the word does not go on with it. */
function withWord(sum: Sum, word: string, isAfterArticle: boolean): Sum | undefined {
  const value = WORDS.get(word)
  if (value !== undefined && (sum.group === undefined || mayFollow(sum.group, value))) {
    return { ...sum, group: (sum.group ?? 0) + value }
  }
  const scale = SCALES.get(word)
  const isOpen = sum.group !== undefined || isAfterArticle
  return scale !== undefined && isOpen ? withScale(sum, scale) : undefined
}

function withScale({ total, group = 1, limit }: Sum, scale: number): Sum | undefined {
  if (scale === 100) return { total, limit, group: group * scale }
  return scale < limit ? { total: total + group * scale, limit: scale } : undefined
}

/** Whether `value` can be added in words to `group`: twenty-one, two hundred and five. */
function mayFollow(group: number, value: number): boolean {
  if (value === 0) return false
  return group % 100 === 0 ? group >= 100 : group % 10 === 0 && group % 100 >= 20 && value < 10
}

/** Skips a hyphen, or `and` between number words. */
function behindJoint(lexemes: readonly Lexeme[], index: number): number {
  const mark = textOf(lexemes, index)
  if (mark !== '-' && mark !== 'and') return index
  const word = textOf(lexemes, index + 1)
  const isHundred = mark === 'and' && textOf(lexemes, index - 1) !== 'hundred'
  return !isHundred && WORDS.has(word) ? index + 1 : index
}
