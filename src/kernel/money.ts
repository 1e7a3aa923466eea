import { z } from 'zod'

import { PlatformError } from './errors.ts'

const amount = z
  .bigint()
  .min(-(2n ** 63n))
  .max(2n ** 63n - 1n)
  .brand<'MicroFtns'>()

/**
 * Whole micro-FTNS: 1 FTNS = 1 000 000. A `bigint` in memory, a decimal string on the wire,
 * because a JSON number loses whole units above 2^53.
 */
export const microFtns = z
  .codec(
    z
      .string()
      .regex(/^-?\d{1,19}$/)
      .meta({ examples: ['1500000'] }),
    amount,
    {
      decode: (text) => BigInt(text),
      encode: (value) => value.toString(),
    },
  )
  .meta({ id: 'MicroFtns', description: 'Whole micro-FTNS as a decimal string' })

/** Whole micro-FTNS. */
export type MicroFtns = z.output<typeof amount>

/** Thrown when a text is not an amount of money, or has more than six decimals. */
export class InvalidAmountError extends PlatformError {
  readonly code = 'money.invalid-amount'

  constructor(text: string) {
    super(`"${text}" is not an amount`, {
      hint: 'write FTNS with at most six decimals, such as "12.5" or "12.5 FTNS"',
      details: { text },
    })
  }
}

/** Brands a `bigint` known to be micro-FTNS: a literal, or a sum of amounts. */
export function toMicroFtns(value: bigint): MicroFtns {
  return value as MicroFtns
}

/** Largest amount an account or transfer can hold: a signed 64-bit integer. */
export const MAX_MICRO_FTNS = toMicroFtns(9_223_372_036_854_775_807n)

/** Denominator of every parts-per-million rate. */
export const PPM = 1_000_000n

/**
 * `value` × `ratePpm` / 10^6, rounded half to even.
 *
 * @param ratePpm - Parts per million; 1_000_000n is 100 %.
 */
export function scalePpm(value: MicroFtns, ratePpm: bigint): MicroFtns {
  return divideHalfEven(value * ratePpm, PPM)
}

/** `dividend` / `divisor` as micro-FTNS, rounded half to even. `divisor` is positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): MicroFtns {
  const quotient = dividend / divisor
  const twiceRest = (dividend % divisor) * 2n
  const size = twiceRest < 0n ? -twiceRest : twiceRest
  const roundsAway = size > divisor || (size === divisor && quotient % 2n !== 0n)
  if (!roundsAway) return toMicroFtns(quotient)
  return toMicroFtns(quotient + (dividend < 0n ? -1n : 1n))
}

/**
 * Reads an amount as people write it: `12`, `0.25 FTNS`, `1_000`, `250 uFTNS`.
 *
 * @throws {@link InvalidAmountError} not a non-negative decimal, or finer than one micro-FTNS.
 */
export function parseFtns(text: string): MicroFtns {
  const match = /^\s*(\d[\d_]*)(?:\.(\d{1,6}))?\s*(FTNS|[uµμ]FTNS)?\s*$/i.exec(text)
  const [, whole, fraction = '', unit = 'FTNS'] = match ?? []
  const isMicro = unit.length === 5
  if (whole === undefined || (isMicro && fraction !== '')) throw new InvalidAmountError(text)
  const units = BigInt(whole.replaceAll('_', ''))
  const value = isMicro ? units : units * PPM + BigInt(fraction.padEnd(6, '0'))
  if (value > MAX_MICRO_FTNS) throw new InvalidAmountError(text)
  return toMicroFtns(value)
}

/** An amount as people read it: `12.5 FTNS`; at most six decimals, no trailing zeros. */
export function formatFtns(value: MicroFtns): string {
  const sign = value < 0n ? '-' : ''
  const size = BigInt(value) * (value < 0n ? -1n : 1n)
  const fraction = (size % PPM).toString().padStart(6, '0').replace(/0+$/, '')
  return `${sign}${size / PPM}${fraction === '' ? '' : `.${fraction}`} FTNS`
}

/** The sum of `amounts`; zero when there are none. */
export function sumMicroFtns(amounts: Iterable<MicroFtns>): MicroFtns {
  let total = 0n
  for (const value of amounts) total += value
  return toMicroFtns(total)
}
