import {
  type Sentence,
  type Term,
  type TermReader,
  splitSentences,
} from '../../../language/index.ts'
import { quantities } from '../quantities/quantities.ts'
import type { Quantity } from '../quantities/quantity.ts'

import { type SectionRole, sectionRole } from './sections.ts'
import { type SentenceRole, sentenceRole } from './sentence-role.ts'
import { subjectTerms } from './subject.ts'

/** A sentence of a report with what is needed to judge it. */
export interface ReportSentence extends Sentence {
  readonly section: SectionRole
  readonly role: SentenceRole
  readonly quantities: readonly Quantity[]
  readonly terms: readonly Term[]
  /** Names a source outside the report. */
  readonly isCited: boolean
}

/** Longer stretches are data or layout, not sentences. Units. */
const MAX_LENGTH = 1_200

const CITATION =
  /\(\p{Lu}[\p{L}'’-]{1,30}(?:,| et al\.?,?| (?:and|&) \p{Lu}[\p{L}'’-]{1,30},?)? ?\d{4}[a-z]?[);,]|\p{Lu}[\p{L}'’-]{1,30}(?: et al\.?| and \p{Lu}[\p{L}'’-]{1,30})? \(\d{4}[a-z]?\)|\[\^?\d{1,3}(?:[,–-] ?\d{1,3})*\]|\baccording to\b|\bet al\.|\b(?:earlier|previous|published) (?:work|studies|reports?|research|trials?)\b|\bdoi\b|https?:\/\//u

/** Splits a report into sentences and judges each by its words and its place. */
export function readReport(reader: TermReader, text: string): readonly ReportSentence[] {
  const sentences = splitSentences(text).filter((s) => s.end - s.start <= MAX_LENGTH)
  const read = sentences.map((sentence) => {
    const amounts = sentence.kind === 'code' ? [] : quantities(sentence.text)
    const section = sectionRole(sentence.path)
    return {
      ...sentence,
      section,
      role: sentenceRole(sentence.text, section),
      quantities: amounts,
      terms: subjectTerms(reader, sentence.text, amounts),
      isCited: CITATION.test(sentence.text),
    }
  })
  return withPlacedSections(read)
}

/**
 * Gives sections whose headings tell nothing a role by their place: before the methods they
 * introduce, behind them they report; after the results, what holds few measurements discusses.
 */
function withPlacedSections(sentences: readonly ReportSentence[]): readonly ReportSentence[] {
  const methods = sentences.findIndex(({ section }) => section === 'methods')
  const density = densities(sentences)
  const densest = Math.max(0, ...density.values())
  const peak = sentences.findIndex((s) => density.get(s.heading ?? '') === densest)
  return sentences.map((sentence, index) => {
    if (sentence.section !== 'unknown') return sentence
    if (index < methods) return { ...sentence, section: 'introduction' }
    const isThin = (density.get(sentence.heading ?? '') ?? 0) < densest / 3
    return { ...sentence, section: index > peak && isThin ? 'discussion' : 'results' }
  })
}

/** Measurements per sentence under each heading. */
function densities(sentences: readonly ReportSentence[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { readonly amounts: number; readonly sentences: number }>()
  for (const { heading = '', quantities: amounts, section } of sentences) {
    if (section !== 'unknown' && section !== 'results') continue
    const sum = sums.get(heading) ?? { amounts: 0, sentences: 0 }
    const measured = amounts.filter(isMeasurement).length
    sums.set(heading, { amounts: sum.amounts + measured, sentences: sum.sentences + 1 })
  }
  return new Map([...sums].map(([heading, sum]) => [heading, sum.amounts / sum.sentences]))
}

/** Verbs that make a span of time a finding: `took twelve hours`; not `for two years`. */
const LASTING =
  /\b(?:tak(?:es?|ing)|took|last(?:s|ed)?|need(?:s|ed)?|require[sd]?|spen[dt]s?|spent|stay(?:s|ed)?|kept|keeps|sle(?:pt|eps?)|wait(?:s|ed)?|remain(?:s|ed)?)\b[^.;,]{0,60}$/i

/** The amounts of `text` that were measured, spans of time among them that something took. */
export function measurementsIn(text: string, amounts: readonly Quantity[]): readonly Quantity[] {
  const isLasting = amounts.some(
    ({ kind, start }) => kind === 'time' && LASTING.test(text.slice(0, start)),
  )
  return amounts.filter((amount) => isMeasurement(amount) || (isLasting && amount.kind === 'time'))
}

/** Whether an amount is a measured value, not a count of things or a span of time. */
export function isMeasurement({ kind, role, low, high }: Quantity): boolean {
  return (
    role === 'change' || low < high || (kind !== 'count' && kind !== 'time' && kind !== 'number')
  )
}
