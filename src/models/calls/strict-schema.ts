import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** What strict mode knows; any other keyword makes the server refuse the schema. */
const KEYWORDS = new Set(
  (
    'type properties required additionalProperties items enum const anyOf title description ' +
    '$ref $defs pattern format minItems maxItems minimum maximum exclusiveMinimum ' +
    'exclusiveMaximum multipleOf'
  ).split(' '),
)

/**
 * Whether a schema obeys the rules of OpenAI's strict mode: every object lists all its properties
 * as required and allows no others.
 *
 * @remarks Source: OpenAI, "Structured outputs", supported schemas. In strict mode the server can only produce valid answers, but rejects other schemas; so
 * strict is asked for when it can be had, and PRSM checks the answer in any case.
 */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' && isStrict(schema)
}

function isStrict(node: Json): boolean {
  if (!isJsonObject(node)) return !Array.isArray(node) || node.every((item: Json) => isStrict(item))
  if (node['type'] === 'object' && !isClosed(node)) return false
  return Object.entries(node).every(([key, member]) => {
    if (!KEYWORDS.has(key)) return false
    // Under these two, keys are names of the caller's and not keywords.
    const isNamed = (key === 'properties' || key === '$defs') && isJsonObject(member)
    if (isNamed) return Object.values(member).every((item) => isStrict(item))
    return key === 'const' || isStrict(member)
  })
}

function isClosed({ properties, required, additionalProperties }: JsonObject): boolean {
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const listed: readonly Json[] = Array.isArray(required) ? required : []
  return additionalProperties === false && names.every((name) => listed.includes(name))
}
