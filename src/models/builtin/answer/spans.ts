import { stem, tokenise } from '../../../language/index.ts'
import { dates } from '../extraction/dates.ts'
import { places, persons } from '../extraction/names.ts'
import { quantities } from '../quantities/quantities.ts'
import type { QuantityKind } from '../quantities/units.ts'

import type { Question, QuestionKind } from './question.ts'

/** A stretch of a sentence that is of the kind a question asks for; offsets into the sentence. */
export interface Span {
  readonly start: number
  readonly end: number
}

type Finder = (sentence: string, question: Question) => readonly Span[]

const FINDERS: Readonly<Record<QuestionKind, Finder>> = {
  person: persons,
  place: places,
  time: dates,
  age: ages,
  year: (sentence) => dates(sentence).flatMap((date) => date.yearSpan ?? []),
  percentage: (sentence) => amounts(sentence, (kind) => kind.startsWith('percentage')),
  money: (sentence) => amounts(sentence, (kind) => kind === 'money'),
  duration: (sentence) => amounts(sentence, (kind) => kind === 'time'),
  count: (sentence, { counted }) => counts(sentence, counted),
  measure: (sentence) => amounts(sentence, (kind) => kind !== 'count'),
  'yes-no': () => [],
  open: () => [],
}

/** The stretches of `sentence` that could answer `question`, in order. */
export function spansFor(question: Question, sentence: string): readonly Span[] {
  return FINDERS[question.kind](sentence, question)
}

function amounts(sentence: string, accepts: (kind: QuantityKind) => boolean): readonly Span[] {
  return quantities(sentence).filter(({ kind }) => accepts(kind))
}

/** Words behind a number that may name what it counts. */
const NOUN_REACH = 40

/** Numbers, and where some stand before what is asked about, only those. */
function counts(sentence: string, counted: readonly string[]): readonly Span[] {
  const all = amounts(sentence, (kind) => kind === 'count' || kind === 'number')
  const wanted = new Set(counted.map(stem))
  const fitting = all.filter(({ end }) => {
    const clause = sentence.slice(end, end + NOUN_REACH).split(/[.,;:(\d]/, 1)[0] ?? ''
    return tokenise(clause).some(({ text }) => wanted.has(stem(text)))
  })
  return fitting.length > 0 ? fitting : all
}

/** `aged 38`, `at age 38`, `38 years old`. */
function ages(sentence: string): readonly Span[] {
  const found = sentence.matchAll(
    /\b(?:aged?|age of) (?<behind>\d{1,3})\b|\b(?<before>\d{1,3})(?=[ -]years?[ -]old\b)/g,
  )
  return [...found].map((match) => {
    const number = match.groups?.['behind'] ?? match[0]
    const start = match.index + match[0].length - number.length
    return { start, end: start + number.length }
  })
}
