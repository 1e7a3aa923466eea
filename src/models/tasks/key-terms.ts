import { z } from 'zod'

import { defined } from '../defined.ts'

import type { TaskDefinition } from './definition.ts'
import { buildPrompt, listOf } from './prompt-parts.ts'
import { wrongShape } from './wrong-shape.ts'

const DEFAULT_LIMIT = 10

const answer = z.object({
  terms: z.array(
    z.union([
      z.string().transform((term) => ({ term, count: undefined, score: undefined })),
      z.object({ term: z.string(), count: z.int().positive(), score: z.number().optional() }),
    ]),
  ),
})

/** The terms that a text is about, as they stand in it. */
export const keyTerms: TaskDefinition<'key_terms'> = {
  name: 'key_terms',
  prompt({ text, path, limit = DEFAULT_LIMIT }) {
    return buildPrompt({
      name: 'key_terms',
      duty: 'You name the terms that a text is about.',
      material: { text, path },
      request: `Give at most ${limit} terms, the most telling first, each written as it stands in the material.`,
      properties: { terms: listOf({ type: 'string' }) },
    })
  },
  check(raw, { input, source }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const found = parsed.data.terms.flatMap(({ term, count: given, score }) => {
      const clean = term.trim()
      const count = clean === '' ? 0 : source.count(clean)
      return count === 0 ? [] : [{ term: clean, count: given ?? count, ...defined({ score }) }]
    })
    const dropped = parsed.data.terms.length - found.length
    if (found.length === 0) return { dropped, problems: ['no term stands in the material'] }
    const terms = found.slice(0, input.limit ?? DEFAULT_LIMIT)
    return { output: { terms }, dropped, problems: [] }
  },
  async compute(algorithms, { limit = DEFAULT_LIMIT }, text) {
    return { terms: await algorithms.keyTerms({ text, limit }) }
  },
}
