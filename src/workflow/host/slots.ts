/** How many steps a worker runs at once, over all of its runs. */
export interface Slots {
  readonly free: number
  /**
   * How many more runs may be taken in: one for each free slot, and a few that wait for the next
   * ones. A run that has a slot and wants more does not count as waiting, so that one with many steps
   * keeps nobody out. May be negative.
   */
  readonly room: number
  /** Takes one for `who`; the caller has looked at `free`. */
  take(who: object): void
  give(who: object): void
  /**
   * Calls `wake` once, in turn, when a slot is free again.
   *
   * @param who - keeps its place when it asks again.
   * @param wake - takes slots at once, or not at all.
   */
  await(who: object, wake: () => void): void
}

/** How a worker's slots are made. */
export interface SlotsOptions {
  /** Steps at once. */
  readonly total: number
  /** Called when there is room for as many runs as are worth being looked for. */
  readonly onRoom?: () => void
}

/** Share of the slots for which runs wait in memory, so that none is idle while the next are read. */
const SPARE_SHARE = 1 / 2
const MIN_SPARE = 2
const MAX_SPARE = 64

/** Builds the slots of a worker. */
export function createSlots({ total, onRoom }: SlotsOptions): Slots {
  const spare = Math.min(MAX_SPARE, Math.max(MIN_SPARE, Math.ceil(total * SPARE_SHARE)))
  let free = total
  let isWaking = false
  const waiting = new Map<object, () => void>()
  const held = new Map<object, number>()
  /** How many wait that have none. */
  let without = 0

  const forget = (who: object): void => {
    if (waiting.delete(who) && !held.has(who)) without--
  }
  const letGo = (who: object): void => {
    const left = (held.get(who) ?? 1) - 1
    if (left > 0) held.set(who, left)
    else if (held.delete(who) && waiting.has(who)) without++
  }
  const wakeWhileFree = (): void => {
    // Whoever is woken may have nothing to begin any more: then the slot is for the next in turn.
    for (const [who, wake] of waiting) {
      if (free <= 0) return
      forget(who)
      wake()
    }
  }
  const roomNow = (): number => Math.max(free, spare - without)
  return {
    get free() {
      return free
    },
    get room() {
      return roomNow()
    },
    take(who) {
      free--
      const had = held.get(who) ?? 0
      if (had === 0 && waiting.has(who)) without--
      held.set(who, had + 1)
    },
    give(who) {
      free++
      letGo(who)
      // Given back by one that was just woken: the loop that woke it goes on.
      if (isWaking) return
      isWaking = true
      try {
        wakeWhileFree()
      } finally {
        isWaking = false
      }
      if (roomNow() >= spare / 2) onRoom?.()
    },
    await(who, wake) {
      if (!waiting.has(who) && !held.has(who)) without++
      waiting.set(who, wake)
    },
  }
}
