import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { canonicalJson } from './canonical-json.ts'
import { sleep } from './clock.ts'
import { formatDuration, parseDurationMs } from './duration.ts'
import { PlatformError, toErrorRecord } from './errors.ts'
import { hashJson } from './hash.ts'
import { createIds, idTimeMs, isId } from './ids.ts'
import { formatFtns, parseFtns, toMicroFtns } from './money.ts'
import { didYouMean, nearestName } from './nearest.ts'
import { createSeededRandom, integerBelow, shuffled } from './random.ts'
import { createManualClock } from './testing.ts'

class BrokenPipeError extends PlatformError {
  readonly code = 'plumbing.broken-pipe'
}

describe('errors', () => {
  test('carry code, hint and details to the wire, and keep the cause', () => {
    const cause = new Error('leak')
    const fault = new BrokenPipeError('pipe 7 broke', {
      hint: 'replace it',
      details: { pipe: 7 },
      cause,
    })
    expect(toErrorRecord(fault)).toEqual({
      code: 'plumbing.broken-pipe',
      message: 'pipe 7 broke',
      hint: 'replace it',
      details: { pipe: 7 },
    })
    expect([fault.cause, fault.name]).toEqual([cause, 'BrokenPipeError'])
  })

  test('a foreign fault is never mistaken for a known one', () => {
    expect(toErrorRecord(new RangeError('x')).code).toBe('internal.fault')
    expect(toErrorRecord('text').message).toBe('text')
  })
})

describe('ids', () => {
  const clock = createManualClock()
  const ids = createIds({ clock, random: createSeededRandom(1) })

  test('sort in the order they were made, also in a burst and when the clock steps back', () => {
    const made = Array.from({ length: 10_000 }, (_, index) => {
      if (index % 1_000 === 0) clock.advance(index === 5_000 ? -10_000 : 1)
      return ids.next('run')
    })
    expect(made).toEqual(made.toSorted())
    expect(new Set(made).size).toBe(made.length)
  })

  test('tell their kind and their time', () => {
    const fresh = createIds({ clock, random: createSeededRandom(2) }).next('acct')
    expect(isId('acct', fresh)).toBe(true)
    expect(isId('run', fresh)).toBe(false)
    expect(isId('acct', `${fresh}x`)).toBe(false)
    expect(idTimeMs(fresh)).toBe(clock.now())
    expect(idTimeMs('nothing')).toBeUndefined()
  })

  test('encode version 7 and the RFC variant', () => {
    const digits = ids.next('key').slice('key_'.length)
    const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
    const value = [...digits].reduce(
      (sum, digit) => sum * 32n + BigInt(alphabet.indexOf(digit)),
      0n,
    )
    const hex = value.toString(16).padStart(32, '0')
    expect([hex[12], '89ab'.includes(hex[16] ?? '')]).toEqual(['7', true])
  })
})

describe('canonical JSON', () => {
  test('orders keys by code unit and drops nothing', () => {
    expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'é', '€': 1.0, '😀': 2 })).toBe(
      '{"a":"é","b":[1,{"c":true,"d":null}],"€":1,"😀":2}',
    )
  })

  test.prop([fc.dictionary(fc.string(), fc.jsonValue())])(
    'does not depend on key order',
    (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed())
      expect(hashJson(reversed as never)).toBe(hashJson(value as never))
    },
  )

  test('refuses what JSON cannot carry', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError)
  })
})

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['0.5s', 500],
    ['2d', 172_800_000],
    ['1 m 5 s', 65_000],
  ])('%s is %d ms', (text, expected) => expect(parseDurationMs(text)).toBe(expected))

  test.each(['', '5', '-1s', '1y', 's', '1h-30m'])('refuses %j', (text) =>
    expect(() => parseDurationMs(text)).toThrow(/is not a duration/),
  )

  test.each([
    [850, '850ms'],
    [12_449, '12.4s'],
    [185_000, '3m05s'],
    [7_800_000, '2h10m'],
    [273_600_000, '3d4h'],
  ])('%d ms reads %s', (value, expected) => expect(formatDuration(value)).toBe(expected))
})

describe('amounts', () => {
  test.each([
    ['12', 12_000_000n],
    ['0.25 FTNS', 250_000n],
    ['1_000 ftns', 1_000_000_000n],
    ['250 uFTNS', 250n],
    ['250 µFTNS', 250n],
  ])('%s', (text, expected) => expect(parseFtns(text)).toBe(expected))

  test.each(['', '-1', '0.1234567', '1.5 µFTNS', 'NaN', '1e3', '9223372036855 FTNS'])(
    'refuses %j',
    (text) => expect(() => parseFtns(text)).toThrow(/is not an amount/),
  )

  test.prop([fc.bigInt({ min: 0n, max: 9_223_372_036_854_775_807n })])(
    'reads what it writes',
    (n) => {
      expect(parseFtns(formatFtns(toMicroFtns(n)))).toBe(n)
    },
  )
})

describe('nearest name', () => {
  test('finds the name that was meant', () => {
    expect(nearestName('sumarize', ['summarise', 'summarize', 'answer'])).toBe('summarize')
    expect(didYouMean('dtaaDir', ['dataDir', 'port'])).toBe(' (did you mean "dataDir"?)')
    expect(didYouMean('zzz', ['dataDir', 'port'])).toBe('')
  })
})

describe('randomness', () => {
  test('is repeatable by seed and covers its range', () => {
    const draw = (seed: number): number[] => {
      const random = createSeededRandom(seed)
      return Array.from({ length: 1_000 }, () => integerBelow(random, 10))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(new Set(draw(7)).size).toBe(10)
  })

  test.prop([fc.array(fc.integer()), fc.nat()])('shuffling keeps every item', (items, seed) => {
    expect(shuffled(createSeededRandom(seed), items).toSorted()).toEqual(items.toSorted())
  })
})

describe('sleeping', () => {
  test('ends on time, or at once when it is aborted', async () => {
    const clock = createManualClock()
    const slept = sleep(clock, 1_000)
    clock.advance(1_000)
    await slept
    const abort = new AbortController()
    const aborted = sleep(clock, 1_000, abort.signal)
    abort.abort(new BrokenPipeError('stop'))
    await expect(aborted).rejects.toThrow('stop')
    expect(clock.pending).toBe(0)
  })
})
