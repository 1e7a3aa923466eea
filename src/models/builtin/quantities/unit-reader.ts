import { type Lexeme, isGlued, textOf } from './lexemes.ts'
import { isFrequency } from './shares.ts'
import { DEGREES, SHARES, type QuantityKind, type Unit, findUnit } from './units.ts'

/** A unit that was read, possibly composed: kilograms per hectare. */
export interface UnitReading extends Unit {
  /** Index of the lexeme behind it. */
  readonly next: number
}

/** Longest `per … per …` that is read. */
const MAX_PARTS = 3

/** Reads the unit that starts at lexeme `index`, directly behind a number. */
export function readUnit(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const special = readTimes(lexemes, index) ?? readPoints(lexemes, index)
  if (special !== undefined) return special
  const first =
    readShare(lexemes, index) ??
    readDegrees(lexemes, index) ??
    readPounds(lexemes, index) ??
    readPlain(lexemes, index) ??
    readBareRate(lexemes, index)
  if (first === undefined || first.kind === 'percentage-points') return first
  let unit = first
  for (let part = 1; part < MAX_PARTS; part++) {
    const below = readDivisor(lexemes, unit.next)
    if (below === undefined) break
    unit = divided(unit, below)
  }
  return unit
}

function readShare(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const text = textOf(lexemes, index)
  const isSplit = text === 'per' && /^cents?$/.test(textOf(lexemes, index + 1))
  if (!isSplit && text !== '%' && text !== 'percent' && text !== 'percentage') return undefined
  let next = index + (isSplit ? 2 : 1)
  if (textOf(lexemes, next) === '-') next++
  if (/^points?$/.test(textOf(lexemes, next))) return { ...SHARES.points, next: next + 1 }
  return text === 'percentage' ? undefined : { ...SHARES.percent, next: index + (isSplit ? 2 : 1) }
}

/** Words beside which points are those of a scale, not of a hundred. */
const SCALE =
  /^(?:scales?|scor(?:e|es|ed|ing)|tests?|exams?|grades?|marks?|ratings?|rated|index|stars?)$/

/** The points of `nine points higher`, short for percentage points where no scale is spoken of. */
function readPoints(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  if (!/^points?$/.test(textOf(lexemes, index))) return undefined
  return lexemes.some(({ text }) => SCALE.test(text))
    ? undefined
    : { ...SHARES.points, next: index + 1 }
}

const WEIGHING = /^(?:weigh(?:s|ed|ing|t|ts)?|heav(?:y|ier)|body|bodies|meat|grain|yields?|crops?)$/

/** Pounds are money, unless something is weighed: `40 pounds of grain`, `pounds per acre`. */
function readPounds(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  if (!/^pounds?$/.test(textOf(lexemes, index))) return undefined
  const isWeighed =
    textOf(lexemes, index + 1) === 'of' ||
    /^(?:acre|hectare|square|foot|inch)$/.test(textOf(lexemes, index + 2)) ||
    lexemes.some(({ text }) => WEIGHING.test(text))
  return isWeighed ? undefined : { kind: 'money', base: 'GBP', factor: 1, next: index + 1 }
}

/** `°C`, `° C`, `degrees`, `degrees Celsius`; bare degrees are taken for Celsius. */
function readDegrees(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const text = textOf(lexemes, index)
  if (!/^(?:°|º|degrees?|deg)$/.test(text)) return undefined
  const scale = lexemes[index + 1]?.raw ?? ''
  if (/^(?:C|[Cc]elsius|[Cc]entigrade)$/.test(scale)) return { ...DEGREES.celsius, next: index + 2 }
  if (/^(?:F|[Ff]ahrenheit)$/.test(scale)) return { ...DEGREES.fahrenheit, next: index + 2 }
  if (text === '°' || text === 'º') return undefined
  return /^[NSEW]$|^(?:north|south|east|west|of)$/.test(scale)
    ? undefined
    : { ...DEGREES.celsius, next: index + 1 }
}

/** A unit of the table with its exponent: `m`, `m²`, `m2`, `square metres`, `cubic metres`. */
function readPlain(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const word = textOf(lexemes, index)
  const named = word === 'square' ? 2 : word === 'cubic' ? 3 : 1
  const at = named === 1 ? index : index + 1
  const unit = findUnit(lexemes[at]?.raw ?? '')
  if (unit === undefined) return undefined
  const exponent = named === 1 && unit.kind === 'length' ? exponentAt(lexemes, at + 1) : 1
  const next = at + (exponent === 1 ? 1 : 2)
  const power = Math.max(named, exponent)
  return power === 1 ? { ...unit, next } : { ...raised(unit, power), next }
}

function exponentAt(lexemes: readonly Lexeme[], index: number): number {
  const lexeme = lexemes[index]
  if (lexeme?.isGlued !== true) return 1
  if (lexeme.text === '2' || lexeme.text === '²') return 2
  return lexeme.text === '3' || lexeme.text === '³' ? 3 : 1
}

function raised(unit: Unit, power: number): Unit {
  const kind: QuantityKind = power === 2 ? 'area' : 'volume'
  return { kind, base: power === 2 ? 'm²' : 'm³', factor: unit.factor ** power }
}

/** `three times as`, `2.5-fold`, `1.8×`. */
function readTimes(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  const at = textOf(lexemes, index) === '-' ? index + 1 : index
  const word = textOf(lexemes, at)
  const isTimes = word === 'times' && !isFrequency(lexemes, at + 1)
  const isMark = word === '×' && lexemes[at]?.isGlued === true && lexemes[at + 1]?.text !== '10'
  if (!isTimes && !isMark && word !== 'fold') return undefined
  return { kind: 'multiple', base: '×', factor: 1, next: at + 1 }
}

/** `per 1,000 births` behind a bare number. */
function readBareRate(lexemes: readonly Lexeme[], index: number): UnitReading | undefined {
  if (textOf(lexemes, index) !== 'per' || lexemes[index + 1]?.kind !== 'number') return undefined
  return { kind: 'rate', base: '1', factor: 1, next: index }
}

interface Divisor {
  readonly base: string
  readonly factor: number
  readonly next: number
}

/** `/ha`, `per hectare`, `a year`, `ha⁻¹`, `per 1,000 births`, `per person`. */
function readDivisor(lexemes: readonly Lexeme[], index: number): Divisor | undefined {
  const mark = textOf(lexemes, index)
  const isSlash = mark === '/' && lexemes[index + 1]?.kind !== 'number'
  const isSecond =
    mark === 'and' &&
    textOf(lexemes, index - 2) === 'per' &&
    !/^cents?$/.test(textOf(lexemes, index - 1))
  if (isSlash || isSecond || mark === 'per') return readDenominator(lexemes, index + 1, isSlash)
  if (/^(?:an?|each|every)$/.test(mark)) {
    const unit = readPlain(lexemes, index + 1)
    return unit !== undefined && /^(?:time|area|volume|mass)$/.test(unit.kind) ? unit : undefined
  }
  return readInverse(lexemes, index)
}

/** `ha⁻¹`, `ha-1`, `m⁻³`. */
function readInverse(lexemes: readonly Lexeme[], index: number): Divisor | undefined {
  const unit = readPlain(lexemes, index)
  const isInverse = unit !== undefined && /^[⁻−-]$/.test(textOf(lexemes, unit.next))
  if (!isInverse || !isGlued(lexemes, unit.next)) return undefined
  const power = ['1¹', '2²', '3³'].findIndex((marks) =>
    marks.includes(lexemes[unit.next + 1]?.raw ?? '?'),
  )
  if (power === -1 || (power > 0 && unit.kind !== 'length')) return undefined
  return { ...(power === 0 ? unit : raised(unit, power + 1)), next: unit.next + 2 }
}

/** Longest name of a thing counted below the line, in characters. */
const MAX_THING = 16

function readDenominator(
  lexemes: readonly Lexeme[],
  index: number,
  isSlash: boolean,
): Divisor | undefined {
  const unit = readPlain(lexemes, index)
  if (unit !== undefined) return unit
  const lexeme = lexemes[index]
  if (lexeme?.kind === 'number') {
    const count = Number(lexeme.raw.replaceAll(',', ''))
    return { base: '1', factor: count, next: index + 1 }
  }
  return lexeme?.kind === 'word' && lexeme.raw.length <= MAX_THING && !isSlash
    ? { base: lexeme.text.replace(/s$/, ''), factor: 1, next: index + 1 }
    : undefined
}

/** Seconds in a day and in a mean year: from a day on, rates are given per year. */
const DAY = 86_400
const YEAR = 31_557_600

function divided(unit: UnitReading, below: Divisor): UnitReading {
  const isLong = below.base === 's' && below.factor >= DAY
  const base = isLong ? 'yr' : below.base
  return {
    kind: kindOfRatio(unit, base),
    base: base === '1' ? unit.base : `${unit.base}/${base}`,
    factor: (unit.factor * (isLong ? YEAR : 1)) / below.factor,
    next: below.next,
  }
}

function kindOfRatio(unit: Unit, below: string): QuantityKind {
  if (below === 'm³' && (unit.kind === 'mass' || unit.kind === 'amount')) return 'concentration'
  if (unit.kind === 'length' && below === 's') return 'speed'
  return unit.kind === 'money' || unit.kind === 'percentage' ? unit.kind : 'rate'
}
