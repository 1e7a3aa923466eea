import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** What stands at a dotted path of a value; numbers are places of lists. */
export function valueAt(value: Json, path: string): Json | undefined {
  let found: Json | undefined = value
  for (const name of path.split('.')) {
    if (Array.isArray(found)) found = found[Number(name)]
    else if (isJsonObject(found)) found = Object.hasOwn(found, name) ? found[name] : undefined
    else return undefined
  }
  return found
}

/** The inputs that a mapping takes from what made a schedule fire; a path that leads nowhere gives none. */
export function mapInputs(
  map: Readonly<Record<string, string>> | undefined,
  occasion: JsonObject,
): JsonObject {
  return Object.fromEntries(
    Object.entries(map ?? {}).flatMap(([name, path]) => {
      const value = valueAt(occasion, path)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Whether `data` holds at each path the value that is asked for, or one of a list of them. */
export function matchesFilter(
  where: Readonly<Record<string, Json>> | undefined,
  data: JsonObject,
): boolean {
  return Object.entries(where ?? {}).every(([path, wanted]) => {
    const found = valueAt(data, path)
    if (found === undefined) return false
    const text = JSON.stringify(found)
    const accepted: readonly Json[] = Array.isArray(wanted) ? wanted : [wanted]
    return accepted.some((each) => JSON.stringify(each) === text)
  })
}
