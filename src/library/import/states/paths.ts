import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { type Findings, pointerName } from '../findings.ts'

import { mark, toSource } from './expressions.ts'

/** Where a finding belongs. */
export interface Place {
  readonly path: string
  readonly findings: Findings
}

const REFERENCE = /^\$(?:\.[A-Za-z_][\w-]*|\['[^'\\]+'\]|\[\d+\])*$/
const PART = /\.([A-Za-z_][\w-]*)|\['([^'\\]+)'\]|\[(\d+)\]/g

/**
 * A reference path as JSONata text over `base`.
 *
 * @remarks Exact for members and indexes, which is what reference paths are made of. Filters,
 * wildcards, slices, descents and intrinsic functions have no exact counterpart and are found.
 */
export function pathSource(text: string, base: string, { path, findings }: Place): string {
  if (!REFERENCE.test(text)) {
    const what = text.startsWith('States.') ? 'an intrinsic function' : 'no plain reference path'
    findings.error(path, `${text} is ${what}`, 'rewrite the state with QueryLanguage: JSONata')
    return 'null'
  }
  const parts = [...text.matchAll(PART)].map(([, name, quoted, index]) =>
    index === undefined ? `.\`${name ?? quoted ?? ''}\`` : `[${index}]`,
  )
  return `${base}${parts.join('')}`
}

/** A payload template as JSONata text: members whose names end with `.$` hold paths. */
export function payloadSource(value: Json, base: string, place: Place): string {
  return toSource(fill(value, base, place))
}

function fill(value: Json, base: string, { path, findings }: Place): Json {
  if (Array.isArray(value))
    return value.map((item: Json, index) =>
      fill(item, base, { path: `${path}/${index}`, findings }),
    )
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([key, member]): [string, Json] => {
    const inner = { path: `${path}/${pointerName(key)}`, findings }
    if (!key.endsWith('.$')) return [key, fill(member, base, inner)]
    return [key.slice(0, -2), mark(pathSource(textIn(member), base, inner))]
  })
  return Object.fromEntries(members)
}

/** A text where one should stand; anything else is shown as it is. */
export function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** The input with a result put at a result path. */
export function withResult(
  [input, result]: readonly [string, string],
  text: string,
  { path, findings }: Place,
): string {
  if (text === '$') return result
  const names = [...text.matchAll(PART)].map(([, name, quoted]) => name ?? quoted)
  if (!REFERENCE.test(text) || names.some((name) => name === undefined)) {
    findings.error(path, `${text} is no path that a result can be put at`)
    return result
  }
  return put(
    input,
    names.flatMap((name) => name ?? []),
    result,
  )
}

function put(base: string, [name, ...rest]: readonly string[], result: string): string {
  if (name === undefined) return result
  const key = JSON.stringify(name)
  return `$merge([${base}, {${key}: ${put(`${base}.\`${name}\``, rest, result)}}])`
}
