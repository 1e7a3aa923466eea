/** Numbers with a key each, the least key first; equal keys in the order of the numbers. */
export interface Heap {
  readonly size: number
  push(value: number, key: number): void
  /** The value with the least key. */
  pop(): number | undefined
  /** The least key. */
  readonly least: number | undefined
}

/** Builds an empty heap. */
export function createHeap(): Heap {
  const values: number[] = []
  const keys: number[] = []
  const isBefore = (a: number, b: number): boolean => {
    const [left = 0, right = 0] = [keys[a], keys[b]]
    return left < right || (left === right && (values[a] ?? 0) < (values[b] ?? 0))
  }
  const swap = (a: number, b: number): void => {
    const [value = 0, key = 0] = [values[a], keys[a]]
    values[a] = values[b] ?? 0
    keys[a] = keys[b] ?? 0
    values[b] = value
    keys[b] = key
  }
  const sink = (): void => {
    for (let at = 0; ;) {
      let first = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < values.length && isBefore(child, first)) first = child
      }
      if (first === at) return
      swap(at, first)
      at = first
    }
  }
  return {
    get size() {
      return values.length
    },
    get least() {
      return keys[0]
    },
    push(value, key) {
      let at = values.push(value) - 1
      keys.push(key)
      while (at > 0) {
        const parent = (at - 1) >>> 1
        if (!isBefore(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      const [first] = values
      swap(0, values.length - 1)
      values.pop()
      keys.pop()
      sink()
      return first
    },
  }
}
