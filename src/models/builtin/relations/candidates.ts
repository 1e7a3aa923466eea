import type { Similarity } from './similarity.ts'
import type { Statement } from './statement.ts'

/** Terms of a statement that may bring it together with others: its rarest. */
const MAX_KEYS = 8
/** A term named by more statements than this brings nothing together. */
const MAX_POSTINGS = 300
/** Partners looked at for one statement, the most promising first. */
const MAX_PARTNERS = 24

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
  return statements.flatMap((statement, index) => {
    const keys = [...statement.own]
      .filter((term) => (postings.get(term)?.length ?? 0) <= MAX_POSTINGS)
      .toSorted((x, y) => similarity.weigh(y) - similarity.weigh(x))
      .slice(0, MAX_KEYS)
    const gains = new Map<number, number>()
    for (const key of keys) {
      for (const other of postings.get(key) ?? []) {
        if (other > index) gains.set(other, (gains.get(other) ?? 0) + similarity.weigh(key))
      }
    }
    return [...gains]
      .filter(([other]) => statements[other]?.claim.doc !== statement.claim.doc)
      .toSorted(([i, x], [j, y]) => y - x || i - j)
      .slice(0, MAX_PARTNERS)
      .flatMap(([other]) => {
        const partner = statements[other]
        return partner === undefined ? [] : [[statement, partner] as const]
      })
  })
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
