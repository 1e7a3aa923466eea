import { present } from './present.ts'

/** Source of randomness. Only `platform/` (from the system) and seeds implement it. */
export interface Random {
  /** A uniformly distributed unsigned 32-bit integer. */
  uint32(): number
}

const TWO_32 = 4_294_967_296

/** A uniform number in [0, 1) with 32 bits of resolution. */
export function uniform(random: Random): number {
  return random.uint32() / TWO_32
}

/** A uniform integer in [0, `bound`). `bound` is from 1 to 2^32. */
export function integerBelow(random: Random, bound: number): number {
  return Math.floor(uniform(random) * bound)
}

/** A new array with the items of `items` in random order (Fisher–Yates). */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = integerBelow(random, last + 1)
    const held = present(result[last])
    result[last] = present(result[other])
    result[other] = held
  }
  return result
}

/**
 * A repeatable random source: equal seeds give equal sequences.
 *
 * @remarks Source: SplitMix32 (docs/sources.md#splitmix). Not for secrets.
 */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    uint32() {
      state = (state + 0x9e37_79b9) >>> 0
      let mixed = state
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
      return (mixed ^ (mixed >>> 15)) >>> 0
    },
  }
}
