import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'

import { comparable, compareAmounts } from './compare-amounts.ts'
import { quantities } from './quantities.ts'

type Expected = readonly [text: string, kind: string, unit: string, value: number]

const first = (text: string) => {
  const found = quantities(text)[0]
  if (found === undefined) throw new Error(`no amount in ${text}`)
  return found
}

describe('amounts', () => {
  test.each<Expected>([
    ['a rate of 9.5 °C', 'temperature', '°C', 9.5],
    ['it was 95 degrees Fahrenheit', 'temperature', '°C', 35],
    ['it was 300 K', 'temperature', '°C', 26.85],
    ['a roof of 1,240.5 m²', 'area', 'm²', 1240.5],
    ['a plot of 3 hectares', 'area', 'm²', 30_000],
    ['40 square metres', 'area', 'm²', 40],
    ['a length of 12 km', 'length', 'm', 12_000],
    ['2.4 kg of sand', 'mass', 'kg', 2.4],
    ['it took 90 minutes', 'time', 's', 5_400],
    ['half an hour', 'time', 's', 1_800],
    ['5 kWh', 'energy', 'J', 18_000_000],
    ['2 MW', 'power', 'W', 2_000_000],
    ['300 mg/L of nitrate', 'concentration', 'kg/m³', 0.3],
    ['5 µg m⁻³', 'concentration', 'kg/m³', 5e-9],
    ['12 kg ha⁻¹', 'rate', 'kg/m²', 0.0012],
    ['84 euros per tree and year', 'money', 'EUR/tree/yr', 84],
    ['$3.5 million', 'money', 'USD', 3_500_000],
    ['€4.2bn', 'money', 'EUR', 4_200_000_000],
    ['18 per cent of it', 'percentage', '%', 18],
    ['6 percentage points', 'percentage-points', 'pp', 6],
    ['two-thirds of them', 'percentage', '%', 200 / 3],
    ['nine in ten agreed', 'percentage', '%', 90],
    ['109 of the 120 trees', 'percentage', '%', (100 * 109) / 120],
    ['Of the 74 walkers, 37 stayed', 'percentage', '%', 50],
    ['losing one tree in eleven', 'percentage', '%', 100 / 11],
    ['three times as many', 'multiple', '×', 3],
    ['a 2.5-fold rise', 'multiple', '×', 2.5],
    ['nine degrees', 'temperature', '°C', 9],
    ['two hundred and fifty thousand people', 'count', 'peopl', 250_000],
    ['37 healthy adult volunteers', 'count', 'volunt', 37],
    ['1.5 × 10³ kg', 'mass', 'kg', 1_500],
    ['12 per 1,000 births', 'rate', '1', 0.012],
    ['the bill came to 640 pounds', 'money', 'GBP', 640],
    ['40 pounds of grain', 'mass', 'kg', 18.1436948],
    ['nine points higher', 'percentage-points', 'pp', 9],
  ])('%s', (text, kind, unit, value) => {
    expect(first(text)).toMatchObject({ kind, unit })
    expect(first(text).value).toBeCloseTo(value, 6)
  })

  test.each([
    ['21.4 ± 1.6 °C', 19.8, 23],
    ['between 3 and 5 kg', 3, 5],
    ['3–5 %', 3, 5],
    ['3 to 5 m', 3, 5],
    ['12.5 mg (95 % CI 10.1 to 14.9)', 10.1e-6, 14.9e-6],
    ['12.5 (10.1–14.9) per cent', 10.1, 14.9],
  ])('%s has its spread', (text, low, high) => {
    expect(first(text).low).toBeCloseTo(low, 9)
    expect(first(text).high).toBeCloseTo(high, 9)
  })

  test('share the unit of the one beside', () => {
    expect(quantities('91 against 61 per cent').map((q) => [q.value, q.unit])).toEqual([
      [91, '%'],
      [61, '%'],
    ])
  })

  test.each([
    'in 2019 and the 1990s, on 14 September 2023 at 14:00',
    'see Fig. 3, Table 2, Section 4.1, refs [12, 13] and COVID-19',
    'p < 0.05, n = 34, R² = 0.71, at the 95 % confidence level',
    'the second half, the third floor, type 2, week 12, 21st',
    'see https://a.b/123 or mail x1@y2.zz, doi:10.1000/182',
    'twice a day, a double row, half a lifetime',
    'an eight-hour shift on the five-point scale',
  ])('are not found in %j', (text) => expect(quantities(text)).toEqual([]))
})

describe('changes', () => {
  test.each([
    ['cooling needs fell by 18 ± 3 per cent', 18, 'down'],
    ['they needed 18 per cent less electricity', 18, 'down'],
    ['the roof was 21.4 ± 1.6 °C below the other', 21.4, 'down'],
    ['yields rose 12 % in a year', 12, 'up'],
    ['a 12 % annual reduction', 12, 'down'],
    ['an increase in price of 4 euros', 4, 'up'],
    ['it dropped from 42 to 31 °C', 11, 'down'],
    ['from 47 °C on black roofs it fell to 26 °C', 47, 'unknown'],
    ['it was reduced from 47 °C on black roofs to 26 °C on white ones', 21, 'down'],
    ['it changed by 0.3 ± 1.1 per cent', 0.3, 'none'],
    ['numbers doubled', 2, 'up'],
    ['half as common', 50, 'down'],
    ['half as common again', 50, 'up'],
    ['5 °C under that of the other', 5, 'down'],
    ['19 per cent under soap', 19, 'unknown'],
  ])('%s', (text, value, direction) => {
    expect(first(text).value).toBeCloseTo(value, 9)
    expect(first(text).direction).toBe(direction)
  })

  test('of temperature are not shifted by the zero of the scale', () => {
    expect(first('it was 9 degrees Fahrenheit warmer')).toMatchObject({ value: 5, role: 'change' })
  })

  test.each([
    ['at least 5 kg', 'at-least'],
    ['more than 3 °C cooler', 'at-least'],
    ['10 or more sites', 'at-least'],
    ['no more than 0.4 °C', 'at-most'],
    ['up to 300 mg', 'at-most'],
    ['exactly 5 kg', 'exact'],
  ])('%s is %s', (text, bound) => expect(first(text).bound).toBe(bound))
})

describe('comparison', () => {
  const compare = (a: string, b: string) =>
    compareAmounts(comparable(quantities(a)), comparable(quantities(b)))

  test.each([
    ['fell by 18 ± 3 %', 'fell by 19 ± 4 %', 'close'],
    ['fell by 18 ± 3 %', 'fell by 4 ± 2 %', 'apart'],
    ['fell by 18 ± 1 %', 'fell by 22 ± 1 %', 'near'],
    ['numbers doubled', 'numbers rose by 100 %', 'close'],
    ['rose by 5 kg', 'rose by 5 km', 'none'],
    ['fell by 5 %', 'it was 5 %', 'none'],
    ['84 euros per tree and year', '86 euros a year', 'close'],
    ['more than 3 °C warmer', '9 °C warmer', 'near'],
    ['41 t/ha against 36 t/ha', '38.2 t/ha against 38.0 t/ha', 'near'],
    ['fell from 50 to 33 %', 'went down from 48 to 31 %', 'close'],
    ['the bill went from 980 to 715 euros', 'the bill fell by 27 per cent', 'close'],
    ['compliance rose from 48 to 71 per cent', 'it rose by 6 percentage points', 'apart'],
    ['rose by 20 %', 'fell by 20 %', 'near'],
    ['18 % against 31 %', '34 % against 19 %', 'near'],
    ['rose from 34 to 68 %', 'they used two thirds', 'close'],
  ])('%s and %s are %s', (a, b, kind) => {
    expect(compare(a, b).kind).toBe(kind)
    expect(compare(b, a).kind).toBe(kind)
  })
})

describe('any two levels', () => {
  const level = fc.integer({ min: 1, max: 900 })

  test.prop([level, level])('change by the same share in whatever unit they are given', (x, y) => {
    const changes = (unit: string, factor: number) =>
      comparable(quantities(`it went up from ${x * factor} to ${y * factor} ${unit}`))
        .filter(({ role, unit: base }) => role === 'change' && base === '%')
        .map(({ value }) => value.toFixed(6))
    expect(changes('mg', 1_000_000)).toEqual(changes('kg', 1))
  })

  test.prop([level, level])('stand to each other alike from either side', (x, y) => {
    const [a, b] = [`fell by ${x} %`, `fell by ${y} %`].map((text) => comparable(quantities(text)))
    expect(compareAmounts(a ?? [], b ?? []).kind).toBe(compareAmounts(b ?? [], a ?? []).kind)
    expect(compareAmounts(a ?? [], a ?? []).kind).toBe('close')
  })
})

describe('any text', () => {
  test.prop([fc.oneof(anyReport, fc.string({ unit: 'binary' }))])(
    'holds its amounts verbatim, in order, and their ends in order',
    (text) => {
      let end = 0
      for (const amount of quantities(text)) {
        expect(text.slice(amount.start, amount.end)).toBe(amount.quote)
        expect(amount.start).toBeGreaterThanOrEqual(end)
        expect(amount.low).toBeLessThanOrEqual(amount.value)
        expect(amount.high).toBeGreaterThanOrEqual(amount.value)
        end = amount.end
      }
    },
  )

  test.each(DEGENERATE)('%s is read quickly', (_, build) => {
    const text = build()
    const start = performance.now()
    quantities(text)
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})
