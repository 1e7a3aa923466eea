import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** A reference to a parameter, and where it stands. */
export interface ParameterReference {
  readonly parameter: string
  readonly path: string
}

/** The one member of a reference. */
const MARK = '$param'
/** A member that looks like the mark, with one dollar sign more for each time it was escaped. */
const ESCAPED = /^\$+param$/

/** The reference to a parameter. */
export function referenceTo(parameter: string): JsonObject {
  return { [MARK]: parameter }
}

/** Every reference in a value. */
export function referencesIn(value: Json, path = ''): readonly ParameterReference[] {
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => referencesIn(item, `${path}/${index}`))
  if (!isJsonObject(value)) return []
  const parameter = parameterOf(value)
  if (parameter !== undefined) return [{ parameter, path }]
  return Object.entries(value).flatMap(([key, member]) => referencesIn(member, `${path}/${key}`))
}

function parameterOf(value: JsonObject): string | undefined {
  const [only, ...others] = Object.keys(value)
  const parameter = only === MARK && others.length === 0 ? value[MARK] : undefined
  return typeof parameter === 'string' ? parameter : undefined
}

/**
 * The value with parameters in the place of the references to them.
 *
 * @remarks Structural: a reference is a whole value, never a part of a text, so nothing that a
 * parameter holds can reach beyond its place. A reference without a value leaves its member out.
 * Law: `fillIn(escape(value), {})` is `value`.
 */
export function fillIn(value: Json, parameters: JsonObject): Json | undefined {
  if (Array.isArray(value))
    return value.flatMap((item: Json) => {
      const filled = fillIn(item, parameters)
      return filled === undefined ? [] : [filled]
    })
  if (!isJsonObject(value)) return value
  const parameter = parameterOf(value)
  if (parameter !== undefined) return parameters[parameter]
  return mapMembers(value, (key, member) => {
    const filled = fillIn(member, parameters)
    return filled === undefined ? undefined : [unescapeKey(key), filled]
  })
}

/** The value with everything escaped in it that would be taken for a reference. */
export function escape(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => escape(item))
  if (!isJsonObject(value)) return value
  return mapMembers(value, (key, member) => [ESCAPED.test(key) ? `$${key}` : key, escape(member)])
}

function unescapeKey(key: string): string {
  return ESCAPED.test(key) && key !== MARK ? key.slice(1) : key
}

function mapMembers(
  value: JsonObject,
  change: (key: string, member: Json) => readonly [string, Json] | undefined,
): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const changed = change(key, member)
      return changed === undefined ? [] : [changed]
    }),
  )
}
