import type { Likeness, Similarity } from './similarity.ts'
import type { Statement } from './statement.ts'

/** Two statements and what they have in common. */
export interface Compared {
  readonly a: Statement
  readonly b: Statement
  readonly likeness: Likeness
}

/** Likeness below which a pair is not looked at; chosen with the bars of the verdicts. */
const MIN_LIKENESS = 0.15

/** The pairs with what they have in common, without those that have next to nothing. */
export function compareAll(
  pairs: readonly (readonly [Statement, Statement])[],
  similarity: Similarity,
): readonly Compared[] {
  const compared: Compared[] = []
  for (const [a, b] of pairs) {
    const likeness = similarity.compare(a, b)
    if (likeness.score >= MIN_LIKENESS) compared.push({ a, b, likeness })
  }
  return compared
}

/**
 * Tells of a pair whether the two are each other's nearest in their documents, which says more than
 * any bar where a whole collection turns on a few words.
 */
export function createRanks(pairs: readonly Compared[]): (pair: Compared) => boolean {
  const best = new Map<Statement, Map<string, number>>()
  const note = (of: Statement, { claim: { doc } }: Statement, score: number): void => {
    const scores = best.get(of)
    if (scores === undefined) best.set(of, new Map([[doc, score]]))
    else if (score > (scores.get(doc) ?? 0)) scores.set(doc, score)
  }
  for (const { a, b, likeness } of pairs) {
    note(a, b, likeness.score)
    note(b, a, likeness.score)
  }
  const bestOf = (of: Statement, { claim: { doc } }: Statement): number =>
    best.get(of)?.get(doc) ?? 0
  return ({ a, b, likeness: { score } }) => score >= bestOf(a, b) && score >= bestOf(b, a)
}
