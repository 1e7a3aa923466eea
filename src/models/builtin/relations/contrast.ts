import type { Direction } from '../quantities/change-words.ts'
import { derivedChanges } from '../quantities/compare-amounts.ts'
import type { Quantity } from '../quantities/quantity.ts'

/** Two levels of one kind that a sentence sets against each other: `91 against 61 per cent`. */
export interface Contrast {
  /** How the left side stands to the right one. */
  readonly direction: Direction
  /** Where in the text the one side ends and the other begins. */
  readonly border: number
  /** Whether the side written first is the one that is compared with, as what came before. */
  readonly isTurned: boolean
  /** Whether the wording tells which side is compared with which; `and` does not. */
  readonly isMarked: boolean
  /** The change or difference that follows from the two levels. */
  readonly changes: readonly Quantity[]
}

/** Smallest relative difference of two levels that counts as one, and largest that counts as none. */
const CONTRAST = { some: 0.1, none: 0.03 } as const

/** `99 per cent of what it had been`. */
const OF_BEFORE =
  /^ of (?:what (?:it|they|he|she)\b|(?:its|their|the) (?:original|initial|former|first|starting|earlier|new)\b)/

/** The change told by a share of what there was before. */
function fromShareOfBefore(text: string, amounts: readonly Quantity[]): Contrast | undefined {
  const share = amounts.find(
    ({ kind, role, end }) =>
      kind === 'percentage' && role === 'level' && OF_BEFORE.test(text.slice(end, end + 30)),
  )
  if (share === undefined) return undefined
  const [change] = derivedChanges(share, { from: 100, to: share.value })
  if (change === undefined) return undefined
  const isNone = share.high >= 100 && share.low <= 100
  const direction = isNone ? 'none' : directionOf(share.value, 100)
  const changes = [{ ...change, direction }]
  return { direction, isTurned: false, isMarked: true, border: text.length, changes }
}

/** The contrast that `text` makes with its measured `amounts`, if it makes one. */
export function contrastIn(text: string, amounts: readonly Quantity[]): Contrast | undefined {
  const told = fromShareOfBefore(text, amounts)
  if (told !== undefined) return told
  const [first, second, third] = amounts.filter(({ role }) => role === 'level')
  if (first === undefined || second === undefined || first.unit !== second.unit) return undefined
  // Four levels are two contrasts, a count and its share; three are a list.
  if (third !== undefined && amounts.length !== 4) return undefined
  const border = borderOf(text, first, second)
  const isTurned = isEarlier(text, first, border)
  const [level, base] = isTurned ? [second, first] : [first, second]
  const direction = directionOf(level.value, base.value)
  const isMarked =
    isTurned || EARLY.test(text.slice(border)) || MARKED.test(text.slice(border - 1, second.start))
  const changes =
    !isMarked || direction === 'unknown'
      ? []
      : derivedChanges(level, { from: base.value, to: level.value })
  return { direction, isTurned, isMarked, border, changes }
}

function directionOf(level: number, base: number): Direction {
  const larger = Math.max(Math.abs(level), Math.abs(base))
  const difference = larger === 0 ? 0 : (level - base) / larger
  if (Math.abs(difference) <= CONTRAST.none) return 'none'
  if (Math.abs(difference) < CONTRAST.some) return 'unknown'
  return difference > 0 ? 'up' : 'down'
}

/** Words for what came first or lacks what the other has. */
const EARLY =
  /\b(?:before|beforehand|earlier|first|initially|originally|formerly|previous(?:ly)?|without|when new|at the (?:start|outset|beginning))\b/i
const LATE = /\b(?:after|afterwards|later|second|last|final|now|since|with|at the end)\b/i

/** Whether the level written first is what the other is compared with: `18 in the first year and 31 in the second`. */
function isEarlier(text: string, first: Quantity, border: number): boolean {
  const second = text.slice(border)
  if (EARLY.test(second)) return false
  return EARLY.test(text.slice(first.end, border)) || (EARLY.test(text) && LATE.test(second))
}

/** Joints behind which stands what is compared with. */
const MARKED = /\b(?:against|compared|versus|vs|where|whereas|rather than)\b/i
const JOINT =
  /[;,]\s(?:(?:as )?(?:against|and|but|compared|while|whereas|versus|where)\b)?|\b(?:(?:as )?against|and|but|compared|while|whereas|versus|vs|rather than)\b/gi

/** The last joint between two levels, where the second side begins. */
function borderOf(text: string, first: Quantity, second: Quantity): number {
  const joints = [...text.slice(first.end, second.start).matchAll(JOINT)]
  const last = joints.at(-1)
  return last === undefined ? second.start : first.end + last.index
}
