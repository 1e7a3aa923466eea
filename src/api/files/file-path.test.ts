import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { contentTypeOf } from './content-type.ts'
import { comparePaths, splitPath } from './file-path.ts'

describe('paths', () => {
  test.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../../x',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    'a\0b',
    'x'.repeat(1_025),
  ])('%j leads nowhere', (path) => {
    expect(splitPath(path)).toBeUndefined()
  })

  test('a name may hold what is no separator', () => {
    expect(splitPath('a b/..c/d..')).toEqual(['a b', '..c', 'd..'])
  })

  const path = fc.array(fc.constantFrom('a', 'a-b', 'b', 'ab'), { minLength: 1, maxLength: 4 })
  test.prop([path, path, path])(
    'have one order, in which a folder comes before what is in it',
    (a, b, c) => {
      expect(Math.sign(comparePaths(a, b))).toBe(-Math.sign(comparePaths(b, a)) + 0)
      expect(comparePaths(a, b) === 0).toBe(a.join('/') === b.join('/'))
      if (comparePaths(a, b) <= 0 && comparePaths(b, c) <= 0)
        expect(comparePaths(a, c)).toBeLessThanOrEqual(0)
      expect(comparePaths(a, [...a, 'x'])).toBeLessThan(0)
    },
  )
})

test('types follow from names; what is unknown is bytes', () => {
  expect(contentTypeOf('a/b/report.MD')).toBe('text/markdown; charset=utf-8')
  expect(contentTypeOf('constructor')).toBe('application/octet-stream')
  expect(contentTypeOf('a.constructor')).toBe('application/octet-stream')
  expect(contentTypeOf('a.json/b')).toBe('application/octet-stream')
})
