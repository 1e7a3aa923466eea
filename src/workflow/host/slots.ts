/** How many steps a worker runs at once, over all of its runs. */
export interface Slots {
  readonly free: number
  /** Takes one; the caller has looked at `free`. */
  take(): void
  give(): void
  /**
   * Calls `wake` once, in turn, when a slot is free again.
   *
   * @param who - keeps its place when it asks again.
   * @param wake - takes slots at once, or not at all.
   */
  await(who: object, wake: () => void): void
}

/** Builds the slots of a worker. */
export function createSlots(total: number): Slots {
  let free = total
  let isWaking = false
  const waiting = new Map<object, () => void>()
  const wakeWhileFree = (): void => {
    // Whoever is woken may have nothing to begin any more: then the slot is for the next in turn.
    for (const [who, wake] of waiting) {
      if (free <= 0) return
      waiting.delete(who)
      wake()
    }
  }
  return {
    get free() {
      return free
    },
    take() {
      free--
    },
    give() {
      free++
      // Given back by one that was just woken: the loop that woke it goes on.
      if (isWaking) return
      isWaking = true
      try {
        wakeWhileFree()
      } finally {
        isWaking = false
      }
    },
    await(who, wake) {
      waiting.set(who, wake)
    },
  }
}
