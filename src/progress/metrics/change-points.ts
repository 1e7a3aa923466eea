import { type Random, shuffled } from '../../kernel/random.ts'

/** Where the level of a series changed. */
export interface ChangePoint {
  /** Place of the first value of the new level. */
  readonly place: number
  /** Means of the values before and from there on, up to the neighbouring changes. */
  readonly before: number
  readonly after: number
  /** Share of random orders of the same values in which the largest change is as large. */
  readonly pValue: number
}

/** Share of series without a change in which one is found. */
const LEVEL = 0.01
const PERMUTATIONS = 499
/** Values on each side of a change, at least. */
const LEAST = 4

/**
 * Changes of the level of a series, in order.
 *
 * @remarks
 * The place where the standardised sum of deviations is largest is a change if less than one in a
 * hundred random orders of the values has a larger one; then both sides are looked at
 * (docs/sources.md#change-points). A series without a change gives one in about a hundred cases.
 */
export function findChanges(values: readonly number[], random: Random): readonly ChangePoint[] {
  const places = split(values, 0, random).toSorted((a, b) => a.place - b.place)
  return places.map(({ place, pValue }, index) => ({
    place,
    pValue,
    before: mean(values.slice(places[index - 1]?.place ?? 0, place)),
    after: mean(values.slice(place, places[index + 1]?.place)),
  }))
}

function split(
  values: readonly number[],
  offset: number,
  random: Random,
): Pick<ChangePoint, 'place' | 'pValue'>[] {
  if (values.length < 2 * LEAST) return []
  const { place, size } = largest(values)
  if (size <= 0) return []
  let asLarge = 1
  for (let turn = 0; turn < PERMUTATIONS; turn++) {
    if (largest(shuffled(random, values)).size >= size) asLarge += 1
  }
  const pValue = asLarge / (PERMUTATIONS + 1)
  if (pValue > LEVEL) return []
  return [
    { place: offset + place, pValue },
    ...split(values.slice(0, place), offset, random),
    ...split(values.slice(place), offset + place, random),
  ]
}

/** The place that divides the values into the two sides that differ most, and how much they do. */
function largest(values: readonly number[]): { readonly place: number; readonly size: number } {
  const total = values.reduce((sum, value) => sum + value, 0)
  const n = values.length
  let [sum, place, size] = [0, 0, 0]
  for (let left = 1; left <= n - LEAST; left++) {
    sum += values[left - 1] ?? 0
    if (left < LEAST) continue
    const deviation = Math.abs(sum - (total * left) / n) / Math.sqrt((left * (n - left)) / n)
    if (deviation > size) [place, size] = [left, deviation]
  }
  return { place, size }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
