import { z } from 'zod'

import { defined } from '../defined.ts'

import type { TaskDefinition } from './definition.ts'
import { buildPrompt, listOf, closedObject } from './prompt-parts.ts'
import { countWords } from './quotes.ts'
import { wrongShape } from './wrong-shape.ts'

const DEFAULT_SENTENCES = 5
/** Below this a "sentence" is a fragment that would be found in any text. */
const MIN_WORDS = 3

const answer = z.object({
  sentences: z.array(
    z.object({ text: z.string().optional(), quote: z.string(), start: z.number().optional() }),
  ),
})

/** A summary in sentences, each backed by a verbatim passage. */
export const summarise: TaskDefinition<'summarise'> = {
  name: 'summarise',
  prompt({ text, path, maxSentences = DEFAULT_SENTENCES, maxTokens, query }) {
    const about = query === undefined ? '' : ` Only what matters for: ${query}`
    const length =
      maxTokens === undefined ? '' : ` The whole summary stays below ${maxTokens} tokens.`
    return buildPrompt({
      name: 'summary',
      duty: 'You summarise a text for a reader who will check every sentence against it.',
      material: { text, path },
      request: `Summarise the material in at most ${maxSentences} sentences.${length}${about} Give each sentence in "text" and the passage it rests on in "quote".`,
      properties: {
        sentences: listOf(closedObject({ text: { type: 'string' }, quote: { type: 'string' } })),
      },
    })
  },
  check(raw, { input, source }) {
    const parsed = answer.safeParse(raw)
    if (!parsed.success) return wrongShape(parsed.error)
    const found = parsed.data.sentences.flatMap(({ text, quote, start }) => {
      const place = countWords(quote) < MIN_WORDS ? undefined : source.find(quote, start)
      return place === undefined ? [] : [{ text: text?.trim() || place.quote, ...place }]
    })
    const dropped = parsed.data.sentences.length - found.length
    if (found.length === 0) {
      return { dropped, problems: ['no sentence is backed by a quote that stands in the material'] }
    }
    const sentences = found.slice(0, input.maxSentences ?? found.length)
    const summary = sentences.map((sentence) => sentence.text).join(' ')
    return { output: { summary, sentences }, dropped, problems: [] }
  },
  async compute(algorithms, { maxSentences, maxTokens, query }, text) {
    const settings = defined({ maxSentences, maxTokens, query })
    return { sentences: await algorithms.summarise({ text, ...settings }) }
  },
}
