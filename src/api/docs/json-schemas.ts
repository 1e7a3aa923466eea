import { z } from 'zod'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** Gathers the schemas of a document under their names. */
export interface SchemaBook {
  /** The schema as it stands in the document: a reference when it has a name. */
  refer(schema: z.ZodType): JsonObject
  /** All named schemas met so far, by name. */
  readonly schemas: JsonObject
}

const ANY_JSON: JsonObject = { description: 'Any JSON value' }
const ANY_JSON_NAME = 'Json'

/**
 * Starts an empty book.
 *
 * @remarks Zod's own JSON Schema (2020-12) is what OpenAPI 3.1 speaks; only the places of named
 * schemas differ. The wire form of a codec is its input.
 */
export function createSchemaBook(): SchemaBook {
  const schemas: Record<string, Json> = {}
  return {
    schemas,
    refer(schema) {
      const { $schema: _, $defs, ...root } = toJsonSchema(z.object({ it: schema }))
      for (const [name, each] of Object.entries(isJsonObject($defs) ? $defs : {})) {
        schemas[nameOf(name)] = isAnonymous(name) ? ANY_JSON : move(each)
      }
      const { properties } = root
      const it = isJsonObject(properties) ? move(properties['it'] ?? {}) : {}
      return isJsonObject(it) ? it : {}
    },
  }
}

function toJsonSchema(schema: z.ZodType): JsonObject {
  const made: unknown = z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      // What every whole number in JavaScript is bounded by says nothing, and fills the examples.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      // `z.json()` is its own member, for which JSON Schema has a shorter word.
      if (!(zodSchema instanceof z.ZodLazy)) return
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
    },
  })
  const json: JsonObject = JSON.parse(JSON.stringify(made))
  return json
}

/** Moves references from the place zod gives them to the place OpenAPI gives them. */
function move(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => move(item))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key !== '$ref' || typeof member !== 'string') return [key, move(member)]
      return [key, `#/components/schemas/${nameOf(member.slice('#/$defs/'.length))}`]
    }),
  )
}

/** Zod numbers the schemas that recur and have no name; here these are the arms of `z.json()`. */
function isAnonymous(name: string): boolean {
  return name.startsWith('__schema')
}

function nameOf(name: string): string {
  return isAnonymous(name) ? ANY_JSON_NAME : name
}
