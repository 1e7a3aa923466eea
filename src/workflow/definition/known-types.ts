import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** What is known of a value's type: a JSON Schema, or nothing. */
export type KnownType = JsonObject | undefined

/** A member that a schema rules out. */
export interface MissingMember {
  readonly kind: 'missing'
  readonly member: string
  readonly known: readonly string[]
}

/**
 * The type at the end of a path of names, as JSONata walks it: through lists into their items.
 *
 * @returns the type; `undefined` when nothing is known; or the name that cannot be there.
 */
export function typeAt(type: KnownType, path: readonly string[]): KnownType | MissingMember {
  let current = type
  for (const member of path) {
    current = throughLists(current)
    if (current === undefined || !isJsonObject(current['properties'])) return undefined
    const next = current['properties'][member]
    if (isJsonObject(next)) {
      current = next
      continue
    }
    if (current['additionalProperties'] !== false) return undefined
    return { kind: 'missing', member, known: Object.keys(current['properties']) }
  }
  return current
}

/** Whether {@link typeAt} found a name that cannot be there. */
export function isMissing(found: KnownType | MissingMember): found is MissingMember {
  return found !== undefined && found['kind'] === 'missing' && Array.isArray(found['known'])
}

function throughLists(type: KnownType): KnownType {
  let current = type
  while (current !== undefined && current['type'] === 'array') {
    const items: Json | undefined = current['items']
    current = isJsonObject(items) ? items : undefined
  }
  return current
}

/** The JSON types a schema allows; `undefined` when it does not say. */
export function typesOf(schema: KnownType): ReadonlySet<string> | undefined {
  if (schema === undefined) return undefined
  const { type, enum: values, anyOf } = schema
  if (typeof type === 'string') return new Set(type === 'number' ? ['number', 'integer'] : [type])
  if (Array.isArray(type)) return new Set(type.filter((each: Json) => typeof each === 'string'))
  if (Array.isArray(values)) return new Set(values.map((value: Json) => typeNameOf(value)))
  if (Array.isArray(anyOf)) return unionOf(anyOf)
  return undefined
}

function unionOf(members: readonly Json[]): ReadonlySet<string> | undefined {
  const union = new Set<string>()
  for (const member of members) {
    const types = isJsonObject(member) ? typesOf(member) : undefined
    if (types === undefined) return undefined
    for (const type of types) union.add(type)
  }
  return union
}

function typeNameOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Whether a value of type `given` can never be what `wanted` asks for. */
export function areDisjoint(given: KnownType, wanted: KnownType): boolean {
  const [from, to] = [typesOf(given), typesOf(wanted)]
  if (from === undefined || to === undefined) return false
  return ![...from].some((type) => to.has(type) || (type === 'integer' && to.has('number')))
}
