import { type AmountReading, readAmount } from './amounts.ts'
import { type AmountContext, readContext } from './context.ts'
import { isNoAmount, maskNonAmounts } from './exclusions.ts'
import { joinFromTo, shareUnits } from './from-to.ts'
import { type Lexeme, isGlued, isWord, lex, textOf } from './lexemes.ts'
import { readNoun } from './nouns.ts'
import type { Quantity, Reading } from './quantity.ts'
import { type ShareReading, readShareOrMultiple } from './shares.ts'
import { type UnitReading, readUnit } from './unit-reader.ts'
import { SHARES, type Unit } from './units.ts'

/** Longest amount as written, in characters. */
const MAX_QUOTE = 200

/**
 * The amounts stated in `text`, in order and without overlap.
 *
 * @remarks
 * Years, dates, clock times, labels (`Table 3`), references and test statistics are no amounts.
 * Temperatures are in °C, differences of temperature too; bare degrees are taken for Celsius.
 * Invariant: `text.slice(start, end)` is the quote; `low <= value <= high`.
 */
export function quantities(text: string): readonly Quantity[] {
  const lexemes = lex(maskNonAmounts(text))
  const found: Reading[] = []
  for (let index = 0; index < lexemes.length;) {
    const reading = mayBegin(lexemes, index) ? readAt(lexemes, index) : undefined
    if (reading !== undefined) found.push(reading)
    index = reading?.next ?? index + 1
  }
  return joinFromTo(lexemes, shareUnits(lexemes, found))
    .map((reading) => toQuantity(text, lexemes, reading))
    .filter(({ quote }) => quote.length <= MAX_QUOTE)
}

function toQuantity(text: string, lexemes: readonly Lexeme[], reading: Reading): Quantity {
  const { first, next, written: _written, ...rest } = reading
  const start = lexemes[first]?.start ?? 0
  const end = lexemes[next - 1]?.end ?? start
  return { quote: text.slice(start, end), start, end, ...rest }
}

/** Quick test that spares most words the readers. */
function mayBegin(lexemes: readonly Lexeme[], index: number): boolean {
  const lexeme = lexemes[index]
  if (lexeme === undefined) return false
  if (lexeme.kind === 'number') return !isNoAmount(lexemes, index)
  if (lexeme.kind === 'symbol') return /[$€£¥₹−–-]/.test(lexeme.text)
  return /^(?:an?|of|half|hal(?:ved|ving)|doubl|tripl|trebl|quadrupl|twice|thrice|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thir|fif|sixt|sevent|eight|nine|twent|fort|dozen|usd|eur|gbp|chf|ftns)/.test(
    lexeme.text,
  )
}

function readAt(lexemes: readonly Lexeme[], first: number): Reading | undefined {
  const share = readShareOrMultiple(lexemes, first)
  if (share !== undefined) return fromShare(lexemes, first, share)
  const amount = readAmount(lexemes, first)
  if (amount === undefined || isCompound(lexemes, amount)) return undefined
  const context = readContext(lexemes, { from: first, next: amount.next })
  if (amount.unit !== undefined) {
    const isMultiple = amount.unit.kind === 'multiple'
    const seen = isMultiple ? asMultiple(context) : context
    return build({ amount: { ...amount, first }, unit: amount.unit, context: seen })
  }
  const isWhole = Number.isInteger(amount.value) && context.role === 'level'
  const noun = isWhole ? readNoun(lexemes, amount.next) : undefined
  if (amount.isWord && noun === undefined && context.role === 'level') return undefined
  const unit: Unit =
    noun === undefined
      ? { kind: 'number', base: '', factor: 1 }
      : { kind: 'count', base: noun, factor: 1 }
  return build({ amount: { ...amount, first }, unit, context })
}

/** The number of `an eight-hour shift` or `a five-point scale` names a kind and measures nothing. */
function isCompound(
  lexemes: readonly Lexeme[],
  { unit, next }: Pick<AmountReading, 'unit' | 'next'>,
): boolean {
  if (unit !== undefined || textOf(lexemes, next) !== '-') return false
  return isGlued(lexemes, next) && isGlued(lexemes, next + 1) && isWord(lexemes, next + 1)
}

function fromShare(
  lexemes: readonly Lexeme[],
  first: number,
  share: ShareReading,
): Reading | undefined {
  const { value, step } = share
  const halved = halfOfUnit(lexemes, share)
  // `half a lifetime` is a manner of speaking.
  if (halved === undefined && isHalfOfOne(lexemes, share)) return undefined
  const next = halved?.next ?? share.next
  const context = readContext(lexemes, { from: first, next })
  if (halved !== undefined) {
    const amount = { value: 0.5, low: 0.5, high: 0.5, step: 0.1, next, first }
    return build({ amount, unit: halved, context })
  }
  const isMultiple = share.kind === 'multiple'
  const unit: Unit = isMultiple ? { kind: 'multiple', base: '×', factor: 1 } : SHARES.percent
  const seen = isMultiple || share.change !== undefined ? asMultiple(context) : context
  const direction = share.change ?? seen.direction
  const amount = { value, low: value, high: value, step, next, first }
  const isApproximate = share.isWord || context.isApproximate
  return build({ amount, unit, context: { ...seen, direction, isApproximate } })
}

/** Times and folds always compare one level with another, upwards if nothing else is said. */
function asMultiple(context: AmountContext): AmountContext {
  const direction = context.direction === 'unknown' ? 'up' : context.direction
  return { ...context, role: 'change', direction }
}

/** The unit of `half an hour`. */
function halfOfUnit(
  lexemes: readonly Lexeme[],
  { value, next }: Pick<ShareReading, 'value' | 'next'>,
): UnitReading | undefined {
  return isHalfOfOne(lexemes, { value, next }) ? readUnit(lexemes, next + 1) : undefined
}

function isHalfOfOne(
  lexemes: readonly Lexeme[],
  { value, next }: Pick<ShareReading, 'value' | 'next'>,
): boolean {
  return value === 50 && /^an?$/.test(textOf(lexemes, next))
}

interface Parts {
  readonly amount: Pick<Quantity, 'value' | 'low' | 'high' | 'step'> &
    Pick<Reading, 'first' | 'next'>
  readonly unit: Unit
  readonly context: AmountContext
}

function build({ amount, unit, context }: Parts): Reading {
  const isChange = context.role === 'change'
  const convert = (value: number): number =>
    value * unit.factor + (isChange ? 0 : (unit.offset ?? 0))
  const [value, low, high] = [convert(amount.value), convert(amount.low), convert(amount.high)]
  const isNone = isChange && low <= 0 && high >= 0
  const isDown = isChange && value < 0 && context.direction === 'unknown'
  const { role, bound, isApproximate } = context
  return {
    written: unit,
    first: amount.first,
    next: amount.next,
    kind: unit.kind,
    unit: unit.base,
    value,
    low,
    high,
    step: amount.step * unit.factor,
    role,
    direction: isNone ? 'none' : isDown ? 'down' : context.direction,
    bound,
    isApproximate,
  }
}
