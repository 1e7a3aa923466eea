/** How many steps a worker runs at once, over all of its runs. */
export interface Slots {
  readonly free: number
  /** Takes one; the caller has looked at `free`. */
  take(): void
  give(): void
  /** Calls `wake` once, in turn, when a slot is free again. */
  await(wake: () => void): void
}

/** Builds the slots of a worker. */
export function createSlots(total: number): Slots {
  let free = total
  const waiting = new Set<() => void>()
  return {
    get free() {
      return free
    },
    take() {
      free--
    },
    give() {
      free++
      const [next] = waiting
      if (next === undefined) return
      waiting.delete(next)
      next()
    },
    await(wake) {
      waiting.add(wake)
    },
  }
}
