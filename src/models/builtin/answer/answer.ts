import { type TermReader, canonical, readerFor, splitSentences } from '../../../language/index.ts'

import { type Question, readQuestion } from './question.ts'
import { type Ranked, type Wanted, rank, wantedTerms } from './ranking.ts'
import { type Span, spansFor } from './spans.ts'

/** A passage that answers, or that there is none. */
export type Answer =
  | {
      readonly found: true
      /** The shortest stretch of the kind asked for, else the whole quote; verbatim. */
      readonly answer: string
      /** The sentence it stands in. */
      readonly quote: string
      /** UTF-16 offset of the quote's first unit. */
      readonly start: number
      /** UTF-16 offset behind the quote's last unit. */
      readonly end: number
      /** Share of the question's weight found in and around the quote, 0 to 1. */
      readonly score: number
    }
  | { readonly found: false; readonly reason: string }

/**
 * From here on a sentence is taken to answer; measured on XQuAD (see measured.test.ts), where
 * lower bars answer more questions that the text does not answer.
 */
const BARS = { score: 0.46, own: 0.3, terms: 2 } as const
/** How far below the best sentence another may score to be searched for the kind asked for. */
const SLACK = 0.75

/**
 * The sentence of `text` that answers `question`, with the stretch of it that does, or that the
 * text has none.
 *
 * @remarks
 * A sentence answers by the question's terms it holds, weighed by rarity, with a share for the
 * sentences beside it. Questions for yes or no need a judgement and are not answered.
 * Invariant: `text.slice(start, end)` is the quote, and the quote holds the answer.
 * Source: docs/sources.md#bm25 (the weights), docs/sources.md#xquad (the bars).
 */
export function answer({
  question,
  text,
}: {
  readonly question: string
  readonly text: string
}): Answer {
  const asked = readQuestion(question)
  if (asked.kind === 'yes-no') {
    return {
      found: false,
      reason: 'a question for yes or no needs a judgement that quoting cannot give',
    }
  }
  const reader = readerFor(text)
  const sentences = splitSentences(text).filter(({ kind }) => kind !== 'code')
  const wanted = wantedTerms(reader, question)
  if (wanted.size === 0) return { found: false, reason: 'the question names nothing to look for' }
  const ranked = rank(reader, sentences, wanted)
  const best = ranked[0]
  if (best === undefined || !isAnswer(best, wanted)) {
    return { found: false, reason: reasonOf(best, wanted) }
  }
  const fits = ranked.filter((r) => r.score >= best.score * SLACK && isAnswer(r, wanted))
  return firstOfKind(reader, { asked, wanted, fits }) ?? toAnswer(best, undefined)
}

function isAnswer({ score, own, terms }: Ranked, wanted: Wanted): boolean {
  return score >= BARS.score && own >= BARS.own && terms.size >= Math.min(BARS.terms, wanted.size)
}

function reasonOf(best: Ranked | undefined, wanted: Wanted): string {
  const missing = [...wanted.keys()].filter((term) => best === undefined || !best.terms.has(term))
  return `no sentence speaks of enough of the question: ${missing.join(', ')} not found together with the rest`
}

interface Search {
  readonly asked: Question
  readonly wanted: Wanted
  readonly fits: readonly Ranked[]
}

/** The answer from the first fitting sentence with a stretch of the kind asked for. */
function firstOfKind(reader: TermReader, { asked, wanted, fits }: Search): Answer | undefined {
  for (const fit of fits) {
    const spans = spansFor(asked, fit.sentence.text).filter(
      (span) => !repeatsQuestion(reader, fit.sentence.text.slice(span.start, span.end), wanted),
    )
    const span = nearest(reader, spans, { text: fit.sentence.text, wanted })
    if (span !== undefined) return toAnswer(fit, span)
  }
  return undefined
}

/** Whether a stretch only holds what the question itself says. */
function repeatsQuestion(reader: TermReader, text: string, wanted: Wanted): boolean {
  const stems = reader.stems(text).map(canonical)
  return stems.length > 0 && stems.every((stem) => wanted.has(stem))
}

/** The span that stands nearest to the question's terms. */
function nearest(
  reader: TermReader,
  spans: readonly Span[],
  { text, wanted }: { readonly text: string; readonly wanted: Wanted },
): Span | undefined {
  const places = reader.terms(text).filter(({ stem }) => wanted.has(canonical(stem)))
  const distance = ({ start, end }: Span): number =>
    places.reduce(
      (sum, place) => sum + Math.abs((place.start + place.end) / 2 - (start + end) / 2),
      0,
    )
  return spans.toSorted((a, b) => distance(a) - distance(b) || a.start - b.start)[0]
}

function toAnswer({ sentence, score }: Ranked, span: Span | undefined): Answer {
  const { text: quote, start, end } = sentence
  const answered = span === undefined ? quote : quote.slice(span.start, span.end)
  return { found: true, answer: answered, quote, start, end, score: Math.min(1, score) }
}
