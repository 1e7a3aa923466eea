import { describe, expect, test } from 'vitest'

import { runWindow } from './schema.ts'
import { nextOpening } from './window.ts'

// oxlint-disable-next-line no-restricted-globals -- reading, not asking for the time
const at = (text: string): number => Date.parse(text)
const opening = (window: object, now: string): string | undefined => {
  const found = nextOpening(runWindow.parse(window), at(now))
  // oxlint-disable-next-line no-restricted-globals -- formatting, not asking for the time
  return found === undefined ? undefined : new Date(found).toISOString()
}

const NIGHT = { from: '22:00', to: '06:00', zone: 'Europe/Berlin' }

describe('a window', () => {
  test('that is open is open now', () => {
    expect(opening(NIGHT, '2026-06-10T21:15:30.250Z')).toBe('2026-06-10T21:15:30.250Z')
    expect(opening(NIGHT, '2026-06-11T03:59:00.000Z')).toBe('2026-06-11T03:59:00.000Z')
  })

  test('that is shut opens at its hour, on the clocks of its zone', () => {
    expect(opening(NIGHT, '2026-06-11T04:00:00.000Z')).toBe('2026-06-11T20:00:00.000Z')
    expect(opening(NIGHT, '2026-01-11T12:34:56.000Z')).toBe('2026-01-11T21:00:00.000Z')
  })

  test('belongs to the day on which it begins', () => {
    const friday = { ...NIGHT, days: ['fri'] }
    // 2026-06-12 is a Friday.
    expect(opening(friday, '2026-06-13T01:00:00.000Z')).toBe('2026-06-13T01:00:00.000Z')
    expect(opening(friday, '2026-06-12T01:00:00.000Z')).toBe('2026-06-12T20:00:00.000Z')
    expect(opening(friday, '2026-06-13T05:00:00.000Z')).toBe('2026-06-19T20:00:00.000Z')
  })

  test('of an hour that the clocks leave out opens at its end', () => {
    // In New York, 2026-03-08, the clocks go from 02:00 to 03:00.
    const gap = { from: '02:30', to: '04:00', zone: 'America/New_York' }
    expect(opening(gap, '2026-03-08T05:00:00.000Z')).toBe('2026-03-08T07:00:00.000Z')
  })

  test('of an hour that the clocks repeat opens the first time', () => {
    // In New York, 2026-11-01, the hour from 01:00 to 02:00 comes twice.
    const twice = { from: '01:30', to: '03:00', zone: 'America/New_York' }
    expect(opening(twice, '2026-11-01T04:00:00.000Z')).toBe('2026-11-01T05:30:00.000Z')
  })

  test('with the same beginning and end is a whole day', () => {
    const always = { from: '08:00', to: '08:00', zone: 'UTC' }
    expect(opening(always, '2026-06-11T03:00:00.000Z')).toBe('2026-06-11T03:00:00.000Z')
  })

  test.each(['Europe/Nowhere', ''])('has a zone that is known, and not "%s"', (zone) => {
    expect(runWindow.safeParse({ ...NIGHT, zone }).success).toBe(false)
  })
})
