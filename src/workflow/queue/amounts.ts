import { type Amounts, RESOURCES, type Resource } from './schema.ts'

/** Amounts of all resources, in thousandths of their units, in the order of `RESOURCES`. */
export type Vector = readonly number[]

/** Sums of whole thousandths are exact: a pool that is used and given back a million times is as it was. */
const SCALE = 1_000

/** Reads amounts; what is finer than a thousandth counts as one. */
export function toVector(amounts: { readonly [Name in Resource]?: number | undefined }): Vector {
  return RESOURCES.map((resource) => Math.ceil((amounts[resource] ?? 0) * SCALE - 1e-6))
}

/** Gives amounts back in their own units, zeros left out. */
export function toAmounts(vector: Vector): Amounts {
  const amounts: Partial<Record<Resource, number>> = {}
  for (const [at, resource] of RESOURCES.entries()) {
    const amount = vector[at] ?? 0
    if (amount !== 0) amounts[resource] = amount / SCALE
  }
  return amounts
}

/** No amount of anything. */
export const NOTHING: Vector = RESOURCES.map(() => 0)

/** `left` + `right`. */
export function plus(left: Vector, right: Vector): Vector {
  return left.map((amount, at) => amount + (right[at] ?? 0))
}

/** `left` − `right`; may be negative. */
export function minus(left: Vector, right: Vector): Vector {
  return left.map((amount, at) => amount - (right[at] ?? 0))
}

/** Whether all of `wanted` fits into `room`; what is not wanted needs no room. */
export function fits(wanted: Vector, room: Vector): boolean {
  return wanted.every((amount, at) => amount === 0 || amount <= (room[at] ?? 0))
}

/** The sum of `vectors`. */
export function total(vectors: Iterable<Vector>): Vector {
  let sum = NOTHING
  for (const vector of vectors) sum = plus(sum, vector)
  return sum
}

/** The largest share that `used` takes of any resource of `whole`; resources there are none of count as used up. */
export function dominantShare(used: Vector, whole: Vector): number {
  let share = 0
  for (const [at, amount] of used.entries()) {
    if (amount > 0) share = Math.max(share, amount / Math.max(whole[at] ?? 0, amount))
  }
  return share
}

/** Resources that lie on a machine; the others are limited for all machines together. */
export const ON_MACHINE: readonly Resource[] = [
  'cpu_cores',
  'memory_gb',
  'gpu_units',
  'storage_gb',
  'network_mbps',
]

/** The part of a vector that lies on a machine. */
export function onMachine(vector: Vector): Vector {
  return vector.map((amount, at) => (at < ON_MACHINE.length ? amount : 0))
}
