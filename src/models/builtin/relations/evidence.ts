import type { Direction } from '../quantities/change-words.ts'
import { type AmountComparison, compareAmounts } from '../quantities/compare-amounts.ts'

import {
  isCrosswise,
  isElsewhere,
  isOtherKind,
  isOtherOutcome,
  isSameContrast,
} from './comparability.ts'
import type { Compared } from './ranks.ts'
import type { Statement } from './statement.ts'

/** What is known of a pair before it is judged. */
export interface Evidence {
  readonly amounts: AmountComparison
  readonly one: Direction
  /** Seen from the first statement when the two compare the same things crosswise. */
  readonly other: Direction
  readonly likeness: number
  /** Likeness with what focus and rank add. */
  readonly score: number
  readonly isHedged: boolean
  /** They have too little in common for anything but amounts that agree. */
  readonly isBare: boolean
  readonly isCrossed: boolean
}

/** What a pair is compared with: its whole collection. */
export interface Collection {
  focusOf(a: Statement, b: Statement): number
  /** Whether the two are each other's nearest in their documents. */
  isMutual(pair: Compared): boolean
}

/**
 * Likeness from which on a pair is looked at whose two are not each other's nearest. All constants
 * here were chosen on the shipped reports, test/fixtures/digest-dev-hygiene and digest-dev-battery.
 */
const MIN_LIKENESS = 0.18
/** What it adds that both name the same thing as what changes, and that each is the other's nearest. */
const FOCUS = { share: 0.5, bonus: 0.12 } as const
const NEAREST = 0.12
/** What it takes off that one says of something that it changes of which the other does not speak. */
const OTHER_OUTCOME = 0.15

/** Score without which a pair can only be related by amounts that agree: the lowest bar of a verdict. */
const MIN_SCORE = 0.3

/** What speaks for and against relating a pair; `undefined` when they cannot be compared. */
export function evidenceFor(pair: Compared, collection: Collection): Evidence | undefined {
  const { a, b, likeness } = pair
  const isMutual = collection.isMutual(pair)
  if ((!isMutual && likeness.score < MIN_LIKENESS) || isElsewhere(a, b)) return undefined
  const amounts = compareAmounts(a.amounts, b.amounts)
  const isFocused = collection.focusOf(a, b) >= FOCUS.share
  const gain = (isFocused ? FOCUS.bonus : 0) + (isMutual ? NEAREST : 0)
  const score = likeness.score + gain - (isOtherOutcome(a, b) ? OTHER_OUTCOME : 0)
  if (!isTelling(pair, { amounts, score })) return undefined
  const isCrossed = isCrosswise(a, b)
  const other = directionIn(b, a)
  return {
    amounts,
    one: directionIn(a, b),
    other: isCrossed ? turned(other) : other,
    likeness: likeness.score,
    score,
    isHedged: a.claim.isHedged || b.claim.isHedged,
    isBare: isBarelyAlike(pair, { isMutual, isFocused }),
    isCrossed,
  }
}

/** Whether amounts or directions could make a verdict. */
function isTelling(
  { a, b }: Compared,
  { amounts, score }: Pick<Evidence, 'amounts' | 'score'>,
): boolean {
  const isDirected = a.direction !== 'unknown' && b.direction !== 'unknown'
  if (!isDirected && (amounts.kind === 'none' || amounts.kind === 'near')) return false
  if (score < MIN_SCORE && amounts.kind !== 'close') return false
  const isEffect = (a.direction === 'none') !== (b.direction === 'none')
  return isEffect || !isOtherKind(a, b, amounts)
}

/** The direction of `a` as far as it tells something beside `b`. */
function directionIn(a: Statement, b: Statement): Direction {
  return a.isLoose && !isSameContrast(a, b) ? 'unknown' : a.direction
}

/** A single term in common is too little where both have more to tell, or neither is nearest. */
function isBarelyAlike(
  { a, b, likeness }: Compared,
  { isMutual, isFocused }: { readonly isMutual: boolean; readonly isFocused: boolean },
): boolean {
  if (likeness.shared > 1 || isFocused) return false
  if (!isMutual) return true
  const alike = [...a.own].filter((term) => b.own.has(term)).length
  return alike < 2 && Math.min(a.own.size, b.own.size) - alike > 1
}

function turned(direction: Direction): Direction {
  if (direction === 'up') return 'down'
  return direction === 'down' ? 'up' : direction
}
