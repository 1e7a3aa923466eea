/** A value as JSON text, or what about it is not JSON and where. */
export type JsonText =
  | { readonly kind: 'returned'; readonly json: string }
  | { readonly kind: 'not-json'; readonly path: string; readonly what: string }

/** Deepest nesting and longest text a step may give. */
const MAX_DEPTH = 500
const MAX_CHARS = 32 * 1024 * 1024

/** Where the walk is: what it is in, and under which key. */
interface Place {
  readonly key: string | number
  readonly inside?: Place & { readonly value: object }
  readonly depth: number
}

/** Thrown inside this file only. */
class NotJson extends Error {
  readonly path: string
  constructor(place: Place, what: string) {
    super(what)
    const keys: string[] = []
    for (let at = place; at.inside !== undefined; at = at.inside) {
      keys.unshift(typeof at.key === 'number' ? `[${at.key}]` : `.${at.key}`)
    }
    this.path = keys.join('').replace(/^\./, '').slice(0, 500)
  }
}

/**
 * The JSON text of what a function returned.
 *
 * @remarks
 * Strict where `JSON.stringify` loses something: functions, symbols, `bigint`, `NaN`, infinities,
 * cycles and objects of a class (`Map`, `Error`, buffers) are refused. `toJSON` is honoured, so a
 * `Date` becomes text. `undefined` is null at the top and in lists, and absent in objects.
 */
export function toJsonText(value: unknown): JsonText {
  try {
    const json = JSON.stringify(toClean(value, { key: '', depth: 0 }) ?? null)
    if (json.length <= MAX_CHARS) return { kind: 'returned', json }
    const what = `${json.length} characters long, more than ${MAX_CHARS}`
    return { kind: 'not-json', path: '', what }
  } catch (fault) {
    if (!(fault instanceof NotJson)) throw fault
    return { kind: 'not-json', path: fault.path, what: fault.message }
  }
}

function toClean(raw: unknown, place: Place): unknown {
  const value = hasToJson(raw) ? raw.toJSON() : raw
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw new NotJson(place, String(value))
    case 'object':
      return value === null ? null : toCleanObject(value, place)
    default:
      throw new NotJson(place, `a ${typeof value}`)
  }
}

function toCleanObject(value: object, place: Place): unknown {
  for (let at = place.inside; at !== undefined; at = at.inside) {
    if (at.value === value) throw new NotJson(place, 'a cycle')
  }
  if (place.depth === MAX_DEPTH) {
    throw new NotJson(place, `nested deeper than ${MAX_DEPTH} levels`)
  }
  const inside = { ...place, value }
  const depth = place.depth + 1
  if (Array.isArray(value)) {
    return value.map((item: unknown, key) => toClean(item, { key, inside, depth }))
  }
  if (!isPlain(value)) throw new NotJson(place, `a ${className(value)}`)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, toClean(member, { key, inside, depth })]),
  )
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    'toJSON' in value &&
    typeof value.toJSON === 'function'
  )
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function className(value: object): string {
  const made: unknown = Reflect.get(value, 'constructor')
  return typeof made === 'function' && made.name !== '' ? made.name : 'class instance'
}
