import { compareAmounts } from '../quantities/compare-amounts.ts'

import type { Similarity } from './similarity.ts'
import type { Statement } from './statement.ts'
import type { Verdict } from './verdict.ts'

/** Two statements that were found to be related. */
export interface RelatedPair {
  readonly a: Statement
  readonly b: Statement
  readonly verdict: Verdict
  /** Terms they share, the weightiest first. */
  readonly shared: readonly string[]
}

/** Similarity from which on two sentences of one document are the same finding said twice. */
const MIN_REPEAT = 0.3

/**
 * The pairs, surest first, without those that relate the same two findings once more in the words
 * of a summary or conclusion.
 */
export function withoutRepeats(
  pairs: readonly RelatedPair[],
  similarity: Similarity,
): readonly RelatedPair[] {
  const kept: RelatedPair[] = []
  const byDocuments = new Map<string, RelatedPair[]>()
  for (const pair of pairs.toSorted((x, y) => y.verdict.score - x.verdict.score)) {
    const key = keyOf(pair)
    const others = byDocuments.get(key) ?? []
    if (others.some((other) => isRepeat(pair, other, similarity))) continue
    byDocuments.set(key, [...others, pair])
    kept.push(pair)
  }
  return kept
}

function keyOf({ a, b, verdict }: RelatedPair): string {
  const kind = verdict.kind === 'agreement' ? 'agreement' : 'contradiction'
  return JSON.stringify([kind, ...[a.claim.doc, b.claim.doc].toSorted()])
}

function isRepeat(pair: RelatedPair, other: RelatedPair, similarity: Similarity): boolean {
  const [first, second] =
    pair.a.claim.doc === other.a.claim.doc ? [other.a, other.b] : [other.b, other.a]
  return says(pair.a, first, similarity) && says(pair.b, second, similarity)
}

/** Whether two statements of one document say the same. */
function says(a: Statement, b: Statement, similarity: Similarity): boolean {
  if (a.claim.id === b.claim.id) return true
  const amounts = compareAmounts(a.amounts, b.amounts).kind
  const bar = amounts === 'close' ? MIN_REPEAT / 2 : MIN_REPEAT
  return amounts !== 'apart' && similarity.compare(a, b).score >= bar
}
