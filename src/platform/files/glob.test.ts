import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createGlob } from './glob.ts'

describe('a pattern', () => {
  test.each([
    ['*.md', ['a.md', 'b/c/a.md', '.md'], ['a.mdx', 'md', 'a.MD']],
    ['*', ['a', 'b/c', '.hidden'], []],
    ['?.md', ['a.md', 'x/é.md', '😀.md'], ['ab.md', '.md']],
    ['docs/*.md', ['docs/a.md'], ['a.md', 'docs/x/a.md', 'x/docs/a.md']],
    ['**/*.md', ['a.md', 'x/a.md', 'x/y/a.md'], ['a.txt']],
    ['docs/**', ['docs/a', 'docs/x/y'], ['doc/a']],
    ['a/**/b/*.c', ['a/b/x.c', 'a/1/2/b/x.c', 'a/b/b/x.c'], ['b/x.c', 'a/b/c/x.c']],
    ['*.{md,txt}', ['a.md', 'a.txt'], ['a.html', 'a.{md,txt}']],
    ['{a,b{1,2}}/x', ['a/x', 'b1/x', 'b2/x'], ['b/x', 'b12/x']],
    ['{docs/**/*,notes}.md', ['docs/a.md', 'docs/x/a.md', 'x/notes.md'], ['a.md']],
    ['{a}', ['a'], ['{a}']],
    ['a{,.b}', ['a', 'a.b'], ['ab']],
    ['a*b*c', ['abc', 'aXbYc', 'abcbc'], ['ab', 'acb']],
    ['[ab].(x)+', ['[ab].(x)+'], ['a.x']],
  ])('%s takes and leaves what it should', (pattern, taken, left) => {
    const matches = createGlob(pattern)
    expect(taken.filter((path) => !matches(path))).toEqual([])
    expect(left.filter((path) => matches(path))).toEqual([])
  })

  test.each(['', '{', '}', '{a', 'a}b', '{a,{b}', '{a,b}'.repeat(12), 'x'.repeat(1_001)])(
    '%j is refused',
    (pattern) => {
      expect(() => createGlob(pattern)).toThrow(
        expect.objectContaining({ code: 'files.invalid-pattern' }),
      )
    },
  )

  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 8 })
  test.prop([fc.array(name, { minLength: 1, maxLength: 4 })])('as a path takes itself', (parts) => {
    expect(createGlob(parts.join('/'))(parts.join('/'))).toBe(true)
  })

  test.prop([
    fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 8 }),
    name,
  ])('agrees with the regular expression it stands for', (pattern, text) => {
    const source = pattern
      .replaceAll('.', String.raw`\.`)
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')
    // Two stars in a name are as one; alone they are folders.
    expect(createGlob(pattern)(text)).toBe(new RegExp(`^${source}$`).test(text))
  })

  test.each([
    ['stars', `${'*a'.repeat(400)}b`, 'a'.repeat(5_000)],
    ['folders', `${'**/a/'.repeat(150)}b`, `${'a/'.repeat(2_000)}c`],
  ])('with a great many %s fails in time', (_name, pattern, path) => {
    const since = performance.now()
    expect(createGlob(pattern)(path)).toBe(false)
    expect(performance.now() - since).toBeLessThan(1_000)
  })
})
