import { countTerms } from './bm25.ts'

/** A sparse vector: weights by term. Those made here have length 1, or are empty. */
export type TermVector = ReadonlyMap<string, number>

/** Turns passages into vectors in the space spanned by a collection. */
export interface TfidfSpace {
  /** How rare a term is in the collection: 1 (in every passage) and up. */
  idf(term: string): number
  /** The unit vector of a passage given as its terms; terms the collection lacks count as rarest. */
  vectorOf(terms: readonly string[]): TermVector
}

/**
 * The tf-idf space of a collection of passages.
 *
 * @remarks Source: docs/sources.md#tf-idf (logarithmic tf, smoothed idf, unit length).
 */
export function createTfidfSpace(passages: readonly (readonly string[])[]): TfidfSpace {
  const frequency = new Map<string, number>()
  for (const passage of passages) {
    for (const term of new Set(passage)) frequency.set(term, (frequency.get(term) ?? 0) + 1)
  }
  const idf = (term: string): number =>
    1 + Math.log((1 + passages.length) / (1 + (frequency.get(term) ?? 0)))
  return {
    idf,
    vectorOf(terms) {
      const weights = new Map<string, number>()
      for (const [term, count] of countTerms(terms)) {
        weights.set(term, (1 + Math.log(count)) * idf(term))
      }
      return unit(weights)
    },
  }
}

/** `vector` scaled to length 1; an empty one stays empty. */
export function unit(vector: TermVector): TermVector {
  let squares = 0
  for (const weight of vector.values()) squares += weight * weight
  if (squares === 0) return vector
  const length = Math.sqrt(squares)
  return new Map([...vector].map(([term, weight]) => [term, weight / length]))
}

/** The mean direction of `vectors`, as a unit vector. */
export function centroid(vectors: readonly TermVector[]): TermVector {
  const sum = new Map<string, number>()
  for (const vector of vectors) {
    for (const [term, weight] of vector) sum.set(term, (sum.get(term) ?? 0) + weight)
  }
  return unit(sum)
}

/** Cosine of two unit vectors: 0 (no term in common) to 1. */
export function cosine(a: TermVector, b: TermVector): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  let sum = 0
  for (const [term, weight] of small) sum += weight * (large.get(term) ?? 0)
  return Math.min(1, sum)
}
