import { describe, expect, test } from 'vitest'

import { type PdfItem, toPageText } from './pdf-lines.ts'

const line = (str: string, y: number): PdfItem => ({ str, hasEOL: true, y })

describe('the text of a page', () => {
  test('joins what stands on a line, and breaks where the line ends', () => {
    const items = [
      { str: 'One', hasEOL: false, y: 700 },
      { str: ' ', hasEOL: false, y: 0 },
      { str: 'two', hasEOL: true, y: 700 },
      { str: '', hasEOL: true, y: 0 },
      line('three', 688),
    ]
    expect(toPageText(items)).toBe('One two\nthree')
  })

  test('has a blank line where the gap is larger than usual, also when all gaps are large', () => {
    expect(toPageText([700, 688, 676, 652, 640].map((y) => line('x', y)))).toBe('x\nx\nx\n\nx\nx')
    expect(toPageText([700, 676, 652, 604].map((y) => line('x', y)))).toBe('x\nx\nx\n\nx')
    // The next column begins above.
    expect(toPageText([700, 688, 700, 688].map((y) => line('x', y)))).toBe('x\nx\nx\nx')
  })

  test.each([
    ['inter-', 'national', 'international'],
    ['inter\u00AD', 'national', 'international'],
    ['Müll-', 'Öfen', 'Müll-\nÖfen'],
    ['1990-', 'now', '1990-\nnow'],
    ['a -', 'b', 'a -\nb'],
  ])('makes of %j and %j: %j', (first, second, text) => {
    expect(toPageText([line(first, 700), line(second, 688)])).toBe(text)
  })

  test('of nothing is nothing', () => {
    expect(toPageText([])).toBe('')
    expect(toPageText([line(' ', 1)])).toBe('')
  })
})
