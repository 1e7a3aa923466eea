import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createCronTimes } from './cron.ts'
import { InvalidCronError, InvalidTimeError, UnknownZoneError } from './errors.ts'
import { formatTime, parseTime } from './parse-time.ts'
import { createZone } from './zone.ts'

const at = (text: string): number => parseTime(text, createZone('UTC'))
const HOUR = 3_600_000

/** Fires in [from, to), as minutes in UTC. */
function fires(cron: string, zone: string, [from, to]: readonly [string, string]): string[] {
  const times = createCronTimes(cron, createZone(zone))
  const found: string[] = []
  let next = times.next(at(from) - 1)
  while (next !== undefined && next < at(to)) {
    found.push(formatTime(next).slice(5, 16))
    next = times.next(next)
  }
  return found
}

const FORWARD = ['2026-03-28T23:30Z', '2026-03-29T03:30Z'] as const
const BACK = ['2026-10-24T22:30Z', '2026-10-25T03:30Z'] as const

describe('cron, when the clocks change', () => {
  test.each<[string, readonly string[]]>([
    ['30 2 * * *', ['03-29T01:00']],
    ['0,30 2 * * *', ['03-29T01:00']],
    ['0 1-3 * * *', ['03-29T00:00', '03-29T01:00']],
    ['0 3 * * *', ['03-29T01:00']],
    ['15 3 * * *', ['03-29T01:15']],
    ['0 * * * *', ['03-29T00:00', '03-29T01:00', '03-29T02:00', '03-29T03:00']],
    ['30 * * * *', ['03-28T23:30', '03-29T00:30', '03-29T01:30', '03-29T02:30']],
  ])('%s: what a gap leaves out fires once, at its end', (cron, expected) => {
    expect(fires(cron, 'Europe/Berlin', FORWARD)).toEqual(expected)
  })

  test.each<[string, readonly string[]]>([
    ['30 2 * * *', ['10-25T00:30']],
    ['0,30 2 * * *', ['10-25T00:00', '10-25T00:30']],
    ['0 1-3 * * *', ['10-24T23:00', '10-25T00:00', '10-25T02:00']],
    ['59 2 * * *', ['10-25T00:59']],
    ['0 * * * *', ['10-24T23:00', '10-25T00:00', '10-25T01:00', '10-25T02:00', '10-25T03:00']],
    ['*/30 2 * * *', ['10-25T00:00', '10-25T00:30']],
  ])('%s: what is shown twice fires once, unless every hour does', (cron, expected) => {
    expect(fires(cron, 'Europe/Berlin', BACK)).toEqual(expected)
  })

  test('by half an hour, at midnight, and over the date line', () => {
    const around = (from: string, to: string) => [from, to] as const
    const lordHowe = around('2026-10-02T12:00Z', '2026-10-04T12:00Z')
    expect(fires('15 2 * * *', 'Australia/Lord_Howe', lordHowe)).toEqual([
      '10-02T15:45',
      '10-03T15:30',
    ])
    const santiago = around('2026-09-05T00:00Z', '2026-09-07T00:00Z')
    expect(fires('30 0 * * *', 'America/Santiago', santiago)).toEqual([
      '09-05T04:30',
      '09-06T04:00',
    ])
    // Samoa left out 30 December 2011.
    const apia = around('2011-12-29T00:00Z', '2011-12-31T12:00Z')
    expect(fires('0 12 * * *', 'Pacific/Apia', apia)).toEqual([
      '12-29T22:00',
      '12-30T10:00',
      '12-30T22:00',
    ])
  })
})

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
)
const instants = fc.integer({ min: at('2015-01-01T00:00Z'), max: at('2035-01-01T00:00Z') })

describe('zones', () => {
  test.prop([zones, instants])(
    'a time is found again by its wall clock, or its first showing',
    (name, when) => {
      const zone = createZone(name)
      const found = zone.toInstant(zone.toWall(when))
      expect(zone.toWall(found)).toBe(zone.toWall(when))
      expect(found).toBeLessThanOrEqual(when)
      expect(when - found).toBeLessThanOrEqual(HOUR)
    },
  )

  test.prop([zones, instants, fc.integer({ min: 0, max: 2 * 86_400_000 })])(
    'a later reading of the wall clock is never an earlier time',
    (name, wall, more) => {
      const zone = createZone(name)
      expect(zone.toInstant(wall + more)).toBeGreaterThanOrEqual(zone.toInstant(wall))
    },
  )

  test('that do not exist are refused', () => {
    expect(() => createZone('Europe/Atlantis')).toThrow(UnknownZoneError)
  })
})

const patterns = fc.constantFrom(
  '0 2 * * *',
  '*/20 1-3 * * *',
  '15 0,2,12 * * 0',
  '0 0 1 * *',
  '30 * * * *',
)

describe('cron', () => {
  test.prop([patterns, zones, instants, fc.integer({ min: 0, max: 40 * 86_400_000 })])(
    'gives the next time whatever the question: none lies between',
    (cron, zone, from, more) => {
      const times = createCronTimes(cron, createZone(zone))
      const next = times.next(from) ?? Number.NaN
      expect(next).toBeGreaterThan(from)
      const asked = Math.min(from + more, next - 1)
      expect(times.next(asked)).toBe(next)
    },
  )

  test.each(['61 * * * *', 'tomorrow', '', '* * *', '2026-01-01T00:00:00'])(
    'refuses %j',
    (text) => {
      expect(() => createCronTimes(text, createZone('UTC'))).toThrow(InvalidCronError)
    },
  )

  test('takes seconds, names and macros', () => {
    const day = ['2026-01-01T00:00Z', '2026-01-03T00:00Z'] as const
    expect(fires('30 0 12 * * *', 'UTC', day)).toEqual(['01-01T12:00', '01-02T12:00'])
    expect(fires('0 9 * JAN FRI', 'UTC', day)).toEqual(['01-02T09:00'])
    expect(fires('@daily', 'UTC', day)).toEqual(['01-01T00:00', '01-02T00:00'])
    expect(fires('@hourly', 'Europe/Berlin', BACK)).toHaveLength(5)
  })

  test('an expression that no day fits has no time', () => {
    expect(createCronTimes('0 0 30 2 *', createZone('UTC')).next(0)).toBeUndefined()
  })
})

describe('times', () => {
  test.each([
    ['2026-03-01T02:00:00Z', '2026-03-01T02:00:00.000Z'],
    ['2026-03-01 02:00+01:00', '2026-03-01T01:00:00.000Z'],
    ['2026-03-01T02:00', '2026-03-01T01:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ])('%s by the clocks of Berlin', (text, expected) => {
    expect(formatTime(parseTime(text, createZone('Europe/Berlin')))).toBe(expected)
  })

  test.each(['soon', '2026-02-30', '2026-13-01T00:00Z', '26-1-1'])('refuses %j', (text) => {
    expect(() => parseTime(text, createZone('UTC'))).toThrow(InvalidTimeError)
  })
})
