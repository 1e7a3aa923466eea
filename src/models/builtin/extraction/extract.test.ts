import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { type Json, type JsonObject, isJsonObject } from '../../../kernel/json.ts'
import { DEGENERATE, QUICK_MS, anyReport } from '../../../language/testing.ts'

import { dates } from './dates.ts'
import { extract } from './extract.ts'
import { names, organisations } from './names.ts'

const INVOICE = `# Invoice

Invoice number: INV-2024-117
**Date:** 14 March 2024
Customer: Acme Tools GmbH
E-mail: billing@acme.example
Paid: yes
Status: overdue
Tags: hardware, tools and garden

| Item | Quantity | Unit price |
|------|---------:|-----------:|
| Hammer | 3 | 12.50 |
| Saw | 1 | €19.00 |

The total amount is €56.50. Delivery was made on 20 March 2024 by the manager Jane Miller. The
parcel weighed 2.4 kg and travelled 310 km. See https://acme.example/inv/117.
`

const text = { type: 'string' }
const number = { type: 'number' }
const fieldsOf = (properties: JsonObject): JsonObject => ({ type: 'object', properties })

const SCHEMA = fieldsOf({
  invoiceNumber: text,
  date: { type: 'string', format: 'date' },
  customer_name: text,
  email: { type: 'string', format: 'email' },
  paid: { type: 'boolean' },
  status: { enum: ['open', 'paid', 'overdue'] },
  tags: { type: 'array', items: text },
  items: {
    type: 'array',
    items: fieldsOf({ item: text, quantity: { type: 'integer' }, unitPrice: number }),
  },
  totalAmount: number,
  deliveryDate: { type: 'string', format: 'date' },
  manager: text,
  parcel: fieldsOf({ weightG: { ...number, description: 'weight in g' }, distanceKm: number }),
  link: { type: 'string', format: 'uri' },
  discount: number,
  ceo: { ...text, title: 'Chief executive' },
})

describe('extraction', () => {
  const found = extract({ text: INVOICE, schema: SCHEMA })

  test('reads lines, tables and running text', () => {
    expect(found.value).toEqual({
      invoiceNumber: 'INV-2024-117',
      date: '2024-03-14',
      customer_name: 'Acme Tools GmbH',
      email: 'billing@acme.example',
      paid: true,
      status: 'overdue',
      tags: ['hardware', 'tools', 'garden'],
      items: [
        { item: 'Hammer', quantity: 3, unitPrice: 12.5 },
        { item: 'Saw', quantity: 1, unitPrice: 19 },
      ],
      totalAmount: 56.5,
      deliveryDate: '2024-03-20',
      manager: 'Jane Miller',
      parcel: { weightG: 2400, distanceKm: 310 },
      link: 'https://acme.example/inv/117',
    })
  })

  test('says what the text does not give', () => {
    expect(found.missing).toEqual(['/discount', '/ceo'])
  })

  test('quotes where it read', () => {
    expect(found.evidence['/status']?.quote).toBe('Status: overdue')
    expect(found.evidence['/items/1/unitPrice']?.quote).toContain('Saw | 1 | €19.00')
  })

  test.each([
    ['Weight: 12 kg', { weight: number }, { weight: 12 }],
    ['Temperature: -4.5 °C', { temperatureC: number }, { temperatureC: -4.5 }],
    [
      'Started: 2024-05-01T10:30:00Z',
      { started: { type: 'string', format: 'date-time' } },
      { started: '2024-05-01T10:30:00Z' },
    ],
    ['Year: 2019', { year: { type: 'integer' } }, { year: 2019 }],
    [
      'id = 123e4567-e89b-12d3-a456-426614174000',
      { id: { type: 'string', format: 'uuid' } },
      { id: '123e4567-e89b-12d3-a456-426614174000' },
    ],
    ['Due in March 2024', { due: { type: 'string', format: 'date' } }, {}],
    ['Priority: rather high', { priority: { enum: ['low', 'high'] } }, { priority: 'high' }],
    ['nothing of the kind', { a: text, b: number }, {}],
  ])('of %j', (source, properties, value) => {
    expect(extract({ text: source, schema: fieldsOf(properties) }).value).toEqual(value)
  })

  test('of a schema without properties is empty', () => {
    expect(extract({ text: INVOICE, schema: {} })).toEqual({ value: {}, evidence: {}, missing: [] })
  })

  test.prop([anyReport])('fills no value without a passage that stands in the text', (source) => {
    const { value, evidence, missing } = extract({ text: source, schema: SCHEMA })
    for (const { quote, start, end } of Object.values(evidence)) {
      expect(source.slice(start, end)).toBe(quote)
    }
    expect(pointers(value).filter((pointer) => !(pointer in evidence))).toEqual([])
    expect(missing.filter((pointer) => pointer in evidence)).toEqual([])
  })

  test.each(DEGENERATE)('of %s is quick and finds nothing', (_, build) => {
    const source = build()
    const start = performance.now()
    expect(extract({ text: source, schema: fieldsOf({ cost: number, name: text }) }).value).toEqual(
      {},
    )
    expect(performance.now() - start).toBeLessThan(QUICK_MS)
  })
})

function pointers(value: Json, at = ''): readonly string[] {
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => pointers(item, `${at}/${index}`))
  if (isJsonObject(value))
    return Object.entries(value).flatMap(([key, item]) => pointers(item, `${at}/${key}`))
  return [at]
}

describe('dates', () => {
  test.each([
    ['on 14 March 2024', '2024-03-14'],
    ['on March 14th, 2024', '2024-03-14'],
    ['2024-03-14', '2024-03-14'],
    ['14.03.2024', '2024-03-14'],
    ['in March 2024', '2024-03'],
    ['in 1979.', '1979'],
    ['since May', '05'],
  ])('%s', (source, iso) => expect(dates(source).map((date) => date.iso)).toEqual([iso]))

  test('are not seen where there are none', () => {
    expect(dates('It may cost 1,979 or $2019; 1200 m; 99.99.2024')).toEqual([])
  })

  test.prop([fc.oneof(anyReport, fc.string({ unit: 'binary' }))])('do not overlap', (source) => {
    let end = 0
    for (const date of dates(source)) {
      expect(date.start).toBeGreaterThanOrEqual(end)
      end = date.end
    }
  })
})

describe('names', () => {
  const source =
    'The engineer Ada Lovelace met Charles Babbage of the University of Cambridge in London.'
  test('are runs of capitalised words', () => {
    expect(names(source).map(({ start, end }) => source.slice(start, end))).toEqual([
      'Ada Lovelace',
      'Charles Babbage',
      'University of Cambridge',
      'London',
    ])
    expect(organisations(source).map(({ start, end }) => source.slice(start, end))).toEqual([
      'University of Cambridge',
    ])
  })
})
