import { type Term, type TermReader, canonical, deniedStem } from '../../../language/index.ts'
import type { Claim } from '../claims/claims.ts'
import { measurementsIn } from '../claims/document.ts'
import { type Stretch, outcomeStretches } from '../claims/outcome.ts'
import { subjectTerms } from '../claims/subject.ts'
import { type Direction, dimensionOfWord } from '../quantities/change-words.ts'
import { comparable } from '../quantities/compare-amounts.ts'
import { quantities } from '../quantities/quantities.ts'
import type { Quantity } from '../quantities/quantity.ts'

import { type Conditions, conditionTerm, conditionsOf, hourTerms } from './conditions.ts'
import { type Contrast, contrastIn } from './contrast.ts'

/** A claim with its own id and the document it stands in; its amounts are read from the quote. */
export interface DocumentClaim extends Pick<
  Claim,
  'quote' | 'subjectTerms' | 'direction' | 'isHedged' | 'support'
> {
  readonly id: string
  readonly doc: string
  readonly heading?: string | undefined
}

/** A claim made ready for comparison. */
export interface Statement {
  readonly claim: DocumentClaim
  /** Canonical stems of its own terms. */
  readonly own: ReadonlySet<string>
  /** The word each of its terms was read from. */
  readonly words: ReadonlyMap<string, string>
  /** Stems it borrows from the sentence before and the heading; none that is its own. */
  readonly borrowed: ReadonlySet<string>
  /** Its measured amounts, made comparable. */
  readonly amounts: readonly Quantity[]
  readonly conditions: Conditions
  /** Which way it points, also when that only follows from two levels set against each other. */
  readonly direction: Direction
  /** Its direction follows from the order of two levels alone, and holds only side by side. */
  readonly isLoose: boolean
  /** What its direction is about: `temperature`, `length`; none when it fits anything. */
  readonly dimension?: string
  /** The terms that name what changes or differs; none where that is not plain. */
  readonly outcome: ReadonlySet<string>
  /** What it says is absent: `unwatered`, `without watering`. */
  readonly denied: ReadonlySet<string>
  /** The two sides of a comparison, if it makes one: stems before and behind `than`. */
  readonly sides?: { readonly left: ReadonlySet<string>; readonly right: ReadonlySet<string> }
}

/** Makes `claim` ready for comparison. */
export function toStatement(reader: TermReader, claim: DocumentClaim): Statement {
  const stated = quantities(claim.quote)
  const named = subjectTerms(reader, claim.quote, stated).map((term) => readTerm(claim.quote, term))
  const amounts = measurementsIn(claim.quote, stated)
  const own = new Set([
    ...named.map(({ key }) => key),
    ...hourTerms(claim.quote),
    ...amounts.flatMap((amount) => unitTerms(reader, amount)),
  ])
  const context = [
    ...claim.subjectTerms,
    ...reader.terms(claim.heading ?? '').map(({ text }) => text),
  ]
  const borrowed = new Set(
    context.map((term) => keyOf(term, reader.stemOf(term))).filter((term) => !own.has(term)),
  )
  const dimension = dimensionOf(claim.quote, amounts)
  const contrast = contrastIn(claim.quote, amounts)
  const sides = sidesOf(claim.quote, named, contrast)
  return {
    claim,
    own,
    words: new Map(named.map(({ key, word }) => [key, word])),
    borrowed,
    amounts: [...comparable(amounts), ...(contrast?.changes ?? [])],
    conditions: conditionsOf(claim.quote),
    direction: claim.direction === 'unknown' ? (contrast?.direction ?? 'unknown') : claim.direction,
    isLoose: claim.direction === 'unknown' && contrast?.isMarked === false,
    outcome: outcomeOf(outcomeStretches(claim.quote, stated), named),
    denied: new Set(named.flatMap(({ denied }) => denied ?? [])),
    ...(dimension === undefined ? {} : { dimension }),
    ...(sides === undefined ? {} : { sides }),
  }
}

/** The words from which `terms` of the statement were read. */
export function wordsFor({ words }: Statement, terms: readonly string[]): readonly string[] {
  return terms.map((term) => words.get(term) ?? term)
}

/** What an amount says of its matter: money is a cost, and `per bed and year` tells of beds. */
function unitTerms(reader: TermReader, { kind, unit }: Quantity): readonly string[] {
  const things = unit
    .split('/')
    .slice(1)
    .filter((thing) => /^\p{L}{3,}$/u.test(thing))
  const words = kind === 'money' ? [...things, 'cost'] : things
  return words.map((word) => keyOf(word, reader.stemOf(word)))
}

/** What a word counts as: the circumstance it names, else its synonyms' stem. */
function keyOf(word: string, stem: string): string {
  return conditionTerm(word) ?? canonical(stem)
}

interface NamedTerm {
  readonly word: string
  /** What it counts as. */
  readonly key: string
  /** What it denies. */
  readonly denied?: string
  readonly start: number
}

function outcomeOf(
  stretches: readonly Stretch[],
  named: readonly NamedTerm[],
): ReadonlySet<string> {
  const isInside = ({ start: at }: NamedTerm): boolean =>
    stretches.some(({ start, end }) => at >= start && at < end)
  return new Set(named.filter(isInside).map(({ key }) => key))
}

const DENIAL =
  /\b(?:without|no|not|never|lacking|neither|nor)\s+(?:(?:any|been|being|having|the|an?)\s+)?$/i
/** Units looked at before a term for a denial. */
const DENIAL_REACH = 24

/** `unwashed` and `without washing` both deny `wash`. */
function readTerm(quote: string, { text, stem, start }: Term): NamedTerm {
  const inside = deniedStem(text)
  const isDenied = DENIAL.test(quote.slice(Math.max(0, start - DENIAL_REACH), start))
  if (inside === undefined && !isDenied) return { word: text, key: keyOf(text, stem), start }
  const denied = canonical(inside ?? stem)
  return { word: isDenied ? `no ${text}` : text, key: `no ${denied}`, denied, start }
}

/** What the direction of a claim is about: the kind of its first change, else of its words. */
function dimensionOf(quote: string, amounts: readonly Quantity[]): string | undefined {
  const change = amounts.find(({ role }) => role === 'change')
  if (change !== undefined) {
    const isPlain = /^(?:percentage|percentage-points|multiple|number|count)$/.test(change.kind)
    if (!isPlain) return change.kind
  }
  const words = quote.match(/\p{L}+/gu) ?? []
  return words.map(dimensionOfWord).find((found) => found !== undefined)
}

const THAN =
  /\b(?:than|outdid|beat|beats|outperform(?:s|ed)?|ahead of|exceed(?:s|ed)?|(?:above|below) (?:that|those|what))\b/i

function sidesOf(
  quote: string,
  named: readonly NamedTerm[],
  contrast: Contrast | undefined,
): Statement['sides'] {
  const border = THAN.exec(quote)?.index ?? contrast?.border
  if (border === undefined) return undefined
  const keys = (terms: readonly NamedTerm[]): ReadonlySet<string> =>
    new Set(terms.map(({ key }) => key))
  const before = keys(named.filter(({ start }) => start < border))
  const behind = keys(named.filter(({ start }) => start > border))
  const isTurned = !THAN.test(quote) && contrast?.isTurned === true
  return isTurned ? { left: behind, right: before } : { left: before, right: behind }
}
