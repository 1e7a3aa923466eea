import { type Lexeme, textOf } from './lexemes.ts'
import { type NumberReading, readNumber } from './numbers.ts'
import { type UnitReading, readUnit } from './unit-reader.ts'
import { findUnit } from './units.ts'

/** An amount with the spread stated for it, still in the unit it was written in. */
export interface AmountReading {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly step: number
  readonly isWord: boolean
  readonly unit?: UnitReading
  /** Index of the lexeme behind it. */
  readonly next: number
}

/** Reads `9.5 °C`, `3–5 %`, `21.4 ± 1.6 °C`, `12 (95 % CI 9 to 15) kg`, `$3.5 million`. */
export function readAmount(lexemes: readonly Lexeme[], index: number): AmountReading | undefined {
  const currency = readCurrency(lexemes, index)
  const start = currency === undefined ? index : index + 1
  const sign = signBefore(lexemes, start)
  const number = readNumber(lexemes, start + sign.length)
  if (number === undefined) return undefined
  const value = number.value * sign.factor
  const unit = currency ?? readUnit(lexemes, number.next)
  const single: AmountReading = {
    value,
    low: value,
    high: value,
    step: number.step,
    isWord: number.isWord,
    next: currency === undefined ? (unit?.next ?? number.next) : moneyScaleEnd(lexemes, number),
    ...(unit === undefined ? {} : { unit }),
  }
  const scaled = currency === undefined ? single : withMoneyScale(lexemes, number, single)
  const spread =
    withDeviation(lexemes, scaled) ?? withRange(lexemes, { amount: scaled, index }) ?? scaled
  return withInterval(lexemes, spread) ?? spread
}

function readCurrency(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const text = lexemes[index]?.raw ?? ''
  if (!/^(?:[$€£¥₹]|USD|EUR|GBP|CHF|FTNS)$/.test(text)) return undefined
  const unit = findUnit(text)
  return unit === undefined || lexemes[index + 1]?.kind !== 'number'
    ? undefined
    : { ...unit, next: index + 1 }
}

const MONEY_SCALES: ReadonlyMap<string, number> = new Map([
  ['m', 1e6],
  ['mn', 1e6],
  ['bn', 1e9],
  ['b', 1e9],
  ['tn', 1e12],
])

function moneyScaleAt(lexemes: readonly Lexeme[], { next }: NumberReading): number | undefined {
  return lexemes[next]?.isGlued === true ? MONEY_SCALES.get(textOf(lexemes, next)) : undefined
}

function moneyScaleEnd(lexemes: readonly Lexeme[], number: NumberReading): number {
  return moneyScaleAt(lexemes, number) === undefined ? number.next : number.next + 1
}

function withMoneyScale(
  lexemes: readonly Lexeme[],
  number: NumberReading,
  amount: AmountReading,
): AmountReading {
  const factor = moneyScaleAt(lexemes, number) ?? 1
  const value = amount.value * factor
  return { ...amount, value, low: value, high: value, step: amount.step * factor }
}

/** A minus glued to the number and to nothing before it. */
function signBefore(
  lexemes: readonly Lexeme[],
  index: number,
): { readonly length: 0 | 1; readonly factor: 1 | -1 } {
  const mark = lexemes[index]
  const isMinus = mark?.text === '-' || mark?.text === '−' || mark?.text === '–'
  const number = lexemes[index + 1]
  const isSign = isMinus && !mark.isGlued && number?.kind === 'number' && number.isGlued
  return isSign ? { length: 1, factor: -1 } : { length: 0, factor: 1 }
}

/** `± 1.6`, `+/- 1.6`, `plus or minus 1.6`. */
function withDeviation(
  lexemes: readonly Lexeme[],
  amount: AmountReading,
): AmountReading | undefined {
  const at = behindPlusMinus(lexemes, amount.next)
  if (at === undefined) return undefined
  const deviation = readNumber(lexemes, at)
  if (deviation === undefined) return undefined
  const later = readUnit(lexemes, deviation.next)
  const unit = amount.unit ?? later
  const { value } = amount
  return {
    ...amount,
    low: value - deviation.value,
    high: value + deviation.value,
    next: later?.next ?? deviation.next,
    ...(unit === undefined ? {} : { unit }),
  }
}

function behindPlusMinus(lexemes: readonly Lexeme[], index: number): number | undefined {
  const [first, second, third] = [0, 1, 2].map((step) => textOf(lexemes, index + step))
  if (first === '±') return index + 1
  if (first === '+' && second === '/' && (third === '-' || third === '−')) return index + 3
  return first === 'plus' && second === 'or' && third === 'minus' ? index + 3 : undefined
}

/** `3–5`, `3 to 5`, `between 3 and 5`, `21 or 22`, up to the unit. */
function withRange(
  lexemes: readonly Lexeme[],
  { amount, index }: { readonly amount: AmountReading; readonly index: number },
): AmountReading | undefined {
  if (!joinsRange(lexemes, { at: amount.next, index })) return undefined
  const end = readNumber(lexemes, amount.next + 1)
  if (end === undefined || end.value <= amount.value || end.isWord !== amount.isWord) {
    return undefined
  }
  const later = readUnit(lexemes, end.next)
  const next = later?.next ?? end.next
  if (amount.unit === undefined) {
    const spread = spreadTo(amount, { high: end.value, next })
    return later === undefined ? spread : { ...spread, unit: later }
  }
  if (later?.base !== amount.unit.base) return undefined
  return spreadTo(amount, { high: (end.value * later.factor) / amount.unit.factor, next })
}

function spreadTo(
  amount: AmountReading,
  { high, next }: { readonly high: number; readonly next: number },
): AmountReading {
  return { ...amount, low: amount.value, high, value: (amount.value + high) / 2, next }
}

/** Whether lexeme `at` joins two ends of a range that starts at lexeme `index`. */
function joinsRange(
  lexemes: readonly Lexeme[],
  { at, index }: { readonly at: number; readonly index: number },
): boolean {
  const joint = textOf(lexemes, at)
  if (joint !== 'and') return /^(?:[-–—−]|to|or)$/.test(joint)
  return [1, 2, 3].some((back) => textOf(lexemes, index - back) === 'between')
}

/** Lexemes looked at for `(95 % CI 2.1 to 3.4)`. */
const INTERVAL_LENGTH = 14

/** An interval in brackets around the value. */
function withInterval(
  lexemes: readonly Lexeme[],
  amount: AmountReading,
): AmountReading | undefined {
  if (!/^[([]$/.test(textOf(lexemes, amount.next))) return undefined
  const inside = lexemes.slice(amount.next + 1, amount.next + 1 + INTERVAL_LENGTH)
  const close = inside.findIndex(({ text }) => text === ')' || text === ']')
  const ends = close === -1 ? undefined : readEnds(inside.slice(0, close))
  if (ends === undefined || ends.low > amount.value || ends.high < amount.value) return undefined
  const next = amount.next + close + 2
  if (amount.unit !== undefined) return { ...amount, ...ends, next }
  const unit = readUnit(lexemes, next)
  return unit === undefined
    ? { ...amount, ...ends, next }
    : { ...amount, ...ends, unit, next: Math.max(next, unit.next) }
}

/** The ends of `95 % CI 2.1 to 3.4`, `range: 2–3`, `2–3`. */
function readEnds(
  parts: readonly Lexeme[],
): { readonly low: number; readonly high: number } | undefined {
  const name = parts.findIndex(({ text }) =>
    /^(?:ci|confidence|credible|range|limits?|interval|from)$/.test(text),
  )
  const low = readNumber(parts, name === -1 ? 0 : behindNames(parts, name))
  if (low === undefined) return undefined
  const joint = readUnit(parts, low.next)?.next ?? low.next
  if (!/^(?:[-–—−,;]|to|and)$/.test(textOf(parts, joint))) return undefined
  const high = readNumber(parts, joint + 1)
  return high === undefined ? undefined : { low: low.value, high: high.value }
}

function behindNames(parts: readonly Lexeme[], index: number): number {
  let at = index
  while (at < parts.length && parts[at]?.kind !== 'number') at++
  return at
}
