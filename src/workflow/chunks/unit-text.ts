import { createTextMask } from './text-mask.ts'

/** Most text of one attempt that is kept, UTF-16 units. */
export const MOST_TEXT = 256 * 1_024

/** A piece of text where it stands in what one attempt has written. */
export interface Piece {
  readonly offset: number
  readonly text: string
  /** Whether there was more than is kept; nothing follows. */
  readonly isCut: boolean
}

/** The text of one attempt, as it may be shown. */
export interface UnitText {
  /** The next piece, with what was told since the last one; `undefined`: there is none to show yet. */
  next(told: string, isLast: boolean): Piece | undefined
}

/**
 * Builds the text of one attempt.
 *
 * @remarks Invariant: pieces follow each other without gaps, hold no hidden value, no half of a
 * character and nothing that the database cannot keep, and are `MOST_TEXT` long at most.
 */
export function createUnitText(hidden: () => readonly string[], most = MOST_TEXT): UnitText {
  const mask = createTextMask(hidden)
  let offset = 0
  let isCut = false
  let half = ''
  return {
    next(told, isLast) {
      if (isCut) return undefined
      const shown = half + mask.push(told) + (isLast ? mask.end() : '')
      half = isLast ? '' : halfAtEnd(shown)
      const whole = shown.slice(0, shown.length - half.length)
      const room = most - offset
      isCut = whole.length > room
      const text = storable(isCut ? withoutHalf(whole.slice(0, room)) : whole)
      if (text === '' && !isCut) return undefined
      const piece = { offset, text, isCut }
      offset += text.length
      return piece
    },
  }
}

/** The first half of a character whose second one is still to come. */
function halfAtEnd(text: string): string {
  return /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? ''
}

function withoutHalf(text: string): string {
  return text.slice(0, text.length - halfAtEnd(text).length)
}

/** PostgreSQL keeps neither NUL nor half a character; each gives way to one unit of the same length. */
function storable(text: string): string {
  return text.replaceAll(/\0|\p{Surrogate}/gu, '\uFFFD')
}
