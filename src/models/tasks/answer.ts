import { z } from 'zod'

import type { TaskDefinition } from './definition.ts'
import { buildPrompt } from './prompt-parts.ts'
import { wrongShape } from './wrong-shape.ts'

const answerShape = z.object({
  found: z.boolean(),
  answer: z.string().optional(),
  quote: z.string().optional(),
  start: z.number().optional(),
  score: z.number().optional(),
  reason: z.string().optional(),
})

/** An answer to a question, with the passage that gives it, or why there is none. */
export const answer: TaskDefinition<'answer'> = {
  name: 'answer',
  prompt({ text, path, question }) {
    return buildPrompt({
      name: 'answer',
      duty: 'You answer a question from a text.',
      material: { text, path },
      request: `Question: ${question}\nIf the material answers it, set "found" to true, "answer" to a short answer and "quote" to the passage that gives it. Otherwise set "found" to false and say in "reason" what is missing. Leave unused fields empty.`,
      properties: {
        found: { type: 'boolean' },
        answer: { type: 'string' },
        quote: { type: 'string' },
        reason: { type: 'string' },
      },
    })
  },
  check(raw, { source }) {
    const parsed = answerShape.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const { found, answer: text = '', quote = '', start, score, reason = '' } = parsed.data
    if (!found) {
      const why = reason.trim()
      if (why === '') return { dropped: 0, problems: ['"found" is false without a reason'] }
      return { output: { found: false, reason: why }, dropped: 0, problems: [] }
    }
    const place = source.find(quote, start)
    if (place === undefined || text.trim() === '') {
      return {
        fallback: { found: false, reason: 'the answer given rests on no passage of the text' },
        dropped: 1,
        problems: ['the answer is empty, or its quote does not stand in the material'],
      }
    }
    const scored = score === undefined ? {} : { score }
    const output = { found: true, answer: text.trim(), ...place, ...scored } as const
    return { output, dropped: 0, problems: [] }
  },
  compute: (algorithms, { question }, text) => algorithms.answer({ question, text }),
}
