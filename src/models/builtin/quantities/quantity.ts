import type { Direction } from './change-words.ts'
import type { QuantityKind, Unit } from './units.ts'

/** An amount stated in a text, normalised so that amounts can be compared. */
export interface Quantity {
  /** As written, with its unit. */
  readonly quote: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  readonly kind: QuantityKind
  /** Base unit of the kind (m, kg, s, °C, J, …), `%`, `pp`, `×`, a currency, or a counted noun. */
  readonly unit: string
  /** In `unit`; the middle of a range; the absolute amount of a change. */
  readonly value: number
  /** Lower end of the stated range or uncertainty; `value` where none is stated. */
  readonly low: number
  /** Upper end of the same. */
  readonly high: number
  /** Worth of the last stated digit: what rounding may hide. */
  readonly step: number
  /** A level, or an amount of change or difference. */
  readonly role: 'level' | 'change'
  /** Which way a change goes; `none` when its range includes zero. */
  readonly direction: Direction
  readonly bound: 'exact' | 'at-least' | 'at-most'
  /** Said to be approximate, or in words. */
  readonly isApproximate: boolean
  /** Ends of a change `from … to …`, in `unit`. */
  readonly from?: number
  readonly to?: number
}

/** A quantity before its place in the text is written out. */
export interface Reading extends Omit<Quantity, 'quote' | 'start' | 'end'> {
  /** The unit it was written in. */
  readonly written: Unit
  /** Lexemes it spans: `first` to `next`, exclusive. */
  readonly first: number
  readonly next: number
}
