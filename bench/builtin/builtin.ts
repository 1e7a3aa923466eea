import { createSeededRandom, integerBelow } from '../../src/kernel/random.ts'
import { splitSentences } from '../../src/language/index.ts'
import { answer } from '../../src/models/builtin/answer/answer.ts'
import { claims } from '../../src/models/builtin/claims/claims.ts'
import { classify } from '../../src/models/builtin/classification/classify.ts'
import { extract } from '../../src/models/builtin/extraction/extract.ts'
import { verifyQuotes } from '../../src/models/builtin/quotes/verify-quotes.ts'
import { summarise } from '../../src/models/builtin/summary/summarise.ts'
import { keyTerms } from '../../src/models/builtin/terms/key-terms.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  round,
} from '../lib/report.ts'

/** How long the offline model takes for a text, beside the splitting of it into sentences alone. */
export const builtinBench: Bench = {
  name: 'builtin',
  about:
    'tasks of the offline model on reports: milliseconds, beside splitting them into sentences',
  async run({ isQuick }: BenchContext) {
    const rounds = isQuick ? 3 : 15
    const [short, long] = [reportOf(1_500), reportOf(16_000)]
    return [
      measure('claims_ms.1500_words', { text: short, rounds, work: () => claims({ text: short }) }),
      ...Object.entries(tasksOn(long)).map(([name, work]) =>
        measure(`${name}_ms.20k_tokens`, { text: long, rounds, work }),
      ),
    ]
  },
}

interface Measured {
  readonly text: string
  readonly rounds: number
  readonly work: () => unknown
}

function measure(metric: string, { text, rounds, work }: Measured): Figure {
  const times: number[] = []
  const splitting: number[] = []
  for (let each = 0; each < rounds; each++) {
    times.push(timeOf(work))
    splitting.push(timeOf(() => splitSentences(text)))
  }
  const baselines = { 'splitting into sentences': round(median(splitting)) }
  return figureOf({ metric, unit: 'ms', better: 'lower', baselines }, times)
}

function timeOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function tasksOn(text: string): Readonly<Record<string, () => unknown>> {
  return {
    summary: () => summarise({ text, maxSentences: 8 }),
    query_summary: () => summarise({ text, query: 'bees of the gardens' }),
    answer: () => answer({ text, question: 'By how much did the bees of the canals decline?' }),
    key_terms: () => keyTerms({ text, limit: 20 }),
    label: () =>
      classify({
        text,
        examples: [
          { text: 'bees', label: 'a' },
          { text: 'engines', label: 'b' },
        ],
      }),
    fields: () =>
      extract({
        text,
        schema: {
          properties: { bees: { type: 'number' }, date: { type: 'string', format: 'date' } },
        },
      }),
    quote: () =>
      verifyQuotes({
        quotes: [{ doc: 'a', quote: text.slice(-400) }],
        documents: [{ doc: 'a', text }],
      }),
  }
}

const SUBJECTS = 'apples bees canals drivers engines forests gardens houses islands journals'.split(
  ' ',
)
const VERBS = 'rose fell improved recovered declined grew shrank doubled'.split(' ')

/** A report of about `words` words with headings and an amount in each sentence. */
function reportOf(words: number): string {
  const random = createSeededRandom(words)
  const pick = (list: readonly string[]): string => list[integerBelow(random, list.length)] ?? ''
  const sentences = Array.from({ length: Math.ceil(words / 17) }, (_, index) => {
    const heading = index % 12 === 0 ? `\n\n## Section ${index}\n\n` : ''
    const amount = `${integerBelow(random, 90) + 1} ± ${integerBelow(random, 9) + 1} per cent`
    return `${heading}In the ${pick(SUBJECTS)} of the north, the ${pick(SUBJECTS)} ${pick(VERBS)} by ${amount} against ${pick(SUBJECTS)}.`
  })
  return sentences.join(' ')
}
