import { z } from 'zod'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

import type { TaskDefinition } from './definition.ts'
import { escapePointer, groundValue, toPointer } from './grounding.ts'
import { buildPrompt, closedObject, listOf } from './prompt-parts.ts'
import type { QuoteFinder } from './quotes.ts'
import type { Quotation } from './schema.ts'
import { wrongShape } from './wrong-shape.ts'

const json: z.ZodType<Json> = z.json()
const passage = z.object({ quote: z.string(), start: z.number().optional() })
const answer = z.object({
  value: z.record(z.string(), json),
  // A list from language models, whose schemas have no free keys; a record from the algorithm.
  evidence: z.union([
    z.array(passage.extend({ field: z.string() })),
    z
      .record(z.string(), passage)
      .transform((record) => Object.entries(record).map(([field, place]) => ({ field, ...place }))),
  ]),
  missing: z.array(z.string()),
})

/** Fields of a schema filled from a text, each scalar with the passage it was read from. */
export const extract: TaskDefinition<'extract'> = {
  name: 'extract',
  prompt({ text, path, schema }) {
    return buildPrompt({
      name: 'extraction',
      duty: 'You fill the fields of a JSON Schema from a text.',
      material: { text, path },
      request: `Fill "value" for this JSON Schema:\n${JSON.stringify(schema)}\nFor each field give in "evidence" its JSON Pointer into "value", such as "/authors/0/name", and the passage it was read from. Leave out a field that the material does not give, and put its JSON Pointer in "missing".`,
      properties: {
        value: withoutRequired(schema),
        evidence: listOf(closedObject({ field: { type: 'string' }, quote: { type: 'string' } })),
        missing: listOf({ type: 'string' }),
      },
    })
  },
  check(raw, { input, source, validate }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const { value, evidence, dropped } = groundValue(
      parsed.data.value,
      verified(parsed.data.evidence, source),
    )
    const problems = validate(withoutRequired(input.schema), value)
    if (problems.length > 0) return { dropped: 0, problems }
    const missing = missingOf(input.schema, value, parsed.data.missing)
    const output = { value, evidence: { ...evidence }, missing }
    if (dropped === 0 || Object.keys(value).length > 0) return { output, dropped, problems: [] }
    const why = ['no field is backed by a passage that stands in the material']
    return { fallback: output, dropped, problems: why }
  },
  compute: (algorithms, { schema }, text) => algorithms.extract({ text, schema }),
}

function verified(
  evidence: z.output<typeof answer>['evidence'],
  source: QuoteFinder,
): ReadonlyMap<string, Quotation> {
  return new Map(
    evidence.flatMap(({ field, quote, start }) => {
      const place = source.find(quote, start)
      return place === undefined ? [] : [[toPointer(field), place] as const]
    }),
  )
}

/** Top-level fields that are not there, and whatever deeper ones were named as missing. */
function missingOf(
  { properties }: JsonObject,
  value: JsonObject,
  named: readonly string[],
): string[] {
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const absent = names.filter((name) => !(name in value)).map((name) => `/${escapePointer(name)}`)
  const deeper = named.map(toPointer).filter((pointer) => pointer.lastIndexOf('/') > 0)
  return [...new Set([...absent, ...deeper])]
}

/** Without `required` anywhere: what the text does not give must be allowed to be absent. */
function withoutRequired({ $schema: _dialect, ...schema }: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, member]): [string, Json][] => {
      if (key === 'required' && Array.isArray(member)) return []
      if (!isJsonObject(member)) return [[key, member]]
      const isNamed = key === 'properties' || key === '$defs'
      return [[key, isNamed ? relaxedMembers(member) : withoutRequired(member)]]
    }),
  )
}

function relaxedMembers(members: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(members).map(([name, schema]) => [
      name,
      isJsonObject(schema) ? withoutRequired(schema) : schema,
    ]),
  )
}
