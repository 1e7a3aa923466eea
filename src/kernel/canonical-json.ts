import type { Json } from './json.ts'

/**
 * The one text of a JSON value: equal values give equal texts whatever the order of their keys.
 *
 * @remarks Source: RFC 8785, JSON Canonicalization Scheme (docs/sources.md#canonical-json).
 * @throws {TypeError} a number is not finite: JSON has no such value.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`JSON cannot carry the number ${value}`)
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // RFC 8785 section 3.2.3: by UTF-16 code units, which is what `<` compares.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
