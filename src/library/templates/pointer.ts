import { isJsonObject, type Json } from '../../kernel/json.ts'

/** The names of a JSON Pointer (RFC 6901). */
export function pointerNames(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at a pointer; `undefined` when there is none. */
export function valueAt(value: Json, names: readonly string[]): Json | undefined {
  let current: Json | undefined = value
  for (const name of names) {
    if (Array.isArray(current)) current = /^\d+$/.test(name) ? current[Number(name)] : undefined
    else current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined
  }
  return current
}

/** The value with another one in the place that `names` lead to, which must be there. */
export function withValueAt(value: Json, names: readonly string[], other: Json): Json {
  const [name, ...rest] = names
  if (name === undefined) return other
  if (Array.isArray(value))
    return value.map((item: Json, index) =>
      `${index}` === name ? withValueAt(item, rest, other) : item,
    )
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === name ? withValueAt(member, rest, other) : member,
    ]),
  )
}
