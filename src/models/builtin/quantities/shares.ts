import { type Lexeme, isGlued, isWord, textOf } from './lexemes.ts'
import { type NumberReading, readNumber } from './numbers.ts'

/** A share of a whole, or a multiple, that was read. */
export interface ShareReading {
  readonly kind: 'share' | 'multiple'
  /** Percent for shares; the factor for multiples. */
  readonly value: number
  /** Half-width within which the words may be meant, in the unit of `value`. */
  readonly step: number
  readonly next: number
  /** In words, so that it may be meant roughly. */
  readonly isWord: boolean
  /** `doubled`, `halved`: the change lies in the word itself. */
  readonly change?: 'up' | 'down'
}

const PARTS: ReadonlyMap<string, number> = new Map([
  ['half', 2],
  ['halves', 2],
  ...[
    'third',
    'quarter',
    'fifth',
    'sixth',
    'seventh',
    'eighth',
    'ninth',
    'tenth',
    'twentieth',
  ].flatMap((name, index) => {
    const parts = name === 'twentieth' ? 20 : index + 3
    return [[name, parts] as const, [`${name}s`, parts] as const]
  }),
])

const CHANGES: ReadonlyMap<string, number> = new Map([
  ['doubled', 2],
  ['doubling', 2],
  ['doubles', 2],
  ['tripled', 3],
  ['tripling', 3],
  ['trebled', 3],
  ['quadrupled', 4],
  ['halved', 0.5],
  ['halving', 0.5],
  ['halves', 0.5],
  ['halve', 0.5],
])
const FOLDS: ReadonlyMap<string, number> = new Map([
  ['twofold', 2],
  ['threefold', 3],
  ['fourfold', 4],
  ['fivefold', 5],
  ['sixfold', 6],
  ['tenfold', 10],
])

const TIMES: ReadonlyMap<string, number> = new Map([
  ['twice', 2],
  ['thrice', 3],
])

/** Reads a share or multiple in words at lexeme `index`: `a third`, `nine in ten`, `twice`. */
export function readShareOrMultiple(
  lexemes: readonly Lexeme[],
  index: number,
): ShareReading | undefined {
  return (
    readFraction(lexemes, index) ??
    readRatio(lexemes, index) ??
    readTurnedRatio(lexemes, index) ??
    readMultiple(lexemes, index)
  )
}

/** `half`, `a third`, `two-thirds`, `three quarters`; not `the third` or `second half`. */
function readFraction(lexemes: readonly Lexeme[], index: number): ShareReading | undefined {
  const first = textOf(lexemes, index)
  if (first === 'half') return readHalf(lexemes, index)
  const count = /^an?$/.test(first) ? { value: 1, next: index + 1 } : readNumber(lexemes, index)
  if (count === undefined) return undefined
  const at = textOf(lexemes, count.next) === '-' ? count.next + 1 : count.next
  const parts = PARTS.get(textOf(lexemes, at))
  if (parts === 2 && textOf(lexemes, index - 1) === 'and') return undefined
  if (parts === undefined || count.value >= parts) return undefined
  const isPlural = textOf(lexemes, at).endsWith('s')
  return isPlural === count.value > 1 ? fraction({ ...count, parts, next: at + 1 }) : undefined
}

function readHalf(lexemes: readonly Lexeme[], index: number): ShareReading | undefined {
  const isOther =
    /^(?:first|second|latter|other|former|upper|lower|every|northern|southern|eastern|western)$/
  const isCompound = textOf(lexemes, index + 1) === '-' && isGlued(lexemes, index + 1)
  // `a day and a half`
  const isTail = /^an?$/.test(textOf(lexemes, index - 1)) && textOf(lexemes, index - 2) === 'and'
  if (isOther.test(textOf(lexemes, index - 1)) || isCompound || isTail) return undefined
  return {
    ...fraction({ value: 1, parts: 2, next: index + 1 }),
    ...changeOfHalf(lexemes, index + 1),
  }
}

/** Coarse parts are meant less exactly than fine ones. */
function fraction(count: {
  readonly value: number
  readonly parts: number
  readonly next: number
}): ShareReading {
  const { parts, next } = count
  const value = (100 * count.value) / parts
  return { kind: 'share', value, step: 100 / parts / (parts > 4 ? 3 : 8), next, isWord: true }
}

/** `half as common` is down by half, `half as common again` up by half. */
function changeOfHalf(
  lexemes: readonly Lexeme[],
  index: number,
): { readonly change?: 'up' | 'down' } {
  if (textOf(lexemes, index) !== 'as') return {}
  const isAgain = [2, 3].some((step) => textOf(lexemes, index + step) === 'again')
  return { change: isAgain ? 'up' : 'down' }
}

/** `nine in ten`, `one out of five`, `62 out of 80`, `109 of the 120`, `one tree in eleven`. */
function readRatio(lexemes: readonly Lexeme[], index: number): ShareReading | undefined {
  const part = readNumber(lexemes, index)
  if (part === undefined || !Number.isInteger(part.value)) return undefined
  const at = wholeAt(lexemes, part)
  const whole = at === undefined ? undefined : readNumber(lexemes, at)
  if (at === undefined || whole === undefined) return undefined
  const isYear = /^(?:19|20)\d\d$/.test(textOf(lexemes, at))
  if (isYear || whole.value < Math.max(2, part.value)) return undefined
  const value = (100 * part.value) / whole.value
  const { next } = whole
  return { kind: 'share', value, step: 50 / whole.value, next, isWord: part.isWord }
}

/** Words between whole and part: `Of the 74 people who answered, 52`. */
const TURNED_REACH = 9

/** `Of the 74 walkers, 67`. */
function readTurnedRatio(lexemes: readonly Lexeme[], index: number): ShareReading | undefined {
  if (textOf(lexemes, index) !== 'of') return undefined
  const isThe = /^(?:the|all|these|those|our|its|their)$/.test(textOf(lexemes, index + 1))
  const whole = readNumber(lexemes, isThe ? index + 2 : index + 1)
  if (whole === undefined || whole.value < 2) return undefined
  const comma = lexemes
    .slice(whole.next, whole.next + TURNED_REACH)
    .findIndex(({ kind }) => kind !== 'word')
  if (comma < 1 || textOf(lexemes, whole.next + comma) !== ',') return undefined
  const part = readNumber(lexemes, whole.next + comma + 1)
  if (part === undefined || part.value > whole.value) return undefined
  // `Of the 74 walkers, 58 per cent` gives the share itself.
  if (/^(?:%|per|percent)$/.test(textOf(lexemes, part.next))) return undefined
  const value = (100 * part.value) / whole.value
  return { kind: 'share', value, step: 50 / whole.value, next: part.next, isWord: part.isWord }
}

/** Where the whole stands of which `part` is a part, if words of a ratio lie between. */
function wholeAt(lexemes: readonly Lexeme[], part: NumberReading): number | undefined {
  const isNounBetween =
    part.isWord && isWord(lexemes, part.next) && textOf(lexemes, part.next + 1) === 'in'
  const isShort = isNounBetween && readNumber(lexemes, part.next + 2)?.isWord === true
  const at = textOf(lexemes, part.next) === 'out' || isShort ? part.next + 1 : part.next
  const joint = textOf(lexemes, at)
  if (joint !== 'of' && !(joint === 'in' && part.isWord)) return undefined
  return /^(?:the|all|its|our|their|every)$/.test(textOf(lexemes, at + 1)) ? at + 2 : at + 1
}

/** `twice`, `threefold`, `doubled`, `halved`. */
function readMultiple(lexemes: readonly Lexeme[], index: number): ShareReading | undefined {
  const word = textOf(lexemes, index)
  const next = index + 1
  // `double the cost` compares, `a double row` does not.
  const isDouble =
    word === 'double' && /^(?:the|that|those|its|their|what)$/.test(textOf(lexemes, next))
  const change = isDouble ? 2 : CHANGES.get(word)
  if (change !== undefined) {
    return { ...multiple(change, next), change: change > 1 ? 'up' : 'down' }
  }
  const fold = FOLDS.get(word)
  if (fold !== undefined) return multiple(fold, next)
  const times = TIMES.get(word)
  return times === undefined || isFrequency(lexemes, next) ? undefined : multiple(times, next)
}

function multiple(value: number, next: number): ShareReading {
  return { kind: 'multiple', value, step: value / 10, next, isWord: true }
}

/** Whether what follows counts occasions and compares nothing: `twice a day`, `three times in 2020`. */
export function isFrequency(lexemes: readonly Lexeme[], index: number): boolean {
  const word = textOf(lexemes, index)
  return !/^(?:as|the|that|more|higher|greater|larger|longer|faster|lower|less|fewer|smaller|slower|bigger|what|its|their)$/.test(
    word,
  )
}
