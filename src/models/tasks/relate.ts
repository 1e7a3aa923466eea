import type { TaskDefinition } from './definition.ts'
import { buildPrompt, closedObject, listOf } from './prompt-parts.ts'
import { relations } from './schema.ts'
import { wrongShape } from './wrong-shape.ts'

const text = { type: 'string' }
const ids = listOf(text)
const kind = { type: 'string', enum: ['numeric', 'direction', 'effect'] }

/** Which claims of a set agree, contradict each other, or stand alone without support. */
export const relate: TaskDefinition<'relate'> = {
  name: 'relate',
  prompt({ claims }) {
    const listed = claims
      .map(({ id, doc, quote, support }) => JSON.stringify({ id, doc, quote, support }))
      .join('\n')
    return buildPrompt({
      name: 'relations',
      duty: 'You compare claims of several documents.',
      material: { text: listed },
      request:
        'The material is one claim a line. "agreements" are groups of claims of different documents that say the same; "contradictions" are pairs of claims of different documents that cannot both hold: "numeric" when amounts differ, "direction" when one rises and the other falls, "effect" when one finds an effect and the other none. Name claims by their ids, give what they are about in "topic" and the reason in one sentence. "unsupported" are the claims that rest on nothing: no data, no citation, no method, and no other document says the same.',
      properties: {
        agreements: listOf(closedObject({ claims: ids, topic: text, reason: text })),
        contradictions: listOf(closedObject({ claims: ids, kind, topic: text, reason: text })),
        unsupported: listOf(closedObject({ claim: text, reason: text })),
      },
    })
  },
  check(raw, { input }) {
    const parsed = relations.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const known = new Set(input.claims.map(({ id }) => id))
    const isReal = ({ claims }: { readonly claims: readonly string[] }): boolean =>
      new Set(claims).size === claims.length && claims.every((id) => known.has(id))
    const given = parsed.data
    const output = {
      agreements: given.agreements.filter(isReal),
      contradictions: given.contradictions.filter(isReal),
      unsupported: given.unsupported.filter(({ claim }) => known.has(claim)),
    }
    const total = countAll(given)
    const dropped = total - countAll(output)
    if (total > 0 && dropped === total) {
      return { dropped, problems: ['none of the ids in the answer is the id of a claim'] }
    }
    return { output, dropped, problems: [] }
  },
  compute: (algorithms, input) => algorithms.relate(input),
}

function countAll(lists: {
  readonly agreements: readonly unknown[]
  readonly contradictions: readonly unknown[]
  readonly unsupported: readonly unknown[]
}): number {
  return lists.agreements.length + lists.contradictions.length + lists.unsupported.length
}
