import { isChangeWord } from './change-words.ts'
import { type Lexeme, textOf } from './lexemes.ts'
import type { Reading } from './quantity.ts'

/** Lexemes between the two ends: `from 47 °C on black membranes to 26 °C` fits. */
const REACH = 8

/** Joins `from 42 to 31 °C` behind a word of change into one change of 11 °C. */
export function joinFromTo(
  lexemes: readonly Lexeme[],
  readings: readonly Reading[],
): readonly Reading[] {
  const joined: Reading[] = []
  for (let index = 0; index < readings.length; index++) {
    const first = readings[index]
    const second = readings[index + 1]
    if (first === undefined) break
    const change = fromRange(lexemes, first) ?? fromPair(lexemes, first, second)
    joined.push(change ?? first)
    if (change !== undefined && change.next !== first.next) index++
  }
  return joined
}

/** Gives `91` of `91 against 61 per cent` the unit of the amount it stands beside. */
export function shareUnits(
  lexemes: readonly Lexeme[],
  readings: readonly Reading[],
): readonly Reading[] {
  return readings.map((reading, index) => {
    const other = readings[index + 1]
    if (other === undefined || reading.kind !== 'number' || other.kind === 'number') return reading
    if (other.kind === 'count' || other.kind === 'multiple') return reading
    const between = lexemes.slice(reading.next, other.first).map(({ text }) => text)
    const isList = between.length <= 3 && JOINT.test(between.join(' '))
    if (!isList) return reading
    const { kind, unit, role, direction, written } = other
    const scale = (value: number): number => rescaled({ ...reading, value }, other)
    const [value, low, high] = [scale(reading.value), scale(reading.low), scale(reading.high)]
    const step = reading.step * written.factor
    return { ...reading, kind, unit, role, direction, written, value, low, high, step }
  })
}

const JOINT = /^(?:,|and|or|against|versus|vs\.?|compared (?:with|to)|, and|to|rather than)$/

/** `fell from 42 to 31 °C` stands as two readings, `rose from 3 to 5 kg` as one range. */
function fromRange(lexemes: readonly Lexeme[], reading: Reading): Reading | undefined {
  const isRange = reading.high > reading.low && textOf(lexemes, reading.first - 1) === 'from'
  if (!isRange || !hasChangeBefore(lexemes, reading.first)) return undefined
  return changeBetween(reading, { from: reading.low, to: reading.high, next: reading.next })
}

function fromPair(
  lexemes: readonly Lexeme[],
  first: Reading,
  second: Reading | undefined,
): Reading | undefined {
  if (second === undefined || textOf(lexemes, first.first - 1) !== 'from') return undefined
  const isNear = second.first - first.next <= REACH && textOf(lexemes, second.first - 1) === 'to'
  if (!isNear || !hasChangeBefore(lexemes, first.first)) return undefined
  const isSameUnit = first.unit === second.unit || first.kind === 'number'
  if (!isSameUnit && first.kind !== 'count') return undefined
  const from = first.unit === second.unit ? first.value : rescaled(first, second)
  return changeBetween(second, { from, to: second.value, next: second.next, first: first.first })
}

/** The unitless `42` of `42 to 31 °C`, in the unit of the other. */
function rescaled({ value }: Reading, { written, role }: Reading): number {
  return value * written.factor + (role === 'level' ? (written.offset ?? 0) : 0)
}

function hasChangeBefore(lexemes: readonly Lexeme[], index: number): boolean {
  for (let at = index - 1; at >= 0 && at > index - REACH - 2; at--) {
    const word = textOf(lexemes, at)
    if (/^[.;!?]$/.test(word)) return false
    if (
      isChangeWord(word) ||
      /^(?:went|chang(?:e|es|ed)|moved|up|down|brought|came|shifted)$/.test(word)
    )
      return true
  }
  return false
}

function changeBetween(
  base: Reading,
  ends: {
    readonly from: number
    readonly to: number
    readonly next: number
    readonly first?: number
  },
): Reading {
  const value = Math.abs(ends.to - ends.from)
  return {
    ...base,
    first: ends.first ?? base.first,
    next: ends.next,
    value,
    low: value,
    high: value,
    from: ends.from,
    to: ends.to,
    role: 'change',
    direction: ends.to === ends.from ? 'none' : ends.to > ends.from ? 'up' : 'down',
  }
}
