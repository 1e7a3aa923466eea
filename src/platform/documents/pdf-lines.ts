/** A run of letters on a page, as pdf.js finds it. */
export interface PdfItem {
  readonly str: string
  /** Whether a line ends after it. */
  readonly hasEOL: boolean
  /** Height of its baseline on the page, points from the bottom. */
  readonly y: number
}

interface Line {
  readonly text: string
  readonly y: number
}

/** A step down the page this many times the usual one begins a new paragraph. */
const PARAGRAPH_STEP = 1.4

/**
 * The text of a page: its lines, a blank line where the gap between two is larger than usual, and
 * words that were hyphenated at the end of a line joined again.
 */
export function toPageText(items: readonly PdfItem[]): string {
  const lines = toLines(items)
  const steps = lines.map(({ y }, index) => (lines[index - 1]?.y ?? y) - y)
  const usual = lowerMedian(steps.filter((step) => step > 0))
  const text = lines
    .map((line, index) => {
      const isApart = (steps[index] ?? 0) > usual * PARAGRAPH_STEP
      return `${index === 0 ? '' : isApart ? '\n\n' : '\n'}${line.text}`
    })
    .join('')
  return text.replaceAll(/(?<=\p{L})[-\u00AD\u2010]\n(?=\p{Ll})/gu, '').replaceAll('\u00AD', '')
}

function toLines(items: readonly PdfItem[]): readonly Line[] {
  const lines: Line[] = []
  let text = ''
  let y: number | undefined
  for (const item of items) {
    if (item.str.trim() !== '') y ??= item.y
    text += item.str
    if (!item.hasEOL) continue
    pushLine(lines, text, y)
    text = ''
    y = undefined
  }
  pushLine(lines, text, y)
  return lines
}

function pushLine(lines: Line[], text: string, y: number | undefined): void {
  const plain = text.replaceAll(/[\s\0]+/g, ' ').trim()
  if (plain !== '' && y !== undefined) lines.push({ text: plain, y })
}

function lowerMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.POSITIVE_INFINITY
}
