import { readerFor } from '../../../language/index.ts'
import type { Direction } from '../quantities/change-words.ts'
import type { Quantity } from '../quantities/quantity.ts'
import { stanceOf } from '../quantities/stance.ts'

import { MIN_SCORE, claimScore } from './claim-score.ts'
import { type ReportSentence, readReport } from './document.ts'
import { type Support, createSupportJudge } from './support.ts'

/** A statement that a document makes about the world. */
export interface Claim {
  /** The sentence, as written. */
  readonly quote: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  /** The nearest heading above. */
  readonly heading?: string
  /**
   * What it is about: the terms of the sentence in order, then those of the sentence before and
   * of the heading, which pronouns and bare amounts refer to.
   */
  readonly subjectTerms: readonly string[]
  /** Amounts in it; offsets count from the start of the quote. */
  readonly quantities: readonly Quantity[]
  readonly direction: Direction
  readonly isNegated: boolean
  readonly isHedged: boolean
  /** What the document itself offers for it. */
  readonly support: Support
  /** How sure it is a claim; 2 and up. */
  readonly score: number
}

/** Most amounts kept for a claim. */
const MAX_AMOUNTS = 50
/** Most terms kept for a claim. */
const MAX_TERMS = 40

/**
 * The claims of a report, in document order.
 *
 * @remarks
 * Methods, aims, definitions, questions, outlook and boilerplate are left out, as are tables and
 * code. The rules are written for English.
 * Invariant: `text.slice(start, end)` is the quote.
 * Cost: linear; a report of 1,500 words takes a few milliseconds.
 *
 * @param title - counts as the outermost heading where the text has none.
 */
export function claims({
  text,
  title,
}: {
  readonly text: string
  readonly title?: string
}): readonly Claim[] {
  const reader = readerFor(text)
  const report = readReport(reader, text)
  const supportOf = createSupportJudge(report)
  return report.flatMap((sentence, index) => {
    if (sentence.kind !== 'prose' && sentence.kind !== 'list') return []
    const stance = stanceOf(sentence.text, sentence.quantities)
    const score = claimScore(sentence, stance)
    if (score < MIN_SCORE) return []
    const { text: quote, start, end } = sentence
    const quantities = sentence.quantities.slice(0, MAX_AMOUNTS)
    const heading = sentence.heading ?? title
    const claim = {
      quote,
      start,
      end,
      quantities,
      ...stance,
      score,
      subjectTerms: termsWithContext(sentence, report[index - 1]),
      support: supportOf(sentence),
    }
    return [heading === undefined ? claim : { ...claim, heading }]
  })
}

function termsWithContext(
  sentence: ReportSentence,
  before: ReportSentence | undefined,
): readonly string[] {
  const isNear = before?.paragraph === sentence.paragraph
  const terms = [...sentence.terms, ...(isNear ? before.terms : [])].map(({ text }) => text)
  return [...new Set(terms)].slice(0, MAX_TERMS)
}
