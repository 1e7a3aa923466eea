import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/json.ts'

import { code } from './markdown.ts'

/** One line of a table of what an object may hold. */
export interface SchemaRow {
  /** Dotted; `[]` stands for the items of a list, `*` for any name. */
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  /** Whether the schema says that it may be absent; some say nothing of it. */
  readonly isOptional: boolean
  /** As JSON. */
  readonly default?: string
  readonly description?: string
}

/** Every member of an object's schema, those of nested objects included. */
export function rowsOf(schema: JsonObject, definitions = definitionsOf(schema)): SchemaRow[] {
  return membersOf(schema, '', definitions)
}

/** The named schemas that a schema carries. */
export function definitionsOf(schema: JsonObject): JsonObject {
  const { $defs } = schema
  return isJsonObject($defs) ? $defs : {}
}

function membersOf(schema: JsonObject, prefix: string, definitions: JsonObject): SchemaRow[] {
  const { properties, required } = schema
  if (!isJsonObject(properties)) return []
  const isKnown = Array.isArray(required)
  const needed = new Set(isKnown ? required : [])
  return Object.entries(properties).flatMap(([name, value]) => {
    if (!isJsonObject(value)) return []
    const { default: given } = value
    const description = value['description'] ?? describedBy(value, definitions)
    const row: SchemaRow = {
      name: `${prefix}${name}`,
      type: typeText(value, definitions),
      isRequired: needed.has(name),
      isOptional: isKnown && !needed.has(name),
      ...(given !== undefined && { default: JSON.stringify(given) }),
      ...(typeof description === 'string' && { description }),
    }
    return [row, ...inner(value, `${prefix}${name}`, definitions)]
  })
}

/** Members of a nested object, or of the objects in a list. Named schemas have a table of their own. */
function inner(schema: JsonObject, name: string, definitions: JsonObject): SchemaRow[] {
  const { items, anyOf } = schema
  if (isJsonObject(items)) return inner(items, `${name}[]`, definitions)
  if (Array.isArray(anyOf)) {
    return anyOf.flatMap((each: Json) => (isJsonObject(each) ? inner(each, name, definitions) : []))
  }
  return membersOf(schema, `${name}.`, definitions)
}

function describedBy({ $ref }: JsonObject, definitions: JsonObject): Json | undefined {
  const target = typeof $ref === 'string' ? definitions[nameOf($ref)] : undefined
  return isJsonObject(target) ? target['description'] : undefined
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

/** What a value may be, in words. */
export function typeText(schema: JsonObject, definitions: JsonObject): string {
  const { $ref, anyOf, oneOf, enum: values, const: only } = schema
  if (typeof $ref === 'string') return referenceText($ref, definitions)
  const choice = anyOf ?? oneOf
  if (Array.isArray(choice)) {
    const texts = choice.map((each: Json) =>
      isJsonObject(each) ? typeText(each, definitions) : 'anything',
    )
    return [...new Set(texts)].join(' or ')
  }
  if (only !== undefined) return code(JSON.stringify(only))
  if (Array.isArray(values))
    return values.map((value: Json) => code(JSON.stringify(value))).join(', ')
  return plainText(schema, definitions)
}

function plainText(schema: JsonObject, definitions: JsonObject): string {
  const { type, items, additionalProperties: others } = schema
  switch (type) {
    case 'array':
      return `list of ${isJsonObject(items) ? grouped(typeText(items, definitions)) : 'anything'}${countText(schema)}`
    case 'object':
      return isJsonObject(others) && schema['properties'] === undefined
        ? `map of ${grouped(typeText(others, definitions))}`
        : 'object'
    case 'string':
      return `text${lengthText(schema)}`
    case 'integer':
      return `integer${rangeText(schema)}`
    case 'number':
      return `number${rangeText(schema)}`
    case 'boolean':
      return '`true` or `false`'
    case 'null':
      return '`null`'
    default:
      return 'any JSON'
  }
}

/** A choice within a list or map, in brackets. */
function grouped(text: string): string {
  return text.includes(' or ') && !text.startsWith('`true`') ? `(${text})` : text
}

function referenceText(reference: string, definitions: JsonObject): string {
  const name = nameOf(reference)
  if (name.startsWith('__schema')) return 'any JSON'
  const target = definitions[name]
  if (!isJsonObject(target)) return name
  return `[${name}](#${name.toLowerCase()})`
}

function rangeText({ minimum, maximum }: JsonObject): string {
  const least = bound(minimum)
  const most = bound(maximum)
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  if (least !== undefined) return ` from ${least}`
  return most === undefined ? '' : ` up to ${most}`
}

/** Zod writes the safe integers as bounds of every integer; they tell nothing. */
function bound(value: Json | undefined): string | undefined {
  if (typeof value !== 'number' || Math.abs(value) === Number.MAX_SAFE_INTEGER) return undefined
  return value.toLocaleString('en-US').replaceAll(',', ' ')
}

function lengthText({ maxLength }: JsonObject): string {
  const most = bound(maxLength)
  return most === undefined ? '' : ` (up to ${most} characters)`
}

function countText({ maxItems }: JsonObject): string {
  const most = bound(maxItems)
  return most === undefined ? '' : `, up to ${most} items`
}
