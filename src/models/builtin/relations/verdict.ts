import type { Direction } from '../quantities/change-words.ts'
import { type AmountComparison, compareAmounts } from '../quantities/compare-amounts.ts'

import {
  isCrosswise,
  isElsewhere,
  isOtherContrast,
  isOtherKind,
  isOtherOutcome,
  isSameContrast,
} from './comparability.ts'
import type { Ranked } from './ranks.ts'
import type { Statement } from './statement.ts'

/** What holds between two statements. */
export interface Verdict {
  readonly kind: 'agreement' | 'numeric' | 'direction' | 'effect'
  readonly reason: string
  /** The larger, the surer. */
  readonly score: number
}

/** Similarity from which on statements are taken to speak of the same thing, by verdict. */
const MIN = {
  any: 0.15,
  agreeing: 0.2,
  agreement: 0.36,
  worded: 0.48,
  numeric: 0.36,
  precise: 0.3,
  level: 0.5,
  direction: 0.48,
  crossed: 0.3,
  effect: 0.36,
  preciseEffect: 0.3,
} as const
/** What it adds that both name the same thing as what changes, and that each is the other's nearest. */
const FOCUS = { share: 0.5, bonus: 0.12 } as const
const NEAREST = 0.12
/** What it takes off that one says of something that it changes of which the other does not speak. */
const OTHER_OUTCOME = 0.15
/** What agreeing amounts add to similarity: rare coincidences tell that the subject is the same. */
const BONUS = { close: 0.08, precise: 0.08, several: 0.15 } as const

/** What holds between two statements of different documents; `undefined` when nothing does. */
export function judge(a: Statement, b: Statement, likeness: Ranked): Verdict | undefined {
  const { shared } = likeness
  if (likeness.score < MIN.any || isElsewhere(a, b)) return undefined
  const amounts = compareAmounts(a.amounts, b.amounts)
  const isEffect = (a.direction === 'none') !== (b.direction === 'none')
  if (!isEffect && isOtherKind(a, b, amounts)) return undefined
  const isFocused = likeness.focus >= FOCUS.share
  const isCrossed = isCrosswise(a, b)
  const context: Context = {
    amounts,
    one: directionIn(a, b),
    other: isCrossed ? turned(directionIn(b, a)) : directionIn(b, a),
    likeness: likeness.score,
    score:
      likeness.score +
      (isFocused ? FOCUS.bonus : 0) +
      (likeness.isMutual ? NEAREST : 0) -
      (isOtherOutcome(a, b) ? OTHER_OUTCOME : 0),
    isHedged: a.claim.isHedged || b.claim.isHedged,
    isBare: isBarelyAlike(a, b, { ...likeness, isFocused }),
    isCrossed,
    isOtherContrast: isOtherContrast(a, b),
  }
  return contradiction(context) ?? agreement(context)
}

/** The direction of `a` as far as it tells something beside `b`. */
function directionIn(a: Statement, b: Statement): Direction {
  return a.isLoose && !isSameContrast(a, b) ? 'unknown' : a.direction
}

interface Context {
  readonly amounts: AmountComparison
  readonly one: Direction
  /** Seen from the first statement when the two compare the same things crosswise. */
  readonly other: Direction
  readonly likeness: number
  /** Likeness with what is added for focus and rank. */
  readonly score: number
  readonly isHedged: boolean
  /** They share a single term of their own. */
  readonly isBare: boolean
  readonly isCrossed: boolean
  /** They compare different things. */
  readonly isOtherContrast: boolean
}

/** A single term in common is too little where both have more to tell, or neither is nearest. */
function isBarelyAlike(
  a: Statement,
  b: Statement,
  { shared, isMutual, isFocused }: Ranked & { readonly isFocused: boolean },
): boolean {
  if (shared.length > 1) return false
  const alike = [...a.own].filter((term) => b.own.has(term)).length
  const rest = Math.min(a.own.size, b.own.size) - alike
  return alike < 2 && !isFocused ? !isMutual || rest > 1 : !isMutual && !isFocused
}

function contradiction(context: Context): Verdict | undefined {
  if (context.isHedged || context.isBare || context.isOtherContrast) return undefined
  return opposition(context) ?? effectAgainstNone(context) ?? amountsApart(context)
}

function opposition({ one, other, score, isCrossed }: Context): Verdict | undefined {
  if (!isOpposite(one, other) || score < (isCrossed ? MIN.crossed : MIN.direction)) return undefined
  return { kind: 'direction', score, reason: `one says ${one}, the other ${other}` }
}

function effectAgainstNone({ one, other, score, amounts }: Context): Verdict | undefined {
  const isKnown = one !== 'unknown' && other !== 'unknown'
  const isEffect = isKnown && (one === 'none') !== (other === 'none')
  if (!isEffect || score < (amounts.isPrecise ? MIN.preciseEffect : MIN.effect)) return undefined
  return { kind: 'effect', score, reason: 'one finds a change or difference, the other none' }
}

function amountsApart({ amounts, score }: Context): Verdict | undefined {
  const change = amounts.isPrecise ? MIN.precise : MIN.numeric
  if (amounts.kind !== 'apart') return undefined
  if (score < (amounts.role === 'level' ? MIN.level : change)) return undefined
  const [x = '', y = ''] = amounts.quotes ?? []
  return { kind: 'numeric', score, reason: `${x} against ${y}` }
}

function agreement(context: Context): Verdict | undefined {
  const { amounts, one, other } = context
  if (isOpposite(one, other)) return undefined
  return amounts.kind === 'close' && (!context.isBare || amounts.matches > 1)
    ? agreementOfAmounts(context)
    : agreementOfWords(context)
}

function agreementOfAmounts({ amounts, score, likeness }: Context): Verdict | undefined {
  if (likeness < MIN.agreeing && !amounts.isPrecise && amounts.matches < 2) return undefined
  const bonuses: readonly (readonly [boolean, number])[] = [
    [amounts.isRough !== true, BONUS.close],
    [amounts.isPrecise, BONUS.precise],
    [amounts.matches > 1, BONUS.several],
  ]
  const sure = bonuses.reduce((sum, [holds, bonus]) => sum + (holds ? bonus : 0), score)
  const [x = '', y = ''] = amounts.quotes ?? []
  return sure < MIN.agreement
    ? undefined
    : { kind: 'agreement', score: sure, reason: `${x} and ${y}` }
}

function agreementOfWords({
  amounts,
  one,
  other,
  score,
  isBare,
  isCrossed,
}: Context): Verdict | undefined {
  if (one !== other || one === 'unknown') return undefined
  if (amounts.kind !== 'none' && !(isCrossed && amounts.kind === 'near')) return undefined
  if (isBare || score < MIN.worded) return undefined
  const reason = one === 'none' ? 'both find no change or difference' : `both say ${one}`
  return { kind: 'agreement', score, reason }
}

function isOpposite(a: Direction, b: Direction): boolean {
  return (a === 'up' && b === 'down') || (a === 'down' && b === 'up')
}

function turned(direction: Direction): Direction {
  if (direction === 'up') return 'down'
  return direction === 'down' ? 'up' : direction
}
