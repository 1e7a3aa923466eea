import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { InvalidInputError, UsageError } from '../errors.ts'

/** What a definition says of its inputs: a JSON Schema of an object. */
export type InputsSchema = JsonObject | undefined

/** One `--input name=text`, a text that stands for a file already read. */
export interface GivenInput {
  readonly name: string
  readonly text: string
}

/** The inputs schema of a definition. */
export function inputsSchemaOf(definition: JsonObject): InputsSchema {
  const { inputs } = definition
  return isJsonObject(inputs) ? inputs : undefined
}

/** The schema of one input; `undefined` when anything is allowed there. */
export function schemaOf(schema: InputsSchema, name: string): JsonObject | undefined {
  const properties = schema?.['properties']
  const found = isJsonObject(properties) ? properties[name] : undefined
  return isJsonObject(found) ? found : undefined
}

/**
 * The inputs that texts stand for.
 *
 * @remarks A name given several times makes a list, where the schema asks for one.
 * @throws {@link UsageError} {@link InvalidInputError}
 */
export function coerceInputs(schema: InputsSchema, given: readonly GivenInput[]): JsonObject {
  const inputs: Record<string, Json> = {}
  for (const name of new Set(given.map((each) => each.name))) {
    checkName(schema, name)
    const values = given.filter((each) => each.name === name)
    inputs[name] = coerceAll(name, schemaOf(schema, name), values)
  }
  return inputs
}

/** Only what the definition names may be given, unless it says that more is allowed. */
export function checkName(schema: InputsSchema, name: string): void {
  const properties = schema?.['properties']
  if (schema === undefined || !isJsonObject(properties)) return
  const more = schema['additionalProperties']
  if (name in properties || more === true || isJsonObject(more)) return
  const known = Object.keys(properties)
  throw new UsageError(`there is no input "${name}"${didYouMean(name, known)}`, {
    hint:
      known.length === 0
        ? 'this workflow takes no inputs'
        : `this workflow takes: ${known.join(', ')}`,
    details: { input: name, known },
  })
}

function coerceAll(
  name: string,
  schema: JsonObject | undefined,
  values: readonly GivenInput[],
): Json {
  const [first] = values
  if (values.length === 1 && first !== undefined && !isListOfTexts(schema, first.text)) {
    return coerce(name, schema, first.text)
  }
  if (!typesOf(schema).includes('array') && schema !== undefined) {
    throw new InvalidInputError(name, 'it is given more than once', {
      hint: 'only lists take several values',
    })
  }
  const items = schema?.['items']
  const itemSchema = isJsonObject(items) ? items : undefined
  return values.map(({ text }) => coerce(name, itemSchema, text))
}

/** Whether one plain text stands for a list with this one item. */
function isListOfTexts(schema: JsonObject | undefined, text: string): boolean {
  const types = typesOf(schema)
  return types.includes('array') && !types.includes('string') && !/^\s*\[/.test(text)
}

function coerce(name: string, schema: JsonObject | undefined, text: string): Json {
  const types = typesOf(schema)
  if (types.includes('string')) return coerceLoosely(types, text)
  const value = parse(text)
  if (types.length === 0) return value === undefined ? text : value
  if (value === undefined || !types.includes(typeOf(value, types))) {
    throw new InvalidInputError(name, `"${shorten(text)}" is not ${describe(types)}`, {
      hint: HINTS[types[0] ?? ''] ?? 'write it as JSON',
    })
  }
  return value
}

/** A text stays a text, unless it is plainly another value that is allowed as well. */
function coerceLoosely(types: readonly string[], text: string): Json {
  const value = types.length > 1 ? parse(text) : undefined
  if (value === undefined || typeof value === 'string') return text
  return types.includes(typeOf(value, types)) ? value : text
}

const HINTS: Readonly<Record<string, string>> = {
  number: 'write a number such as 2.5',
  integer: 'write a whole number such as 3',
  boolean: 'write true or false',
  array:
    'write a JSON list such as \'["a","b"]\', give the input several times, or name a file with @',
  object: 'write a JSON object such as \'{"a":1}\', or name a file with @',
}

/** The types that a schema allows; none when it does not say. */
function typesOf(schema: JsonObject | undefined): readonly string[] {
  if (schema === undefined) return []
  const { type, enum: values, anyOf, oneOf } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter((each) => typeof each === 'string')
  if (Array.isArray(values)) return [...new Set(values.map((value: Json) => typeOf(value, [])))]
  const arms = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  return arms.flatMap((arm: Json) => (isJsonObject(arm) ? typesOf(arm) : []))
}

/** The type of a value in the words of JSON Schema; a whole number is an integer if that is asked. */
function typeOf(value: Json, asked: readonly string[]): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (Number.isInteger(value) && asked.includes('integer')) return 'integer'
  return typeof value
}

function describe(types: readonly string[]): string {
  const words = types.map((type) => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`))
  return words.join(' or ')
}

function parse(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
