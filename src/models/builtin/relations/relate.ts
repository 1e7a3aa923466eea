import { createTermReader } from '../../../language/index.ts'

import { type Agreement, groupAgreements, topicOf } from './agreements.ts'
import { candidatePairs } from './candidates.ts'
import { joinFamilies } from './families.ts'
import { compareAll, createRanks } from './ranks.ts'
import { type RelatedPair, withoutRepeats } from './repeats.ts'
import { createSimilarity } from './similarity.ts'
import { type DocumentClaim, type Statement, toStatement } from './statement.ts'
import { type Unsupported, findUnsupported } from './unsupported.ts'
import { judge } from './verdict.ts'

/** Two claims of different documents that cannot both hold. */
export interface Contradiction {
  readonly claims: readonly [string, string]
  readonly topic: string
  /** Amounts apart, opposite directions, or an effect against none. */
  readonly kind: 'numeric' | 'direction' | 'effect'
  readonly reason: string
}

/** How the claims of several documents stand to one another. */
export interface Relations {
  readonly agreements: readonly Agreement[]
  readonly contradictions: readonly Contradiction[]
  readonly unsupported: readonly Unsupported[]
}

/**
 * Compares the claims of several documents.
 *
 * @remarks
 * Only claims of different documents are related. Candidates come from an inverted index, so the
 * cost grows with the claims that share rare terms, not with the square of their number.
 * Source: docs/sources.md#claim-relations.
 */
export function relate(claims: readonly DocumentClaim[]): Relations {
  const reader = createTermReader()
  const statements = joinFamilies(claims.map((claim) => toStatement(reader, claim)))
  const similarity = createSimilarity(statements)
  const pairs = candidatePairs(statements, similarity)
  const compared = compareAll(pairs, similarity)
  const collection = {
    focusOf: (a: Statement, b: Statement) => similarity.focusOf(a, b),
    isMutual: createRanks(compared),
  }
  const judged: RelatedPair[] = []
  for (const pair of compared) {
    const verdict = judge(pair, collection)
    if (verdict === undefined) continue
    const { a, b } = pair
    judged.push({ a, b, verdict, shared: similarity.sharedTerms(a, b) })
  }
  const agreeing = judged.filter(({ verdict }) => verdict.kind === 'agreement')
  const opposed = judged.filter(({ verdict }) => verdict.kind !== 'agreement')
  return {
    agreements: groupAgreements(withoutRepeats(agreeing, similarity)),
    contradictions: withoutRepeats(opposed, similarity).flatMap(toContradiction),
    unsupported: findUnsupported(statements, partnersIn(pairs), similarity),
  }
}

/** The statements paired with one that has no support of its own. */
function partnersIn(
  pairs: readonly (readonly [Statement, Statement])[],
): (statement: Statement) => readonly Statement[] {
  const partners = new Map<Statement, Statement[]>()
  const add = (of: Statement, partner: Statement): void => {
    const list = partners.get(of)
    if (list === undefined) partners.set(of, [partner])
    else list.push(partner)
  }
  for (const [a, b] of pairs) {
    // Only claims without support of their own are asked for.
    if (a.claim.support === 'none') add(a, b)
    if (b.claim.support === 'none') add(b, a)
  }
  return (statement) => partners.get(statement) ?? []
}

function toContradiction(pair: RelatedPair): readonly Contradiction[] {
  const { kind, reason } = pair.verdict
  if (kind === 'agreement') return []
  return [{ claims: [pair.a.claim.id, pair.b.claim.id], topic: topicOf(pair), kind, reason }]
}
