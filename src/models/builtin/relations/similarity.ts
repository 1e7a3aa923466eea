import { isCircumstance } from './conditions.ts'
import type { Statement } from './statement.ts'

/** What two statements have in common. */
export interface Likeness {
  /** 0 (nothing) to about 1 (the same terms). */
  readonly score: number
  /** Number of terms that both name themselves; no circumstances. */
  readonly shared: number
}

/** Compares the statements of one collection. */
export interface Similarity {
  /** How rare a term is among the statements: 0.7 (in all of them) and up. */
  weigh(term: string): number
  /**
   * How much two statements speak of the same thing: the weight of the terms they share, over the
   * geometric mean of the weights they have.
   */
  compare(a: Statement, b: Statement): Likeness
  /** Terms that both name themselves, the weightiest first; no circumstances. */
  sharedTerms(a: Statement, b: Statement): readonly string[]
  /** How far what changes or differs is the same in both: 0 to 1. */
  focusOf(a: Statement, b: Statement): number
}

/** What a borrowed term counts, against 1 for one's own. */
const BORROWED = 0.35
/** A statement of fewer terms of the rarest kind is too bare to be told from others. */
const FLOOR_TERMS = 2
/** What a circumstance (time of day, season) counts, against 1 for what is spoken of. */
const CIRCUMSTANCE = 0.5

/** Builds the comparison for a collection; terms weigh by the number of statements naming them. */
export function createSimilarity(statements: readonly Statement[]): Similarity {
  const weights = new Map<string, number>()
  for (const { own } of statements) {
    for (const term of own) weights.set(term, (weights.get(term) ?? 0) + 1)
  }
  const rarity = (count: number): number => Math.log((statements.length + 1) / (count + 0.5))
  for (const [term, count] of weights) {
    weights.set(term, rarity(count) * (isCircumstance(term) ? CIRCUMSTANCE : 1))
  }
  const rarest = rarity(0)
  const weigh = (term: string): number => weights.get(term) ?? rarest
  const norms = new Map(
    statements.map((statement) => {
      let total = 0
      for (const term of statement.own) total += weigh(term)
      return [statement, Math.sqrt(Math.max(FLOOR_TERMS * rarest, total))] as const
    }),
  )
  const normOf = (statement: Statement): number => norms.get(statement) ?? 1
  return {
    weigh,
    compare(a, b) {
      const { sum, shared } = overlap(a, b, weigh)
      return { score: sum / (normOf(a) * normOf(b)), shared }
    },
    sharedTerms: (a, b) =>
      [...a.own]
        .filter((term) => b.own.has(term) && !isCircumstance(term))
        .toSorted((x, y) => weigh(y) - weigh(x)),
    focusOf: (a, b) => focusOf(a, b, weigh),
  }
}

/** The weight of the outcome terms both name, over that of the one that names less. */
function focusOf(a: Statement, b: Statement, weigh: (term: string) => number): number {
  if (a.outcome.size === 0 || b.outcome.size === 0) return 0
  let [shared, first, second] = [0, 0, 0]
  for (const term of a.outcome) {
    const weight = weigh(term)
    first += weight
    if (b.outcome.has(term)) shared += weight
  }
  if (shared === 0) return 0
  for (const term of b.outcome) second += weigh(term)
  return shared / Math.min(first, second)
}

function overlap(
  a: Statement,
  b: Statement,
  weigh: (term: string) => number,
): { readonly sum: number; readonly shared: number } {
  let shared = 0
  let sum = 0
  for (const term of a.own) {
    if (b.own.has(term)) {
      sum += weigh(term)
      if (!isCircumstance(term)) shared++
    } else if (b.borrowed.has(term)) sum += BORROWED * weigh(term)
  }
  for (const term of b.own) {
    if (!a.own.has(term) && a.borrowed.has(term)) sum += BORROWED * weigh(term)
  }
  return { sum, shared }
}
