import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** The prefix of an id names the kind of thing it identifies. */
export type IdPrefix =
  | 'run'
  | 'acct'
  | 'xfer'
  | 'key'
  | 'work'
  | 'sig'
  | 'hold'
  | 'sch'
  | 'seal'
  | 'text'

/** A prefixed, time-ordered identifier: `run_01j9…`. */
export type Id<Prefix extends IdPrefix> = `${Prefix}_${string}`

/** Makes new identifiers. */
export interface Ids {
  /** A new id; ids made by one process sort in the order they were made. */
  next<Prefix extends IdPrefix>(prefix: Prefix): Id<Prefix>
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const COUNTER_LIMIT = 4096
const SHAPE = /^([a-z]{1,16})_([0-7][0-9a-hjkmnp-tv-z]{25})$/

/**
 * Builds the id source of a process.
 *
 * @remarks
 * An id is a UUID version 7 (RFC 9562: 48 bits of milliseconds, a 12-bit counter, 62 random bits)
 * written as 26 base32 digits behind its kind, the TypeID form (docs/sources.md#typeid).
 * Invariant: strictly increasing within a process, also when the clock steps back.
 */
export function createIds({ clock, random }: { clock: Clock; random: Random }): Ids {
  let lastMs = 0
  let counter = 0
  return {
    next(prefix) {
      const nowMs = clock.now()
      if (nowMs > lastMs) {
        lastMs = nowMs
        // Start low so that a burst within one millisecond has room to count.
        counter = random.uint32() & 0xff
      } else if (++counter === COUNTER_LIMIT) {
        lastMs += 1
        counter = 0
      }
      return `${prefix}_${encode(lastMs, counter, [random.uint32(), random.uint32()])}`
    },
  }
}

/** Whether `text` has the form of an id of this kind. */
export function isId<Prefix extends IdPrefix>(prefix: Prefix, text: string): text is Id<Prefix> {
  return SHAPE.exec(text)?.[1] === prefix
}

/** When the id was made, to the millisecond; `undefined` when `text` is not an id. */
export function idTimeMs(text: string): number | undefined {
  const digits = SHAPE.exec(text)?.[2]
  if (digits === undefined) return undefined
  let value = 0
  // The first ten digits hold 2 padding bits and the 48 bits of the timestamp.
  for (const digit of digits.slice(0, 10)) value = value * 32 + ALPHABET.indexOf(digit)
  return value
}

/** The least id of its kind made at a time: ids made before sort below it. */
export function idFloor(prefix: IdPrefix, ms: number): string {
  return `${prefix}_${timeDigits(Math.max(0, ms))}`
}

/** 128 bits as 26 base32 digits, most significant first: 10 of time, then 80 bits below. */
function encode(ms: number, counter: number, [high, low]: [number, number]): string {
  // Bits below the time: version 7 (4), counter (12), variant 2 (2), random (62) = 80 = 16 digits.
  const first = (0x7 << 12) | counter
  const second = 0x8000_0000 | (high & 0x3fff_ffff)
  return timeDigits(ms) + digits20((first << 4) | (second >>> 28)) + digits60(second, low)
}

function timeDigits(ms: number): string {
  let text = ''
  let rest = ms
  for (let digit = 0; digit < 10; digit++) {
    text = digitAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function digits20(value: number): string {
  return (
    digitAt((value >>> 15) & 31) +
    digitAt((value >>> 10) & 31) +
    digitAt((value >>> 5) & 31) +
    digitAt(value & 31)
  )
}

/** The low 28 bits of `second` and the 32 of `low`, 12 digits. */
function digits60(second: number, low: number): string {
  const upper = ((second & 0x0fff_ffff) << 2) | (low >>> 30)
  const lower = low & 0x3fff_ffff
  return digits30(upper & 0x3fff_ffff) + digits30(lower)
}

function digits30(value: number): string {
  let text = ''
  for (let shift = 25; shift >= 0; shift -= 5) text += digitAt((value >>> shift) & 31)
  return text
}

function digitAt(value: number): string {
  return ALPHABET.charAt(value)
}
