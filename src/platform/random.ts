import { randomFillSync } from 'node:crypto'

import { present } from '../kernel/present.ts'
import type { Random } from '../kernel/random.ts'

const POOL_WORDS = 1024

/** Randomness of the operating system, drawn in blocks; fit for ids and keys. */
export function createSystemRandom(): Random {
  const pool = new Uint32Array(POOL_WORDS)
  let next = POOL_WORDS
  return {
    uint32() {
      if (next === POOL_WORDS) {
        randomFillSync(pool)
        next = 0
      }
      return present(pool[next++])
    },
  }
}
