import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** A placeholder, and where it stands. */
export interface Placeholder {
  readonly parameter: string
  readonly path: string
}

/** The one member of a placeholder. */
const MARK = '$param'
/** A member that looks like the mark, with one dollar sign more for each time it was escaped. */
const ESCAPED = /^\$+param$/

/** A placeholder for a parameter. */
export function placeholderFor(parameter: string): JsonObject {
  return { [MARK]: parameter }
}

/** Every placeholder in a value. */
export function placeholdersIn(value: Json, path = ''): readonly Placeholder[] {
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => placeholdersIn(item, `${path}/${index}`))
  if (!isJsonObject(value)) return []
  const parameter = parameterOf(value)
  if (parameter !== undefined) return [{ parameter, path }]
  return Object.entries(value).flatMap(([key, member]) => placeholdersIn(member, `${path}/${key}`))
}

function parameterOf(value: JsonObject): string | undefined {
  const [only, ...others] = Object.keys(value)
  const parameter = only === MARK && others.length === 0 ? value[MARK] : undefined
  return typeof parameter === 'string' ? parameter : undefined
}

/**
 * The value with parameters in the place of their placeholders.
 *
 * @remarks Structural: a placeholder is a whole value, never a part of a text, so nothing that a
 * parameter holds can reach beyond its place. A placeholder without a value leaves its member out.
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

/** The value with everything escaped in it that would be taken for a placeholder. */
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
