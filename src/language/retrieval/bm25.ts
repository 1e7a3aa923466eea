/** How BM25 weighs repetition and length. */
export interface Bm25Options {
  /**
   * How soon repetition of a term stops counting, 0 to 3.
   * @defaultValue 1.2
   */
  readonly saturation?: number
  /**
   * How much long passages are held back, 0 (not) to 1 (in full).
   * @defaultValue 0.75
   */
  readonly lengthPenalty?: number
}

/** Passages that can be asked which of them speaks of some terms. */
export interface Bm25Index {
  /** Number of passages. */
  readonly size: number
  /**
   * BM25 score of each passage, in the order of the passages; 0 where no term occurs.
   * Repeated terms of `query` count once.
   */
  scores(query: readonly string[]): Float64Array
  /** How much a term tells about a passage: 0 (in all of them) and up; highest where unknown. */
  weight(term: string): number
}

interface Posting {
  readonly passage: number
  readonly count: number
}

/**
 * Indexes passages, each given as its terms (see `text/terms.ts`).
 *
 * @remarks
 * Cost: linear in the number of terms; a query visits only passages that share a term with it.
 * Source: docs/sources.md#bm25 (Robertson and Zaragoza; the idf that is never negative).
 */
export function createBm25Index(
  passages: readonly (readonly string[])[],
  { saturation = 1.2, lengthPenalty = 0.75 }: Bm25Options = {},
): Bm25Index {
  const postings = postingsOf(passages)
  const size = passages.length
  const total = passages.reduce((sum, { length }) => sum + length, 0)
  const meanLength = Math.max(1, total / Math.max(1, size))
  const norms = Float64Array.from(
    passages,
    ({ length }) => saturation * (1 - lengthPenalty + (lengthPenalty * length) / meanLength),
  )
  const weight = (term: string): number => {
    const inPassages = postings.get(term)?.length ?? 0
    return Math.log(1 + (size - inPassages + 0.5) / (inPassages + 0.5))
  }
  return {
    size,
    weight,
    scores(query) {
      const scores = new Float64Array(size)
      for (const term of new Set(query)) {
        const idf = weight(term)
        for (const { passage, count } of postings.get(term) ?? []) {
          const gain = (count * (saturation + 1)) / (count + (norms[passage] ?? 1))
          scores[passage] = (scores[passage] ?? 0) + idf * gain
        }
      }
      return scores
    },
  }
}

function postingsOf(
  passages: readonly (readonly string[])[],
): ReadonlyMap<string, readonly Posting[]> {
  const postings = new Map<string, Posting[]>()
  for (const [passage, terms] of passages.entries()) {
    for (const [term, count] of countTerms(terms)) {
      const list = postings.get(term)
      if (list === undefined) postings.set(term, [{ passage, count }])
      else list.push({ passage, count })
    }
  }
  return postings
}

/** How often each term occurs, in order of first occurrence. */
export function countTerms(terms: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

/** What a neighbour's score adds to a passage's own. */
export const NEIGHBOUR_WEIGHT = 0.4

/**
 * Scores in which each passage also gets a share of its neighbours' scores, because what answers
 * a query often stands next to the words that match it.
 *
 * @remarks Source: docs/sources.md#neighbour-smoothing.
 */
export function smoothNeighbours(scores: Float64Array, weight = NEIGHBOUR_WEIGHT): Float64Array {
  return scores.map(
    (own, index) => own + weight * ((scores[index - 1] ?? 0) + (scores[index + 1] ?? 0)),
  )
}

/** Positions of `scores` above zero, best first; equal scores keep their order. */
export function ranked(scores: Float64Array): readonly number[] {
  const at = (index: number): number => scores[index] ?? 0
  return Array.from(scores.keys())
    .filter((index) => at(index) > 0)
    .toSorted((a, b) => at(b) - at(a) || a - b)
}
