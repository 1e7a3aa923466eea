import type { AmountComparison } from '../quantities/compare-amounts.ts'

import { apartOn } from './conditions.ts'
import type { Statement } from './statement.ts'

/**
 * Whether two statements hold under different circumstances, one with and one without something,
 * or say of different things that they change.
 */
export function isElsewhere(a: Statement, b: Statement): boolean {
  if (apartOn(a.conditions, b.conditions) !== undefined) return true
  return lacks(a, b) || lacks(b, a)
}

/** Whether what changes according to the one is nothing that the other speaks of. */
export function isOtherOutcome(a: Statement, b: Statement): boolean {
  return missesOutcome(a, b) || missesOutcome(b, a)
}

/** `a` speaks of the absence of what `b` has, and does not name its presence too. */
function lacks(a: Statement, b: Statement): boolean {
  return hasTerm(a.denied, (term) => !a.own.has(term) && b.own.has(term) && !b.denied.has(term))
}

/** What changes according to `a` is nothing that `b` speaks of. */
function missesOutcome({ outcome }: Statement, b: Statement): boolean {
  return outcome.size > 0 && !hasTerm(outcome, (term) => b.own.has(term) || b.borrowed.has(term))
}

/**
 * Whether the changes in two statements are of different kinds: one of temperature and the other
 * of length, one of the air and the other of nothing of the kind, or in units that do not convert.
 */
export function isOtherKind(a: Statement, b: Statement, amounts: AmountComparison): boolean {
  const isMeasured = [a, b].every((s) => s.amounts.some(({ role }) => role === 'change'))
  if (isMeasured && amounts.kind === 'none') return true
  const isOther =
    a.dimension !== undefined && b.dimension !== undefined && a.dimension !== b.dimension
  return isOther || hasLoneMedium(a, b) || hasLoneMedium(b, a)
}

/** `a` names a medium, and `b` neither names one nor borrows that of `a`. */
function hasLoneMedium(a: Statement, b: Statement): boolean {
  const media = a.conditions.get('medium')
  if (media === undefined || b.conditions.has('medium')) return false
  return ![...media].some((medium) => b.borrowed.has(medium))
}

/** `lime is cooler than plane` against `plane is cooler than lime`: each side names the other's. */
export function isCrosswise(a: Statement, b: Statement): boolean {
  if (a.sides === undefined || b.sides === undefined) return false
  const isSwapped = meets(a.sides.left, b.sides.right) && meets(a.sides.right, b.sides.left)
  return isSwapped && !meets(a.sides.right, b.sides.right)
}

/**
 * Whether both compare something with something else, and not the same: nurses with doctors, and
 * night with day. What changes is not among the sides, it is named on either.
 */
export function isOtherContrast(a: Statement, b: Statement): boolean {
  return a.sides !== undefined && b.sides !== undefined && !isSameContrast(a, b)
}

/** Whether both compare the same things, be it crosswise. */
export function isSameContrast(a: Statement, b: Statement): boolean {
  if (a.sides === undefined || b.sides === undefined) return false
  const [x, y] = [a.sides, b.sides]
  const isCommon = (term: string): boolean => a.outcome.has(term) && b.outcome.has(term)
  /** Whether a term stands on this side alone in both, and is not what changes in both. */
  const isShared = (one: keyof Sides, other: keyof Sides): boolean =>
    hasTerm(
      x[one],
      (term) =>
        y[other].has(term) &&
        !x[OPPOSITE[one]].has(term) &&
        !y[OPPOSITE[other]].has(term) &&
        !isCommon(term),
    )
  return (
    isShared('left', 'left') ||
    isShared('right', 'right') ||
    isShared('left', 'right') ||
    isShared('right', 'left')
  )
}

type Sides = NonNullable<Statement['sides']>

const OPPOSITE = { left: 'right', right: 'left' } as const

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return hasTerm(a, (term) => b.has(term))
}

/** Whether one of `terms` is such; a loop, as this runs for every pair and an array would cost more. */
function hasTerm(terms: ReadonlySet<string>, isSuch: (term: string) => boolean): boolean {
  for (const term of terms) if (isSuch(term)) return true
  return false
}
