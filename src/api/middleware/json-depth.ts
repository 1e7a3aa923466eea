/** Deepest nesting of a body; a definition nests no deeper. */
export const MAX_DEPTH = 100

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  34, 92, 91, 93, 123, 125,
]

/**
 * Whether JSON text nests deeper than `limit`.
 *
 * @remarks Looked at before anything walks the value: a million brackets would overflow the stack
 * of whatever recurses into them.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0
  let isInString = false
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (isInString) {
      if (unit === BACKSLASH) index += 1
      else if (unit === QUOTE) isInString = false
    } else if (unit === QUOTE) isInString = true
    else if (unit === OPEN_LIST || unit === OPEN_OBJECT) depth += 1
    else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) depth -= 1
    if (depth > limit) return true
  }
  return false
}
