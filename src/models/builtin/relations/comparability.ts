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
  return [...a.denied].some((term) => !a.own.has(term) && b.own.has(term) && !b.denied.has(term))
}

/** What changes according to `a` is nothing that `b` speaks of. */
function missesOutcome({ outcome }: Statement, b: Statement): boolean {
  return outcome.size > 0 && ![...outcome].some((term) => b.own.has(term) || b.borrowed.has(term))
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
  const common = new Set([...a.outcome].filter((term) => b.outcome.has(term)))
  const [x, y] = [ownSides(a.sides, common), ownSides(b.sides, common)]
  const isAligned = meets(x.left, y.left) || meets(x.right, y.right)
  return isAligned || meets(x.left, y.right) || meets(x.right, y.left)
}

type Sides = NonNullable<Statement['sides']>

/** What each side has alone, without what changes on both. */
function ownSides({ left, right }: Sides, common: ReadonlySet<string>): Sides {
  const only = (side: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...side].filter((term) => !other.has(term) && !common.has(term)))
  return { left: only(left, right), right: only(right, left) }
}

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((term) => b.has(term))
}
