import { z } from 'zod'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { definition } from '../../workflow/definition/schema.ts'

/** A kind of step, as far as an editor has to know it. */
export interface KindOutline {
  readonly name: string
  readonly summary: string
  readonly parameters: JsonObject
}

/**
 * The JSON Schema of definitions, for editors and programs.
 *
 * @param kinds - whose names and parameters are offered; other kinds stay allowed.
 */
export function definitionSchema(kinds: readonly KindOutline[] = []): JsonObject {
  const made: unknown = z.toJSONSchema(definition, { io: 'input', unrepresentable: 'any' })
  const schema: JsonObject = JSON.parse(JSON.stringify(made))
  return kinds.length === 0 ? schema : withKinds(schema, kinds)
}

function withKinds(schema: JsonObject, kinds: readonly KindOutline[]): JsonObject {
  const { $defs, ...rest } = schema
  const step = isJsonObject($defs) ? $defs['Step'] : undefined
  if (!isJsonObject($defs) || !isJsonObject(step)) return schema
  const { properties } = step
  const uses: Json = {
    description: 'The kind of step',
    anyOf: [
      ...kinds.map(({ name, summary }) => ({ const: name, description: summary })),
      { type: 'string', minLength: 1, maxLength: 64 },
    ],
  }
  const known = isJsonObject(properties) ? properties : {}
  return {
    ...rest,
    $defs: {
      ...$defs,
      Step: { ...step, properties: { ...known, uses }, allOf: kinds.map(conditionFor) },
    },
  }
}

/** What may stand under `with` of one kind. */
function conditionFor({ name, parameters }: KindOutline): JsonObject {
  return {
    if: { properties: { uses: { const: name } }, required: ['uses'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { properties: { with: outline(parameters) } },
  }
}

/** Names and descriptions only: an expression may stand wherever a value may. */
function outline({ properties, required, additionalProperties }: JsonObject): JsonObject {
  const named = isJsonObject(properties) ? properties : {}
  const described = Object.entries(named).map(([name, value]): [string, Json] => {
    const description = isJsonObject(value) ? value['description'] : undefined
    return [name, description === undefined ? {} : { description }]
  })
  return {
    type: 'object',
    properties: Object.fromEntries(described),
    ...(required !== undefined && { required }),
    ...(additionalProperties === false && { additionalProperties }),
  }
}
