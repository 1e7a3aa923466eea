import type { Json } from '../../../kernel/json.ts'
import { isNoAmount, maskNonAmounts } from '../quantities/exclusions.ts'
import { type Lexeme, isGlued, lex, textOf } from '../quantities/lexemes.ts'
import { type NumberReading, readNumber } from '../quantities/numbers.ts'
import { quantities } from '../quantities/quantities.ts'
import { findUnit } from '../quantities/units.ts'

import { dates } from './dates.ts'
import type { Field } from './fields.ts'

/** A value of the field's type found in a text, and where; offsets are UTF-16. */
export interface ScalarMention {
  readonly value: Json
  readonly start: number
  readonly end: number
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  email: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  uri: /\b(?:https?|ftp):\/\/[^\s<>"')\]]{1,2000}/g,
  uuid: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi,
  'date-time':
    /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?/g,
}

/** The values of the field's type, format or enumeration in `text`, in order. */
export function scalarMentions(field: Field, text: string): readonly ScalarMention[] {
  if (field.enum !== undefined) return choices(field.enum, text)
  switch (field.type) {
    case 'boolean':
      return booleans(text)
    case 'number':
    case 'integer':
      return numbers(field, text)
    case 'string':
      return formatted(field.format, text)
    case 'array':
    case 'object':
      return []
    default:
      return field.type satisfies never
  }
}

function formatted(format: string | undefined, text: string): readonly ScalarMention[] {
  if (format === 'date') {
    // A date needs its day: a month or year alone would have to be filled up.
    return dates(text)
      .filter(({ iso }) => iso.length === 10)
      .map(({ iso, start, end }) => ({ value: iso, start, end }))
  }
  const pattern = FORMATS[format ?? '']
  if (pattern === undefined) return []
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => {
    const value = found.replace(/[.,;:]$/, '')
    return { value, start: index, end: index + value.length }
  })
}

/** Whether `format` is one that mentions are recognised by. */
export function isKnownFormat(format: string | undefined): boolean {
  return format === 'date' || FORMATS[format ?? ''] !== undefined
}

function choices(values: readonly Json[], text: string): readonly ScalarMention[] {
  const lower = text.toLowerCase()
  return values
    .flatMap((value) => {
      const written = (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase()
      const wanted = written.replaceAll('_', ' ')
      const start = wordAt(lower, wanted) ?? wordAt(lower, written)
      return start === undefined ? [] : [{ value, start, end: start + wanted.length }]
    })
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
}

/** Where `wanted` stands in `text` as whole words. */
function wordAt(text: string, wanted: string): number | undefined {
  if (wanted === '') return undefined
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const before = text.charAt(at - 1)
    const behind = text.charAt(at + wanted.length)
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(behind)) return at
  }
  return undefined
}

const TRUE = /^(?:yes|true|y|✓|✔|on|enabled|included|x)$/
const FALSE = /^(?:no|false|n|✗|✘|off|none|disabled|excluded|not)$/

function booleans(text: string): readonly ScalarMention[] {
  return [...text.matchAll(/[\p{L}✓✔✗✘]+/gu)].flatMap(({ index, 0: word }) => {
    const lower = word.toLowerCase()
    if (!TRUE.test(lower) && !FALSE.test(lower)) return []
    return [{ value: TRUE.test(lower), start: index, end: index + word.length }]
  })
}

function numbers(field: Field, text: string): readonly ScalarMention[] {
  const inUnit = withUnit(field, text)
  const found = inUnit.length > 0 ? inUnit : plainNumbers(text)
  return field.type === 'integer' ? found.filter(({ value }) => Number.isInteger(value)) : found
}

/** Amounts of the kind whose unit the field names, in that unit: `weightKg`, `in °C`. */
function withUnit({ wording }: Field, text: string): readonly ScalarMention[] {
  const unit = unitOf(wording)
  if (unit === undefined) return []
  return quantities(text)
    .filter(({ kind, unit: base }) => kind === unit.kind && base === unit.base)
    .map(({ value, role, start, end }) => {
      const offset = role === 'level' ? (unit.offset ?? 0) : 0
      const exact = (value - offset) / unit.factor
      // Conversion leaves binary dust such as 9.500000000000002.
      return { value: Number(exact.toPrecision(12)), start, end }
    })
}

function unitOf(wording: string): ReturnType<typeof findUnit> {
  const words = wording.match(/[\p{L}°%$€£]+/gu) ?? []
  const named = words.flatMap((word, index) => {
    // A single letter is a unit only when told so: `in m`.
    if (word.length === 1 && !/^in$/i.test(words[index - 1] ?? '')) return []
    return findUnit(word) ?? findUnit(word.toLowerCase()) ?? findUnit(word.replace('°', '')) ?? []
  })
  return named[0]
}

function plainNumbers(text: string): readonly ScalarMention[] {
  const lexemes = lex(maskNonAmounts(text))
  const found: ScalarMention[] = []
  for (let index = 0; index < lexemes.length;) {
    // A year or label is no amount, unless it is all there is.
    const isSkipped = lexemes.length > 1 && isNoAmount(lexemes, index)
    const reading = isSkipped ? undefined : readNumber(lexemes, index)
    if (reading !== undefined) found.push(numberMention(lexemes, index, reading))
    index = reading?.next ?? index + 1
  }
  return found
}

function numberMention(
  lexemes: readonly Lexeme[],
  index: number,
  { value, next }: NumberReading,
): ScalarMention {
  const hasMinus = /^[-−]$/.test(textOf(lexemes, index - 1))
  const isNegative = hasMinus && isGlued(lexemes, index) && !isGlued(lexemes, index - 1)
  const first = lexemes[isNegative ? index - 1 : index]
  const last = lexemes[next - 1]
  return {
    value: isNegative ? -value : value,
    start: first?.start ?? 0,
    end: last?.end ?? 0,
  }
}
