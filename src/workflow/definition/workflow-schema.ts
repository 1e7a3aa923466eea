import { definitionSchema } from '../../src/cli/definition/definition-schema.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/json.ts'
import { allowExpressions } from '../../src/workflow/definition/json-schema.ts'
import type { StepKind } from '../../src/workflow/index.ts'

/** The JSON Schema of definitions as people write them in files, for editors. */
export function workflowSchema(kinds: readonly StepKind[]): JsonObject {
  const outlines = kinds.map(({ name, summary, parameters }) => ({ name, summary, parameters }))
  const schema = definitionSchema(outlines)
  const { $defs } = schema
  const definitions = isJsonObject($defs) ? $defs : {}
  return {
    ...schema,
    $defs: {
      ...definitions,
      Definition: withOneStep(objectAt(definitions, 'Definition')),
      Step: { ...objectAt(definitions, 'Step'), allOf: kinds.map(conditionFor) },
    },
  }
}

/** What the checker asks for beyond the schema's own words. */
function withOneStep(definition: JsonObject): JsonObject {
  const properties = objectAt(definition, 'properties')
  const steps = { ...objectAt(properties, 'steps'), minProperties: 1 }
  return { ...definition, properties: { ...properties, steps } }
}

function objectAt(parent: JsonObject, name: string): JsonObject {
  const child = parent[name]
  if (!isJsonObject(child)) throw new TypeError(`the schema has no "${name}"`)
  return child
}

/** What may stand under `with` of one kind, expressions and secrets in the place of any value. */
function conditionFor(kind: StepKind): JsonObject {
  const { $defs: _, ...parameters } = inFiles(kind)
  const given = allowExpressions(withoutReferences(parameters))
  return {
    if: { properties: { uses: { const: kind.name } }, required: ['uses'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { properties: { with: { ...given, description: kind.summary } } },
  }
}

/** In a file, another workflow is named by its file, which is read when the definition is loaded. */
function inFiles({ name, parameters }: StepKind): JsonObject {
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
