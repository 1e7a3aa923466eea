import type { Likeness } from './similarity.ts'
import type { Statement } from './statement.ts'

/** What two statements have in common, seen among all that their documents hold. */
export interface Ranked extends Likeness {
  /** Nothing in the document of either is nearer to the other. */
  readonly isMutual: boolean
}

interface Compared {
  readonly a: Statement
  readonly b: Statement
  readonly likeness: Likeness
}

/**
 * Tells for each pair whether the two are each other's nearest in their documents, which says more
 * than any bar where a whole collection turns on a few words.
 */
export function withRanks<Pair extends Compared>(
  pairs: readonly Pair[],
): readonly (Pair & { readonly isMutual: boolean })[] {
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
  return pairs.map((pair) => {
    const { a, b, likeness } = pair
    const isMutual =
      likeness.score >= (best.get(a)?.get(b.claim.doc) ?? 0) &&
      likeness.score >= (best.get(b)?.get(a.claim.doc) ?? 0)
    return { ...pair, isMutual }
  })
}
