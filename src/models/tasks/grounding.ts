import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

import type { Quotation } from './schema.ts'

/** A value reduced to what the text backs. */
export interface Grounded {
  readonly value: JsonObject
  /** By JSON Pointer into `value`, the passage it was read from. */
  readonly evidence: Readonly<Record<string, Quotation>>
  /** Scalars left out because nothing backs them. */
  readonly dropped: number
}

/**
 * Keeps of `value` the scalars that a passage backs, at their own place or at one above it.
 *
 * @remarks Array items left without a scalar go too, and the pointers of those behind move up.
 *
 * @param evidence - passages by JSON Pointer into the given value
 */
export function groundValue(value: JsonObject, evidence: ReadonlyMap<string, Quotation>): Grounded {
  const kept: Record<string, Quotation> = {}
  let dropped = 0
  const ground = (node: Json, from: string, to: string): Json | undefined => {
    const passage = evidence.get(from)
    if (passage !== undefined) kept[to] = passage
    if (Array.isArray(node)) return groundItems(node, from, to)
    if (isJsonObject(node)) return groundMembers(node, from, to)
    if (isBacked(from, evidence)) return node
    dropped += 1
    return undefined
  }
  const groundItems = (items: readonly Json[], from: string, to: string): Json | undefined => {
    const found: Json[] = []
    for (const [index, item] of items.entries()) {
      const next = ground(item, `${from}/${index}`, `${to}/${found.length}`)
      if (next !== undefined) found.push(next)
    }
    return found.length > 0 || items.length === 0 ? found : undefined
  }
  const groundMembers = (node: JsonObject, from: string, to: string): JsonObject | undefined => {
    const members = Object.entries(node).flatMap(([name, member]): [string, Json][] => {
      const step = `/${escapePointer(name)}`
      const next = member === null ? undefined : ground(member, `${from}${step}`, `${to}${step}`)
      return next === undefined ? [] : [[name, next]]
    })
    return members.length === 0 ? undefined : Object.fromEntries(members)
  }
  return { value: groundMembers(value, '', '') ?? {}, evidence: kept, dropped }
}

/** A JSON Pointer of what models write for one: `$.authors[0].name`, `authors/0/name`. */
export function toPointer(text: string): string {
  if (text.startsWith('/')) return text
  const steps = text.replace(/^\$/, '').split(/[.[\]/]+/)
  return steps
    .filter((step) => step !== '')
    .map((step) => `/${step}`)
    .join('')
}

/** One step of a JSON Pointer (RFC 6901 section 3). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function isBacked(pointer: string, evidence: ReadonlyMap<string, Quotation>): boolean {
  if (pointer === '') return false
  return evidence.has(pointer) || isBacked(pointer.slice(0, pointer.lastIndexOf('/')), evidence)
}
