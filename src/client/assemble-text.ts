import type { Chunk } from '../workflow/chunks/schema.ts'

/** What a step, or an item of its list, has written so far. */
export interface StepText {
  readonly step: string
  readonly index?: number | undefined
  /** What is void of it grows with each beginning. */
  readonly attempt: number
  readonly text: string
  /** Whether it has written more than is kept. */
  readonly isCut: boolean
}

/** The text of a run, step by step. */
export interface AssembledText {
  /**
   * Takes a piece, and gives what is new in it; `isAnew` when it begins a text anew, so that what
   * was given of this step before is void.
   *
   * @throws {RangeError} something between this piece and the ones before is missing.
   */
  add(chunk: Chunk): { readonly text: string; readonly isAnew: boolean }
  readonly texts: readonly StepText[]
}

/**
 * Puts pieces of text together.
 *
 * @remarks Invariant: however a text was cut, and whatever of it comes again, it comes out the same.
 */
export function assembleText(): AssembledText {
  const units = new Map<string, StepText>()
  return {
    add(chunk) {
      const { step, index, attempt } = chunk
      const key = JSON.stringify([step, index ?? null])
      const known = units.get(key)
      if (known !== undefined && attempt < known.attempt) return { text: '', isAnew: false }
      const isAnew = known !== undefined && attempt > known.attempt
      const before =
        isAnew || known === undefined ? { step, index, attempt, text: '', isCut: false } : known
      const text = newIn(chunk, before.text.length)
      const isCut = before.isCut || chunk.isCut === true
      units.set(key, { ...before, text: before.text + text, isCut })
      return { text, isAnew }
    },
    get texts() {
      return [...units.values()]
    },
  }
}

/** What a piece adds to a text of this length. */
function newIn({ step, offset, text }: Chunk, length: number): string {
  if (offset > length)
    throw new RangeError(`text of step "${step}" is missing from ${length} to ${offset}`)
  return text.slice(length - offset)
}
