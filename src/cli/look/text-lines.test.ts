import { describe, expect, test } from 'vitest'

import type { Chunk } from '../../client/index.ts'
import { createPaint } from '../text/colour.ts'

import { createTextLines } from './text-lines.ts'

const paint = createPaint(false)

function shown(isNamed: boolean, chunks: readonly Omit<Chunk, 'seq'>[]): string {
  const lines = createTextLines({ paint, isNamed })
  return chunks.map((chunk, at) => lines.show({ seq: at + 1, ...chunk })).join('') + lines.end()
}
const a = { step: 'a', attempt: 1, offset: 0 }

describe('the text of a run', () => {
  test('of one step is the text and nothing else', () => {
    expect(
      shown(false, [
        { ...a, text: 'one ' },
        { ...a, offset: 4, text: 'two' },
      ]),
    ).toBe('one two\n')
  })

  test('stands under the names of steps that take turns', () => {
    expect(
      shown(true, [
        { ...a, text: 'one ' },
        { ...a, step: 'b', index: 2, text: 'x\n' },
        { ...a, offset: 4, text: 'two' },
      ]),
    ).toBe('a\none \nb[2]\nx\na\ntwo\n')
  })

  test('says what is void, and what is not kept', () => {
    expect(
      shown(false, [
        { ...a, text: 'bro' },
        { ...a, attempt: 2, text: 'whole', isCut: true },
      ]),
    ).toBe(
      'bro\na begins anew; what it wrote before is void\nwhole\nmore of what a writes is not kept\n',
    )
  })

  test('cannot steer the terminal', () => {
    expect(shown(false, [{ ...a, text: '\u001B[2Jgone\u0007' }])).toBe('\uFFFD[2Jgone\uFFFD\n')
  })
})
