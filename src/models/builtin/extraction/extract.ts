import type { Json, JsonObject } from '../../../kernel/json.ts'

import { type Field, fieldsOf, nameMatch, stemsOf } from './fields.ts'
import { type KeyValue, keyValues, tableRows } from './key-values.ts'
import { type Finding, type Haystack, findMention, toHaystack } from './mentions.ts'
import { isKnownFormat, scalarMentions } from './scalars.ts'

/** A passage of the text; offsets are UTF-16. */
export interface Evidence {
  readonly quote: string
  readonly start: number
  readonly end: number
}

/** What was read from a text. */
export interface Extraction {
  /** An object of the schema's shape, with what the text gives. */
  readonly value: JsonObject
  /** By JSON Pointer of each scalar, the passage it was read from. */
  readonly evidence: Readonly<Record<string, Evidence>>
  /** JSON Pointers of fields that the text does not give. */
  readonly missing: readonly string[]
}

/** How well a key must name a field. */
const MIN_MATCH = 0.6

/**
 * Fills the fields of a JSON Schema from a text.
 *
 * @remarks
 * Looks first for lines `key: value` and table cells whose key names the field, then for a value
 * of the field's type near the field's name in running text. No value is filled without a passage.
 * Invariant: `text.slice(start, end)` is the quote of each evidence; each scalar in `value` has one.
 */
export function extract({
  text,
  schema,
}: {
  readonly text: string
  readonly schema: JsonObject
}): Extraction {
  const source: Source = {
    haystack: toHaystack(text),
    pairs: keyValues(text).map((pair) => ({ ...pair, stems: stemsOf(pair.key) })),
    rows: tableRows(text),
  }
  const found = fieldsOf(schema).map((field) => ({ field, ...fill(field, source) }))
  return {
    value: objectOf(found),
    evidence: Object.fromEntries(found.flatMap(({ evidence }) => evidence)),
    missing: found.flatMap(({ missing }) => missing),
  }
}

interface Source {
  readonly haystack: Haystack
  readonly pairs: readonly (KeyValue & { readonly stems: readonly string[] })[]
  readonly rows: readonly (readonly KeyValue[])[]
}

interface Filled {
  readonly value?: Json
  readonly evidence: readonly (readonly [pointer: string, evidence: Evidence])[]
  readonly missing: readonly string[]
}

function objectOf(found: readonly (Filled & { readonly field: Field })[]): JsonObject {
  return Object.fromEntries(
    found.flatMap(({ field, value }) =>
      value === undefined ? [] : [[lastToken(field.pointer), value]],
    ),
  )
}

function lastToken(pointer: string): string {
  const token = pointer.slice(pointer.lastIndexOf('/') + 1)
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

function fill(field: Field, source: Source): Filled {
  if (field.type === 'object') return fillObject(field, source)
  if (field.type === 'array') return fillArray(field, source)
  const finding = bestPair(field, source) ?? findMention(field, source.haystack)
  if (finding === undefined) return { evidence: [], missing: [field.pointer] }
  return {
    value: finding.value,
    evidence: [[field.pointer, evidenceOf(finding, source)]],
    missing: [],
  }
}

function evidenceOf({ quoteStart, quoteEnd }: Finding, { haystack }: Source): Evidence {
  return { quote: haystack.text.slice(quoteStart, quoteEnd), start: quoteStart, end: quoteEnd }
}

function fillObject(field: Field, source: Source): Filled {
  const found = field.properties.map((property) => ({ field: property, ...fill(property, source) }))
  const evidence = found.flatMap((one) => one.evidence)
  const missing = found.flatMap((one) => one.missing)
  return evidence.length === 0
    ? { evidence, missing }
    : { value: objectOf(found), evidence, missing }
}

/** The value under the key that names the field best. */
function bestPair(field: Field, { pairs }: Source): Finding | undefined {
  return pairs
    .map((pair) => ({ pair, match: nameMatch(field, pair.stems) }))
    .filter(({ match }) => match >= MIN_MATCH)
    .toSorted((a, b) => b.match - a.match || a.pair.start - b.pair.start)
    .map(({ pair }) => fromPair(field, pair))
    .find((finding) => finding !== undefined)
}

function fromPair(
  field: Field,
  { value, start, end, quoteStart, quoteEnd }: KeyValue,
): Finding | undefined {
  const isFree = field.type === 'string' && field.enum === undefined && !isKnownFormat(field.format)
  if (isFree) return { value, start, end, quoteStart, quoteEnd }
  const mention = scalarMentions(field, value)[0]
  if (mention === undefined) return undefined
  return {
    value: mention.value,
    start: start + mention.start,
    end: start + mention.end,
    quoteStart,
    quoteEnd,
  }
}

function fillArray(field: Field, source: Source): Filled {
  const { items, pointer } = field
  if (items === undefined) return { evidence: [], missing: [pointer] }
  const found = items.type === 'object' ? fromRows(items, source) : fromList(field, items, source)
  if (found.length === 0) return { evidence: [], missing: [pointer] }
  return {
    value: found.map(({ value }) => value),
    evidence: found.flatMap(({ evidence }, index) =>
      evidence.map(([inner, passage]) => [`${pointer}/${index}${inner}`, passage] as const),
    ),
    missing: [],
  }
}

type Element = { readonly value: Json; readonly evidence: Filled['evidence'] }

/** Table rows whose columns name at least half of the properties. */
function fromRows(items: Field, source: Source): readonly Element[] {
  return source.rows.flatMap((row) => {
    const cells = items.properties.flatMap((property) => {
      const pair = { ...source, pairs: row.map((cell) => ({ ...cell, stems: stemsOf(cell.key) })) }
      const finding = bestPair(property, pair)
      return finding === undefined ? [] : [{ name: lastToken(property.pointer), finding }]
    })
    if (cells.length === 0 || cells.length * 2 < items.properties.length) return []
    const value = Object.fromEntries(cells.map(({ name, finding }) => [name, finding.value]))
    const evidence = cells.map(
      ({ name, finding }) => [`/${name}`, evidenceOf(finding, source)] as const,
    )
    return [{ value, evidence }]
  })
}

/** The parts of a value `a, b and c` under a key that names the field, else every mention. */
function fromList(field: Field, items: Field, source: Source): readonly Element[] {
  const pair = source.pairs
    .map((candidate) => ({ candidate, match: nameMatch(field, candidate.stems) }))
    .filter(({ match }) => match >= MIN_MATCH)
    .toSorted((a, b) => b.match - a.match)[0]?.candidate
  const element = (finding: Finding): Element => ({
    value: finding.value,
    evidence: [['', evidenceOf(finding, source)]],
  })
  if (pair !== undefined) {
    const parts = pair.value.split(/\s*[,;]\s*(?:and\s+)?|\s+and\s+/).filter((part) => part !== '')
    return parts.flatMap((part) => {
      const finding = fromPair(items, { ...pair, value: part })
      return finding === undefined ? [] : [element(finding)]
    })
  }
  if (!/^(?:email|uri|uuid|date)$/.test(items.format ?? '')) return []
  return source.haystack.sentences.flatMap((sentence) =>
    scalarMentions(items, sentence.text).map(({ value }) =>
      element({ value, start: 0, end: 0, quoteStart: sentence.start, quoteEnd: sentence.end }),
    ),
  )
}
