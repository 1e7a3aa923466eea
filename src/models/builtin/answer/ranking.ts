import { type Sentence, type TermReader, canonical } from '../../../language/index.ts'

/** What terms of the sentences beside count. */
const NEIGHBOUR = 0.4
/** What a name weighs against a common word of equal rarity. */
const NAME = 1.5
/** Words that questions are made of and answers are not. Stems. */
const ASKING = new Set(
  'name call kind type term mani much year happen mean consid refer known give'.split(' '),
)

/** Terms of a question and what each weighs by its form. */
export type Wanted = ReadonlyMap<string, number>

/** The terms to look for; empty where the question is made of stop words. */
export function wantedTerms(reader: TermReader, question: string): Wanted {
  const wanted = new Map<string, number>()
  for (const { stem, start, end } of reader.terms(question)) {
    // `how long`, `how far`: the word says what is asked for, not what to look for.
    if (ASKING.has(stem) || /\bhow $/i.test(question.slice(0, start))) continue
    const isName = start > 0 && /^\p{Lu}/u.test(question.slice(start, end))
    wanted.set(canonical(stem), isName ? NAME : 1)
  }
  return wanted
}

/** A sentence and how much of a question it holds. */
export interface Ranked {
  readonly sentence: Sentence
  /** Share of the question's weight in the sentence itself, 0 to 1. */
  readonly own: number
  /** The same with a share for the sentences beside it. */
  readonly score: number
  /** The wanted terms it holds. */
  readonly terms: ReadonlySet<string>
}

/** The sentences that hold a wanted term, those that hold most of the question first. */
export function rank(
  reader: TermReader,
  sentences: readonly Sentence[],
  wanted: Wanted,
): readonly Ranked[] {
  const held = sentences.map(
    ({ text }) =>
      new Set(
        reader
          .stems(text)
          .map(canonical)
          .filter((term) => wanted.has(term)),
      ),
  )
  const weights = weightsOf(wanted, held)
  const total = weigh(weights.keys(), weights)
  const ranked = sentences.map((sentence, at) => {
    const terms = held[at] ?? new Set<string>()
    const near = [at - 1, at + 1].flatMap((beside) => [...(held[beside] ?? [])])
    const borrowed = new Set(near.filter((term) => !terms.has(term)))
    const own = weigh(terms, weights) / total
    return { sentence, terms, own, score: own + (NEIGHBOUR * weigh(borrowed, weights)) / total }
  })
  return ranked
    .filter(({ own }) => own > 0)
    .toSorted((a, b) => b.score - a.score || a.sentence.start - b.sentence.start)
}

/** Sentences added to the count, so that in a short text a term in every sentence still weighs. */
const BACKGROUND = 20

/** What each wanted term weighs: its form, times how rare it is in the text. */
function weightsOf(
  wanted: Wanted,
  held: readonly ReadonlySet<string>[],
): ReadonlyMap<string, number> {
  const all = held.length + BACKGROUND
  return new Map(
    [...wanted].map(([term, form]) => {
      const among = held.filter((terms) => terms.has(term)).length
      return [term, form * Math.log(1 + (all - among + 0.5) / (among + 0.5))]
    }),
  )
}

function weigh(terms: Iterable<string>, weights: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const term of terms) sum += weights.get(term) ?? 0
  return sum
}
