import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { JsonObject } from '../../kernel/json.ts'

import { groundValue, toPointer } from './grounding.ts'

const at = { quote: 'q', start: 0, end: 1 }
const evidenceAt = (...pointers: string[]): ReadonlyMap<string, typeof at> =>
  new Map(pointers.map((pointer) => [pointer, at]))

describe('a value', () => {
  test('keeps the scalars backed at their place or above it', () => {
    const value = { a: 1, b: { c: 2, d: 3 }, e: [{ f: 4 }, { f: 5 }] }
    expect(groundValue(value, evidenceAt('/a', '/b/c', '/e'))).toEqual({
      value: { a: 1, b: { c: 2 }, e: [{ f: 4 }, { f: 5 }] },
      evidence: { '/a': at, '/b/c': at, '/e': at },
      dropped: 1,
    })
  })

  test('moves pointers up when an item before them goes', () => {
    expect(groundValue({ e: ['x', 'y'] }, evidenceAt('/e/1'))).toEqual({
      value: { e: ['y'] },
      evidence: { '/e/0': at },
      dropped: 1,
    })
  })

  test('treats null as absent, keeps an empty list, and escapes names', () => {
    const value = { n: null, l: [], 'a/b~c': 1 }
    expect(groundValue(value, evidenceAt('/a~1b~0c'))).toMatchObject({
      value: { l: [], 'a/b~c': 1 },
      dropped: 0,
    })
  })

  test.prop([fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue())])(
    'is empty without evidence, whatever was claimed',
    (value) => {
      const { value: kept, evidence } = groundValue(value as JsonObject, new Map())
      JSON.stringify(kept, (_key, member: unknown) => {
        expect(typeof member).toBe('object')
        return member
      })
      expect(evidence).toEqual({})
    },
  )
})

test.each([
  ['/a/0', '/a/0'],
  ['$.a[0].b', '/a/0/b'],
  ['a/b', '/a/b'],
  ['a', '/a'],
])('%s is the pointer %s', (text, pointer) => expect(toPointer(text)).toBe(pointer))
