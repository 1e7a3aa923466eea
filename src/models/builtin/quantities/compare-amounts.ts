import type { Quantity } from './quantity.ts'
import { SHARES, type Unit } from './units.ts'

/** How the amounts of two statements stand to each other. */
export interface AmountComparison {
  /**
   * `close`: equal within what is stated for them; `apart`: neither that nor near; `near`:
   * in between, which speaks for nothing; `none`: nothing that can be compared.
   */
  readonly kind: 'close' | 'near' | 'apart' | 'none'
  /** Number of different pairs that are close. */
  readonly matches: number
  /** Both sides of the pair state an uncertainty. */
  readonly isPrecise: boolean
  /** Both are in words or said to be approximate: that they are equal means little. */
  readonly isRough?: boolean
  /** The pair compared, as written. */
  readonly quotes?: readonly [string, string]
  readonly role?: 'level' | 'change'
}

const NONE: AmountComparison = { kind: 'none', matches: 0, isPrecise: false }
/** Largest relative difference of amounts that agree. */
const MAX_CLOSE = 0.2
/** Smallest relative difference of amounts that contradict each other. */
const MIN_APART = 0.4
/** Relative play of an amount without stated uncertainty: said plainly, and said roughly. */
const PLAY = { plain: 0.02, rough: 0.05 } as const
/** Parts of a unit that matter; others are things counted: `EUR/tree/yr`. */
const MEASURED = new Set(['s', 'yr', 'm', 'm²', 'm³', 'kg', 'J', '1'])

/**
 * Compares the amounts of two statements pairwise, kind by kind.
 *
 * @param first - as `comparable` gives them, and so the second.
 */
export function compareAmounts(
  first: readonly Quantity[],
  second: readonly Quantity[],
): AmountComparison {
  const all = pairsOf(first, second)
  // Amounts with stated uncertainty are what the sentences are about.
  const precise = all.filter(({ isPrecise }) => isPrecise)
  const pairs = precise.length > 0 ? precise : all
  const alike = pairs.filter(({ kind }) => kind === 'close')
  const changes = alike.filter(({ role }) => role === 'change')
  const close = changes.length > 0 ? changes : alike
  const best = close[0]
  if (best === undefined) {
    const other = pairs.find(({ kind }) => kind === 'near') ?? pairs[0]
    return other === undefined ? NONE : { ...other, matches: 0 }
  }
  const isPartial = best.role === 'level' && !areLevelsAlike(first, second, best.unit)
  if (isPartial) return { ...best, kind: 'near', matches: 0 }
  const matches = Math.min(
    new Set(close.map(({ values }) => values[0])).size,
    new Set(close.map(({ values }) => values[1])).size,
  )
  return { ...best, matches }
}

const NO_PAIRS: readonly Pair[] = []

/** All pairs that can be compared; loops, as most of the many calls find none. */
function pairsOf(first: readonly Quantity[], second: readonly Quantity[]): readonly Pair[] {
  let all: Pair[] | undefined
  for (const a of first) {
    for (const b of second) {
      const pair = comparePair(a, b)
      if (pair !== undefined) (all ??= []).push(pair)
    }
  }
  return all ?? NO_PAIRS
}

/**
 * Whether levels set against each other are alike: both of two, in the order in which they stand.
 * One alone says nothing, unless it is where the other statement ends.
 */
function areLevelsAlike(
  first: readonly Quantity[],
  second: readonly Quantity[],
  unit: string,
): boolean {
  const levelsOf = (amounts: readonly Quantity[]): readonly Quantity[] =>
    amounts.filter((amount) => amount.role === 'level' && isSameUnit(amount.unit, unit))
  const [a, b] = [levelsOf(first), levelsOf(second)]
  if (a.length === 1 || b.length === 1) return isClose(a.at(-1), b.at(-1))
  if (a.length === 2 && b.length === 2) return isClose(a[0], b[0]) && isClose(a[1], b[1])
  return a.filter((x) => b.some((y) => isClose(x, y))).length > 1
}

function isClose(a: Quantity | undefined, b: Quantity | undefined): boolean {
  return a !== undefined && b !== undefined && nearnessOf(a, b) === 'close'
}

interface Pair {
  readonly unit: string
  readonly kind: 'close' | 'near' | 'apart'
  readonly isPrecise: boolean
  readonly isRough: boolean
  readonly quotes: readonly [string, string]
  readonly values: readonly [number, number]
  readonly role: 'level' | 'change'
}

/** The amounts with multiples as changes, and with both ends of each change as levels. */
export function comparable(amounts: readonly Quantity[]): readonly Quantity[] {
  return amounts.flatMap((amount) => {
    const ends = [amount.from, amount.to].flatMap((value) =>
      value === undefined
        ? []
        : [{ ...amount, value, low: value, high: value, role: 'level' as const }],
    )
    const { from, to } = amount
    const derived =
      from === undefined || to === undefined ? [] : derivedChanges(amount, { from, to })
    return [asChange(amount), ...ends, ...derived]
  })
}

/**
 * What two levels say of the change between them, in the units in which others may state it:
 * relative to the first, and for shares of a hundred in points.
 *
 * @remarks Invariant: the same in whatever unit the levels are given.
 */
export function derivedChanges(
  amount: Quantity,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Quantity[] {
  const direction = to === from ? 'none' : to > from ? 'up' : 'down'
  const change = (value: number, step: number, { kind, base }: Unit): Quantity => {
    const spread = { value, low: value, high: value, step }
    return { ...plain(amount), ...spread, kind, unit: base, role: 'change', direction }
  }
  const difference = Math.abs(to - from)
  // Degrees have no zero from which a share could be taken.
  const isRatio = from !== 0 && amount.kind !== 'temperature'
  const relative = isRatio
    ? [
        change(
          100 * (difference / Math.abs(from)),
          100 * (amount.step / Math.abs(from)),
          SHARES.percent,
        ),
      ]
    : []
  return amount.kind === 'percentage'
    ? [...relative, change(difference, amount.step, SHARES.points)]
    : relative
}

/** Without the ends of a change. */
function plain({ from: _from, to: _to, ...rest }: Quantity): Omit<Quantity, 'from' | 'to'> {
  return rest
}

/** `doubled` and `halved` as the changes of 100 and 50 per cent that they are. */
function asChange(amount: Quantity): Quantity {
  if (amount.kind !== 'multiple') return amount
  const isDown = amount.direction === 'down'
  const ratio = isDown && amount.value > 1 ? 1 / amount.value : amount.value
  const value = 100 * Math.abs(ratio - 1)
  return {
    ...amount,
    kind: 'percentage',
    unit: '%',
    value,
    low: value,
    high: value,
    step: value / 10,
  }
}

function comparePair(a: Quantity, b: Quantity): Pair | undefined {
  if (a.kind !== b.kind || a.role !== b.role || !isSameUnit(a.unit, b.unit)) return undefined
  return {
    kind: isOpposed(a, b) ? 'near' : nearnessOf(a, b),
    isPrecise: a.low < a.high && b.low < b.high,
    unit: a.unit,
    isRough: a.isApproximate && b.isApproximate,
    quotes: [a.quote, b.quote],
    values: [a.value, b.value],
    role: a.role,
  }
}

/** A rise and a fall are never the same change, however large. */
function isOpposed(a: Quantity, b: Quantity): boolean {
  const directions = new Set([a.direction, b.direction])
  return a.role === 'change' && directions.has('up') && directions.has('down')
}

function nearnessOf(a: Quantity, b: Quantity): Pair['kind'] {
  const [x, y] = [intervalOf(a), intervalOf(b)]
  const gap = Math.max(x.low, y.low) - Math.min(x.high, y.high)
  const larger = Math.max(Math.abs(a.value), Math.abs(b.value))
  const difference = larger === 0 ? 0 : Math.abs(a.value - b.value) / larger
  const isNone = a.direction === 'none' && b.direction === 'none'
  if (gap <= 0) return difference <= MAX_CLOSE || isNone ? 'close' : 'near'
  return difference >= MIN_APART ? 'apart' : 'near'
}

function intervalOf(amount: Quantity): { readonly low: number; readonly high: number } {
  const { value, step, bound } = amount
  const rough = amount.isApproximate ? PLAY.rough : PLAY.plain
  const play = step / 2 + Math.abs(value) * rough
  const low = Math.min(amount.low, value - (amount.low < value ? 0 : play))
  const high = Math.max(amount.high, value + (amount.high > value ? 0 : play))
  if (bound === 'at-least') return { low: value, high: Number.POSITIVE_INFINITY }
  return bound === 'at-most' ? { low: Math.min(0, low), high } : { low, high }
}

/** Whether units differ at most in the things they count. */
function isSameUnit(a: string, b: string): boolean {
  return a === b || (essence(a) === essence(b) && essence(a) !== '')
}

/** A unit without the things it counts: `EUR/tree/yr` as `EUR/yr`. */
function essence(unit: string): string {
  const [base = '', ...below] = unit.split('/')
  return [base, ...below.filter((part) => MEASURED.has(part)).toSorted()].join('/')
}
