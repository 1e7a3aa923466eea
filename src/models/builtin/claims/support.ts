import { canonical } from '../../../language/index.ts'
import { comparable, compareAmounts } from '../quantities/compare-amounts.ts'
import type { Quantity } from '../quantities/quantity.ts'

import type { ReportSentence } from './document.ts'

/** What a document offers for one of its claims. */
export type Support = 'data' | 'citation' | 'method' | 'none'

/**
 * Share of a claim's weight that one sentence of the methods or results must hold to back it: with
 * an amount that agrees, without any amount, and where the claim's own amount stands nowhere else
 * (it may be derived). Chosen on the development corpus, see docs/sources.md#claim-relations.
 */
const MIN_COVERAGE = { agreeing: 0.15, worded: 0.2, derived: 0.65 } as const
/** Share of a claim's weight that all these sentences together must hold, where no single one does. */
const MIN_TOTAL = 0.45
/**
 * The same outside the summary, where authors also say what they believe. Chosen on the shipped
 * reports, digest-dev-hygiene and digest-dev-battery: 0.46 is the most that a claim without support
 * holds there, 0.5 the least of one that has it.
 */
const MIN_TOTAL_BELIEVED = 0.48

interface Backing {
  readonly terms: ReadonlySet<string>
  readonly quantities: readonly Quantity[]
  readonly isMethod: boolean
}

/**
 * Builds the judge of what a report offers for its sentences.
 *
 * @remarks
 * Sentences of the results are data and cited ones citations. What the summary or the discussion
 * asserts is looked up in the methods, results and tables: by its amounts, else by its terms, each
 * weighed by how rare it is in the report.
 */
export function createSupportJudge(
  report: readonly ReportSentence[],
): (sentence: ReportSentence) => Support {
  const backings = report.filter(isBacking).map(toBacking)
  const known = new Set(backings.flatMap(({ terms }) => [...terms]))
  const weigh = rarity(report)
  return (sentence) => {
    if (sentence.isCited) return 'citation'
    if (sentence.section === 'results' || sentence.section === 'unknown') return 'data'
    if (sentence.section === 'methods') return 'method'
    const keys = keysOf(sentence)
    const total = weightOf(keys, weigh)
    const coverage = (terms: ReadonlySet<string>): number =>
      total === 0
        ? 0
        : weightOf(
            keys.filter((key) => terms.has(key)),
            weigh,
          ) / total
    const amounts = comparable(sentence.quantities.filter(isToBeBacked))
    const covered = backings.map((backing) => ({ ...backing, share: coverage(backing.terms) }))
    return amounts.length > 0
      ? supportOfAmounts(amounts, covered)
      : supportOfWords(covered, {
          total: coverage(known),
          isSummary: sentence.section === 'summary',
        })
  }
}

function isBacking({ kind, section, role }: ReportSentence): boolean {
  if (kind === 'heading' || kind === 'code') return false
  return kind === 'table' || section === 'methods' || section === 'results' || role === 'method'
}

function toBacking(sentence: ReportSentence): Backing {
  const isMethod = sentence.section === 'methods' || sentence.role === 'method'
  return { terms: new Set(keysOf(sentence)), quantities: comparable(sentence.quantities), isMethod }
}

function keysOf({ terms }: ReportSentence): readonly string[] {
  return [...new Set(terms.map(({ stem }) => canonical(stem)))]
}

function rarity(report: readonly ReportSentence[]): (term: string) => number {
  const counts = new Map<string, number>()
  for (const sentence of report) {
    for (const key of keysOf(sentence)) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return (term) => Math.log((report.length + 1) / ((counts.get(term) ?? 0) + 0.5))
}

function weightOf(terms: readonly string[], weigh: (term: string) => number): number {
  return terms.reduce((sum, term) => sum + weigh(term), 0)
}

/** Whether an amount is one that somebody must have measured: a change, a difference, a share, a price. */
export function isToBeBacked({ kind, role }: Quantity): boolean {
  return role === 'change' || kind === 'percentage' || kind === 'multiple' || kind === 'money'
}

interface Covered extends Backing {
  readonly share: number
}

function supportOfAmounts(amounts: readonly Quantity[], covered: readonly Covered[]): Support {
  const found = covered.some(
    ({ share, quantities }) =>
      share >= MIN_COVERAGE.derived ||
      (share >= MIN_COVERAGE.agreeing && compareAmounts(amounts, quantities).kind === 'close') ||
      isTold(amounts, quantities),
  )
  return found ? 'data' : 'none'
}

/** Whether two amounts of one claim stand in one sentence: no chance, whatever the words. */
function isTold(amounts: readonly Quantity[], others: readonly Quantity[]): boolean {
  const hits = amounts.filter(({ unit, value, role }) =>
    others.some((other) => other.unit === unit && other.value === value && other.role === role),
  )
  return new Set(hits.map(({ value }) => value)).size > 1
}

function supportOfWords(
  covered: readonly Covered[],
  { total, isSummary }: { readonly total: number; readonly isSummary: boolean },
): Support {
  const best = covered.reduce<Covered | undefined>(
    (most, backing) => (backing.share > (most?.share ?? 0) ? backing : most),
    undefined,
  )
  if (best === undefined) return 'none'
  const isBacked = isSummary
    ? best.share >= MIN_COVERAGE.worded || total >= MIN_TOTAL
    : total >= MIN_TOTAL_BELIEVED
  if (!isBacked) return 'none'
  return best.isMethod ? 'method' : 'data'
}
