import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { renderTable } from './table.ts'
import { widthOf } from './width.ts'

const rows = fc.array(
  fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme-ascii' })),
)

describe('a table', () => {
  test('puts columns side by side, numbers to the right, and leaves no blanks at the end', () => {
    const lines = renderTable({
      columns: [{ title: 'NAME' }, { title: 'BYTES', align: 'right' }, { title: 'NOTE' }],
      rows: [
        [{ text: 'a.md' }, { text: '7' }, { text: '' }],
        [{ text: 'long.md' }, { text: '1234567' }, { text: 'x', paint: (text) => `<${text}>` }],
      ],
      width: 80,
    })
    expect(lines).toEqual(['NAME       BYTES  NOTE', 'a.md           7', 'long.md  1234567  <x>'])
  })

  test.prop([rows, fc.integer({ min: 24, max: 100 })])(
    'is never wider than its room while its columns can be cut',
    (texts, width) => {
      const lines = renderTable({
        columns: [
          { title: 'A', least: 8 },
          { title: 'B', least: 8 },
        ],
        rows: texts.map((row) => row.map((text) => ({ text }))),
        width,
      })
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
      expect(lines).toHaveLength(texts.length + 1)
    },
  )

  test('takes the room it lacks from the widest column, and never from one that is not to be cut', () => {
    const [, row] = renderTable({
      columns: [{ title: 'ID' }, { title: 'TEXT', least: 4 }],
      rows: [[{ text: 'run_0123456789' }, { text: 'something long' }]],
      width: 24,
    })
    expect(row).toBe('run_0123456789  somethi…')
  })

  test('goes on in the next line where that is asked for', () => {
    const lines = renderTable({
      columns: [{ title: 'KIND' }, { title: 'WHAT', least: 10, wraps: true }, { title: 'N' }],
      rows: [[{ text: 'a' }, { text: 'does this and that' }, { text: '1' }]],
      width: 20,
    })
    expect(lines).toEqual(['KIND  WHAT         N', 'a     does this    1', '      and that'])
    const [, ...word] = renderTable({
      columns: [{ title: 'A', least: 4, wraps: true }],
      rows: [[{ text: 'OPENAI_API_KEY' }]],
      width: 8,
    })
    expect(word).toEqual(['OPENAI_A', 'PI_KEY'])
  })

  test('leaves spare columns out before it is too wide', () => {
    const table = {
      columns: [{ title: 'ID' }, { title: 'COST', spare: 2 }, { title: 'AGE', spare: 1 }],
      rows: [[{ text: 'run_1' }, { text: '0.5 FTNS' }, { text: '9 min' }]],
    }
    expect(renderTable({ ...table, width: 22 })[1]).toBe('run_1  0.5 FTNS  9 min')
    expect(renderTable({ ...table, width: 21 })[1]).toBe('run_1  9 min')
    expect(renderTable({ ...table, width: 11 })).toEqual(['ID', 'run_1'])
  })
})
