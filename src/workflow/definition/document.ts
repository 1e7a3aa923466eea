import { inspect } from 'node:util'

import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml'

import type { Json } from '../../kernel/json.ts'
import { ok, refuse, type Result } from '../../kernel/result.ts'

import { findInJson } from './json-places.ts'
import type { Path } from './path.ts'
import type { Problem } from './schema.ts'

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A parsed definition that remembers where everything stood. */
export interface SourceDocument {
  readonly value: Json
  readonly file: string | undefined
  /** Where the value at `path` stands, or the nearest value above it that exists. */
  place(path: Path): Place | undefined
}

/** Longest text of a definition, in UTF-16 units. */
const MAX_TEXT = 64 * 1024 * 1024
/** Longest text that a person is thought to have written, in UTF-16 units. */
const MAX_HAND_WRITTEN = 1024 * 1024
/** Deepest nesting of lists and maps. */
const MAX_DEPTH = 100
/** Most values that aliases may stand for: an alias bomb grows by powers. */
const MAX_ALIASES = 1_000

/**
 * Reads YAML or JSON. JSON is YAML, so one reader serves both; long JSON takes a faster way.
 *
 * @returns every syntax problem, with line and column.
 */
export function parseSource(
  text: string,
  file?: string,
): Result<SourceDocument, readonly Problem[]> {
  const tooBig = checkSize(text, file)
  if (tooBig !== undefined) return refuse([tooBig])
  // JSON.parse is fifty times faster but keeps the last of two equal keys in silence, so it reads
  // only texts too long to have been written by hand.
  const asJson = text.length > MAX_HAND_WRITTEN ? tryJson(text) : undefined
  if (asJson !== undefined) return ok({ value: asJson, file, place: placesInJson(text) })
  return parseYaml(text, file)
}

function parseYaml(text: string, file?: string): Result<SourceDocument, readonly Problem[]> {
  const lines = new LineCounter()
  // The library compares every key with every other one; `findDuplicates` does it in linear time.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const at = (offset: number): Place => placeAt(lines, offset)
  const problems = [...document.errors, ...document.warnings].map(({ message, pos }) =>
    syntaxProblem(firstLine(message), file, at(pos[0])),
  )
  problems.push(
    ...findDuplicates(document).map(({ key, offset }) =>
      syntaxProblem(`the key "${key}" stands twice`, file, at(offset)),
    ),
  )
  if (problems.length > 0) return refuse(problems)
  const value = toJson(document, file)
  return value.ok
    ? ok({ value: value.value, file, place: (path) => findPlace(document, lines, path) })
    : value
}

function toJson(document: Document, file?: string): Result<Json, readonly Problem[]> {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return ok(toPlain(value))
  } catch (fault) {
    if (fault instanceof ReferenceError || fault instanceof NotJsonError) {
      return refuse([syntaxProblem(fault.message, file, undefined)])
    }
    throw fault
  }
}

class NotJsonError extends Error {}

/** The value as JSON; refuses what only YAML can say (dates, infinities, non-text keys). */
function toPlain(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item) => toPlain(item))
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]))
  }
  throw new NotJsonError(`the value ${inspect(value)} cannot be written in JSON`)
}

function checkSize(text: string, file?: string): Problem | undefined {
  if (text.length > MAX_TEXT) {
    return syntaxProblem(
      `the text has ${text.length} characters, more than ${MAX_TEXT}`,
      file,
      undefined,
    )
  }
  const deepAt = findDepth(text)
  if (deepAt === undefined) return undefined
  const before = text.slice(0, deepAt)
  const place = { line: before.split('\n').length, column: deepAt - before.lastIndexOf('\n') }
  return syntaxProblem(`lists and maps are nested more than ${MAX_DEPTH} deep`, file, place)
}

/** Where brackets or indentation go too deep; the parser below is recursive. */
function findDepth(text: string): number | undefined {
  let depth = 0
  for (let offset = 0; offset < text.length; offset++) {
    const char = text.charCodeAt(offset)
    if (char === 0x5b || char === 0x7b) depth++
    else if (char === 0x5d || char === 0x7d) depth = Math.max(0, depth - 1)
    if (depth > MAX_DEPTH) return offset
  }
  const deep = /^(?:- ){101,}|^ {400,}\S/m.exec(text)
  return deep?.index
}

function tryJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (fault) {
    // Not JSON: the YAML reader says what is wrong, and where.
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}

function placesInJson(text: string): SourceDocument['place'] {
  return (path) => {
    const before = text.slice(0, findInJson(text, path))
    const lastBreak = before.lastIndexOf('\n')
    return { line: before.split('\n').length, column: before.length - lastBreak }
  }
}

function findPlace(document: Document, lines: LineCounter, path: Path): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown =
      length === 0 ? document.contents : keyOrValue(document, path.slice(0, length))
    if (isNode(node) && node.range) return placeAt(lines, node.range[0])
  }
  return undefined
}

/** The key of the last part of the path where there is one: that is where a reader looks. */
function keyOrValue(document: Document, path: Path): unknown {
  const parent: unknown =
    path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
    return pair?.key
  }
  return isCollection(parent) ? parent.get(last, true) : undefined
}

interface Duplicate {
  readonly key: string
  readonly offset: number
}

function findDuplicates(document: Document): readonly Duplicate[] {
  const found: Duplicate[] = []
  visit(document, {
    Map(_index, map) {
      const seen = new Set<unknown>()
      for (const item of map.items) {
        if (!isPair(item) || !isScalar(item.key)) continue
        const { value, range } = item.key
        if (seen.has(value)) found.push({ key: String(value), offset: range?.[0] ?? 0 })
        seen.add(value)
      }
    },
  })
  return found
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}

function syntaxProblem(
  message: string,
  file: string | undefined,
  place: Place | undefined,
): Problem {
  return {
    code: 'workflow.syntax',
    message,
    path: '',
    ...(file !== undefined && { file }),
    ...place,
  }
}
