import { z } from 'zod'

import { defined } from '../defined.ts'

import type { TaskDefinition } from './definition.ts'
import { buildPrompt, closedObject, listOf } from './prompt-parts.ts'
import { countWords } from './quotes.ts'
import { claim } from './schema.ts'
import { wrongShape } from './wrong-shape.ts'

/** A claim has a subject, a verb and an object. */
const MIN_WORDS = 3

const answer = z.object({
  claims: z.array(claim.extend({ start: z.number().optional(), end: z.number().optional() })),
})

const text = { type: 'string' }
const flag = { type: 'boolean' }

/** The statements that a document makes, each a verbatim passage. */
export const claims: TaskDefinition<'claims'> = {
  name: 'claims',
  prompt(input) {
    const title =
      input.title === undefined ? '' : ` The document is titled ${JSON.stringify(input.title)}.`
    return buildPrompt({
      name: 'claims',
      duty: 'You list the claims that a document makes, so that they can be compared with those of others.',
      material: { text: input.text, path: input.path },
      request: `List the claims of the material.${title} "quote" is the whole sentence. "subjectTerms" are the terms it is about, as written. "quantities" are its amounts: "quote" as written, "value", "unit". "direction" says which way the thing goes: "none" for no change, "unknown" when the claim is about no change. "support" is what the document offers for it: "citation" when it names a source, "data" when it reports a result, "method" when it tells how something was done, else "none".`,
      properties: {
        claims: listOf(
          closedObject({
            quote: text,
            subjectTerms: listOf(text),
            quantities: listOf(
              closedObject({ quote: text, value: { type: 'number' }, unit: text }),
            ),
            direction: { type: 'string', enum: ['up', 'down', 'none', 'unknown'] },
            isNegated: flag,
            isHedged: flag,
            support: { type: 'string', enum: ['data', 'citation', 'method', 'none'] },
          }),
        ),
      },
    })
  },
  check(raw, { source }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const given = parsed.data.claims
    const found = given.flatMap(({ quote, start, end: _end, ...rest }) => {
      const place = countWords(quote) < MIN_WORDS ? undefined : source.find(quote, start)
      if (place === undefined) return []
      const quantities = rest.quantities.filter((amount) => place.quote.includes(amount.quote))
      return [{ ...rest, quantities, ...place }]
    })
    const dropped = given.length - found.length
    if (found.length === 0 && dropped > 0) {
      return { dropped, problems: ['no claim’s quote stands in the material'] }
    }
    return { output: { claims: found }, dropped, problems: [] }
  },
  async compute(algorithms, { title }, source) {
    const found = await algorithms.claims({ text: source, ...defined({ title }) })
    return { claims: found.filter(({ quote }) => countWords(quote) >= MIN_WORDS) }
  },
}
