import { type Json, type JsonObject, isJsonObject } from '../../../kernel/json.ts'
import { canonical, stem, stopWords, tokenise } from '../../../language/index.ts'

/** The type of value a field takes. */
export type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'

/** A property of a JSON Schema that is to be filled from a text. */
export interface Field {
  /** JSON Pointer (RFC 6901) of its value. */
  readonly pointer: string
  readonly type: FieldType
  /** JSON Schema `format`: `date`, `email`, … */
  readonly format?: string
  readonly enum?: readonly Json[]
  /** Stems of its name, and of its title if it has one: either may name it in the text. */
  readonly names: readonly (readonly string[])[]
  /** Stems of its description, and of the objects it lies in. */
  readonly hints: ReadonlySet<string>
  /** Its name, title and description in one, as written: tells units. */
  readonly wording: string
  /** Fields of an object. */
  readonly properties: readonly Field[]
  /** What an array holds. */
  readonly items?: Field
}

/** Deepest nesting read. */
const MAX_DEPTH = 6
const NO_HINTS: ReadonlySet<string> = new Set()

/** The fields of an object schema, in order. */
export function fieldsOf(schema: JsonObject): readonly Field[] {
  return propertiesOf(schema, { pointer: '', hints: NO_HINTS, depth: 0 })
}

interface Place {
  readonly pointer: string
  readonly hints: ReadonlySet<string>
  readonly depth: number
}

function propertiesOf(schema: JsonObject, { pointer, hints, depth }: Place): readonly Field[] {
  const { properties } = schema
  if (!isJsonObject(properties) || depth > MAX_DEPTH) return []
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isJsonObject(property)) return []
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1')
    return [
      fieldOf(property, {
        name,
        place: { pointer: `${pointer}/${token}`, hints, depth: depth + 1 },
      }),
    ]
  })
}

function fieldOf(
  schema: JsonObject,
  { name, place }: { readonly name: string; readonly place: Place },
): Field {
  const title = textOf(schema['title'])
  const description = textOf(schema['description'])
  const names = [stemsOf(spaced(name)), stemsOf(title)].flatMap(withShortForm)
  const hints = new Set([...place.hints, ...stemsOf(description)])
  const inner = { ...place, hints: new Set([...hints, ...names.flat()]) }
  const { format, enum: choices, items } = schema
  return {
    pointer: place.pointer,
    type: typeOf(schema),
    names,
    hints,
    wording: `${spaced(name)} ${title} ${description}`,
    properties: propertiesOf(schema, inner),
    ...(typeof format === 'string' ? { format } : {}),
    ...(Array.isArray(choices) ? { enum: choices } : {}),
    ...(isJsonObject(items) && place.depth <= MAX_DEPTH
      ? { items: fieldOf(items, { name, place: { ...place, depth: place.depth + 1 } }) }
      : {}),
  }
}

/** `customer name` may stand as `customer`. */
function withShortForm(stems: readonly string[]): readonly (readonly string[])[] {
  const short = stems.filter((part) => !KIND_WORD.test(part))
  const isShorter = short.length > 0 && short.length < stems.length
  return stems.length === 0 ? [] : isShorter ? [stems, short] : [stems]
}

/** Parts of a field's name that tell its type and seldom stand in the text. */
export const KIND_WORD =
  /^(?:date|name|email|url|link|number|count|id|code|valu|amount|percent|total)$/

const TYPES: readonly FieldType[] = ['string', 'number', 'integer', 'boolean', 'array', 'object']

function typeOf(schema: JsonObject): FieldType {
  const { type } = schema
  const named: readonly Json[] = Array.isArray(type) ? type : [type ?? '']
  const known = TYPES.find((candidate) => named.includes(candidate))
  if (known !== undefined) return known
  return isJsonObject(schema['properties']) ? 'object' : 'string'
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** `invoiceNumber`, `invoice_number` and `invoice-number` as words. */
export function spaced(name: string): string {
  return name
    .replaceAll(/[_.\-/]+/g, ' ')
    .replaceAll(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
}

/** Canonical stems of the words of `text` that are no stop words. */
export function stemsOf(text: string): readonly string[] {
  const stops = stopWords('en')
  return tokenise(text.replaceAll(/\be-mail/gi, 'email'))
    .filter((token) => !stops.has(token.text))
    .map((token) => canonical(stem(token.text)))
}

/** How well `stems` name the field, 0 to 1; its hints count for half. */
export function nameMatch(field: Field, stems: readonly string[]): number {
  if (stems.length === 0) return 0
  const among = new Set(stems)
  const best = field.names.reduce((most, name) => {
    const shared = name.filter((part) => among.has(part)).length
    return Math.max(most, shared / Math.max(name.length, among.size))
  }, 0)
  const hinted = [...among].filter((part) => field.hints.has(part)).length / among.size
  return Math.max(best, Math.min(1, best + hinted / 2), hinted / 2)
}
