import { isToBeBacked } from '../claims/support.ts'
import { compareAmounts } from '../quantities/compare-amounts.ts'

import type { Similarity } from './similarity.ts'
import { type Statement, wordsFor } from './statement.ts'

/** A claim for which nothing is offered. */
export interface Unsupported {
  /** Its id. */
  readonly claim: string
  readonly reason: string
}

/** Similarity from which on a claim of another document backs one: with equal amounts, and without. */
const MIN_BACKING = { close: 0.36, any: 0.5 } as const

/**
 * Claims that are asserted flatly, but for which neither their own document gives data, method or
 * source nor any other document has anything to say.
 *
 * @param partnersOf - claims of other documents that share terms with one.
 */
export function findUnsupported(
  statements: readonly Statement[],
  partnersOf: (statement: Statement) => readonly Statement[],
  similarity: Similarity,
): readonly Unsupported[] {
  return statements.flatMap((statement) => {
    if (statement.claim.support !== 'none' || !isAsserted(statement)) return []
    const isBacked = partnersOf(statement).some(
      (other) => other.claim.support !== 'none' && backs(other, statement, similarity),
    )
    if (isBacked) return []
    const about = wordsFor(statement, rarestOf(statement, similarity)).join(', ')
    const reason = `no data, method or source on ${about} in this document, and no other speaks of it`
    return [{ claim: statement.claim.id, reason }]
  })
}

/** Terms named in a reason. */
const MAX_NAMED = 3

function rarestOf({ own }: Statement, similarity: Similarity): readonly string[] {
  return [...own].toSorted((x, y) => similarity.weigh(y) - similarity.weigh(x)).slice(0, MAX_NAMED)
}

function backs(other: Statement, statement: Statement, similarity: Similarity): boolean {
  const { score } = similarity.compare(statement, other)
  const comparison = compareAmounts(statement.amounts, other.amounts).kind
  const isOfKind = statement.amounts.length === 0 || comparison !== 'none'
  return isOfKind && score >= (comparison === 'close' ? MIN_BACKING.close : MIN_BACKING.any)
}

/** Without reserve, and saying that something changes, differs or amounts to something. */
function isAsserted({ claim, direction, amounts }: Statement): boolean {
  if (claim.isHedged) return false
  return direction === 'up' || direction === 'down' || amounts.some(isToBeBacked)
}
