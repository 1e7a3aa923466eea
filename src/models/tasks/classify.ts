import { z } from 'zod'

import type { TaskDefinition } from './definition.ts'
import { buildPrompt } from './prompt-parts.ts'
import { wrongShape } from './wrong-shape.ts'

/** How a model says that no label fits; strict schemas have no optional fields. */
const NONE = '(none)'

const answer = z.object({
  label: z.string().nullable(),
  scores: z.record(z.string(), z.number()).optional(),
  reason: z.string(),
})

/** The label of a text, learnt from labelled examples. */
export const classify: TaskDefinition<'classify'> = {
  name: 'classify',
  prompt({ text, path, examples }) {
    const labels = [...new Set(examples.map(({ label }) => label))]
    const shown = examples.map((example) => JSON.stringify(example)).join('\n')
    return buildPrompt({
      name: 'label',
      duty: 'You label a text the way the examples are labelled.',
      material: { text, path },
      request: `Examples, one JSON object a line:\n${shown}\nGive the label that fits the material, or ${JSON.stringify(NONE)} when none does, and the reason in one sentence.`,
      properties: {
        label: { type: 'string', enum: [...labels, NONE] },
        reason: { type: 'string' },
      },
    })
  },
  check(raw, { input }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const { scores = {}, reason } = parsed.data
    const label = parsed.data.label === NONE ? null : parsed.data.label
    const isKnown = label === null || input.examples.some((example) => example.label === label)
    if (!isKnown || reason.trim() === '') {
      const problem = isKnown ? '"reason" is empty' : `"${label}" is none of the labels`
      return { dropped: 0, problems: [problem] }
    }
    return { output: { label, scores, reason: reason.trim() }, dropped: 0, problems: [] }
  },
  compute: (algorithms, { examples }, text) => algorithms.classify({ text, examples }),
}
