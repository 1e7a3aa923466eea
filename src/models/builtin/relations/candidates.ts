import type { Similarity } from './similarity.ts'
import type { Statement } from './statement.ts'

/** Terms of a statement that may bring it together with others: its rarest. */
const MAX_KEYS = 8
/** A term named by more statements than this brings nothing together. */
const MAX_POSTINGS = 300
/** Partners looked at for one statement, the most promising first. */
const MAX_PARTNERS = 16

/**
 * Pairs of statements of different documents that share rare terms.
 *
 * @remarks Cost: at most statements × `MAX_KEYS` × `MAX_POSTINGS` steps.
 */
export function candidatePairs(
  statements: readonly Statement[],
  similarity: Similarity,
): readonly (readonly [Statement, Statement])[] {
  const postings = postingsOf(statements)
  // One array for all statements: maps of their own made most of the time here.
  const gains = new Float64Array(statements.length)
  return statements.flatMap((statement, index) => {
    const found: number[] = []
    for (const key of rarestKeys(statement, { postings, similarity })) {
      const gain = similarity.weigh(key)
      for (const other of postings.get(key) ?? []) {
        if (other <= index || statements[other]?.claim.doc === statement.claim.doc) continue
        if (gains[other] === 0) found.push(other)
        gains[other] = (gains[other] ?? 0) + gain
      }
    }
    const best =
      found.length <= MAX_PARTNERS
        ? found
        : found
            .toSorted((i, j) => (gains[j] ?? 0) - (gains[i] ?? 0) || i - j)
            .slice(0, MAX_PARTNERS)
    for (const other of found) gains[other] = 0
    return best.flatMap((other) => {
      const partner = statements[other]
      return partner === undefined ? [] : [[statement, partner] as const]
    })
  })
}

function rarestKeys(
  { own }: Statement,
  {
    postings,
    similarity,
  }: {
    readonly postings: ReadonlyMap<string, readonly number[]>
    readonly similarity: Similarity
  },
): readonly string[] {
  return [...own]
    .filter((term) => (postings.get(term)?.length ?? 0) <= MAX_POSTINGS)
    .toSorted((x, y) => similarity.weigh(y) - similarity.weigh(x))
    .slice(0, MAX_KEYS)
}

function postingsOf(statements: readonly Statement[]): ReadonlyMap<string, readonly number[]> {
  const postings = new Map<string, number[]>()
  for (const [index, { own }] of statements.entries()) {
    for (const term of own) {
      const list = postings.get(term)
      if (list === undefined) postings.set(term, [index])
      else list.push(index)
    }
  }
  return postings
}
