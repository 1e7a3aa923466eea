import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { z } from 'zod'

import { decodeCursor, encodeCursor, toPage } from './cursor.ts'
import { InvalidCursorError } from './errors.ts'

const place = z.strictObject({ at: z.int(), id: z.string() })

test.prop([fc.integer(), fc.string()])('a place survives being a cursor', (at, id) => {
  expect(decodeCursor(place, encodeCursor({ at, id }))).toEqual({ at, id })
})

test.prop([fc.string()])('any other text is refused, or is a place', (text) => {
  try {
    place.parse(decodeCursor(place, text))
  } catch (fault) {
    expect(fault).toBeInstanceOf(InvalidCursorError)
  }
})

test.prop([fc.uniqueArray(fc.nat(1_000)), fc.integer({ min: 1, max: 20 })])(
  'pages hold every item once, in order',
  (items, limit) => {
    const seen: number[] = []
    let start = 0
    for (;;) {
      const page = toPage(items.slice(start, start + limit + 1), { limit, placeOf: (n) => n })
      seen.push(...page.items)
      if (page.next === undefined) break
      start = items.indexOf(decodeCursor(z.int(), page.next) ?? -1) + 1
    }
    expect(seen).toEqual(items)
  },
)
