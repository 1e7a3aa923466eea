import { z } from 'zod'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

import { allowExpressions } from './json-schema.ts'
import { definition } from './schema.ts'

/** A kind of step, as far as an editor has to know it. */
export interface KindOutline {
  readonly name: string
  readonly summary: string
  /** JSON Schema of `with`, before expressions are evaluated. */
  readonly parameters: JsonObject
}

/**
 * The JSON Schema of definitions as people write them in files, for editors and programs.
 *
 * @param kinds - whose names and parameters are offered and checked; other kinds stay allowed.
 */
export function workflowSchema(kinds: readonly KindOutline[]): JsonObject {
  const made: unknown = z.toJSONSchema(definition, { io: 'input', unrepresentable: 'any' })
  const schema: JsonObject = JSON.parse(JSON.stringify(made))
  const definitions = objectAt(schema, '$defs')
  return {
    ...schema,
    $defs: {
      ...definitions,
      Definition: withOneStep(objectAt(definitions, 'Definition')),
      Step: withKinds(objectAt(definitions, 'Step'), kinds),
    },
  }
}

/** What the checker asks for beyond the schema's own words. */
function withOneStep(whole: JsonObject): JsonObject {
  const properties = objectAt(whole, 'properties')
  const steps = { ...objectAt(properties, 'steps'), minProperties: 1 }
  return { ...whole, properties: { ...properties, steps } }
}

function withKinds(step: JsonObject, kinds: readonly KindOutline[]): JsonObject {
  if (kinds.length === 0) return step
  const uses: Json = {
    description: 'The kind of step',
    anyOf: [
      ...kinds.map(({ name, summary }) => ({ const: name, description: summary })),
      { type: 'string', minLength: 1, maxLength: 64 },
    ],
  }
  return {
    ...step,
    properties: { ...objectAt(step, 'properties'), uses },
    allOf: kinds.map(conditionFor),
  }
}

function objectAt(parent: JsonObject, name: string): JsonObject {
  const child = parent[name]
  if (!isJsonObject(child)) throw new TypeError(`the schema has no "${name}"`)
  return child
}

/** What may stand under `with` of one kind, expressions and secrets in the place of any value. */
function conditionFor(kind: KindOutline): JsonObject {
  const { $defs: _, ...parameters } = inFiles(kind)
  const given = allowExpressions(withoutReferences(parameters))
  return {
    if: { properties: { uses: { const: kind.name } }, required: ['uses'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { properties: { with: { ...given, description: kind.summary } } },
  }
}

/** In a file, another workflow is named by its file, which is read when the definition is loaded. */
function inFiles({ name, parameters }: KindOutline): JsonObject {
  const { properties } = parameters
  if (name !== 'workflow' || !isJsonObject(properties)) return parameters
  const { required: _, ...rest } = parameters
  const file = {
    type: 'string',
    minLength: 1,
    description: 'A definition file, relative to this one; instead of "definition"',
  }
  return {
    ...rest,
    properties: { ...properties, file },
    oneOf: [{ required: ['definition'] }, { required: ['file'] }],
  }
}

/** The only references of parameters are to "any JSON", which needs no name. */
function withoutReferences(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== '$ref')
      .map(([key, value]) => [key, plain(value)]),
  )
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => plain(each))
  return isJsonObject(value) ? withoutReferences(value) : value
}
