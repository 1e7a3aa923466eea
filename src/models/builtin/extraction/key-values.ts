import { splitLines } from '../../../language/index.ts'

/** A line, or a cell of a table, that gives a value under a name; offsets are UTF-16. */
export interface KeyValue {
  readonly key: string
  readonly value: string
  /** Where the value stands. */
  readonly start: number
  readonly end: number
  /** Where key and value stand together: what is quoted. */
  readonly quoteStart: number
  readonly quoteEnd: number
}

/** Longest key and line read, in characters. */
const MAX_KEY = 60
const MAX_LINE = 2_000

const MARKERS = /^[\s>*+•-]*(?:\d{1,3}[.)]\s)?\s*[*_]{0,2}/
const CELL = /[^|]+/g

/** The `key: value` lines and table cells of `text`, in order. */
export function keyValues(text: string): readonly KeyValue[] {
  const lines = splitLines(text)
  let header: readonly Cell[] = []
  return lines.flatMap(({ text: line, start }, index) => {
    if (line.length > MAX_LINE) return []
    if (!line.includes('|')) {
      header = []
      return fromLine(line, start)
    }
    const cells = cellsOf(line, start)
    if (/^[\s|:+=-]+$/.test(line)) return []
    const isHeader = header.length === 0 && /^[\s|:+=-]+$/.test(lines[index + 1]?.text ?? 'x')
    if (isHeader) {
      header = cells
      return []
    }
    return fromRow(cells, header)
  })
}

interface Cell {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The rows of the tables of `text`, as key and value by column; tables without a header have none. */
export function tableRows(text: string): readonly (readonly KeyValue[])[] {
  const lines = splitLines(text)
  let header: readonly Cell[] = []
  return lines.flatMap(({ text: line, start }, index) => {
    if (!line.includes('|') || line.length > MAX_LINE) {
      header = []
      return []
    }
    if (/^[\s|:+=-]+$/.test(line)) return []
    const cells = cellsOf(line, start)
    if (header.length > 0) return [underHeader(cells, header)]
    if (/^[\s|:+=-]+$/.test(lines[index + 1]?.text ?? 'x')) header = cells
    return []
  })
}

function fromLine(line: string, start: number): readonly KeyValue[] {
  const from = MARKERS.exec(line)?.[0].length ?? 0
  const at = separatorAt(line, from)
  if (at === undefined) return []
  const key = line
    .slice(from, at)
    .replaceAll(/[*_`"]/g, '')
    .trim()
  const isWordy = key.split(/\s+/).length > 6
  if (key === '' || isWordy || !/\p{L}/u.test(key)) return []
  const value = trimmed(line, at + 1, line.length)
  if (value.end <= value.start) return []
  return [
    {
      key,
      value: line.slice(value.start, value.end),
      start: start + value.start,
      end: start + value.end,
      quoteStart: start + from,
      quoteEnd: start + line.trimEnd().length,
    },
  ]
}

/** The colon or equals sign behind the key, which is not that of a time or an address. */
function separatorAt(line: string, from: number): number | undefined {
  const at = line.slice(from, from + MAX_KEY + 1).search(/[:=：]/)
  if (at <= 0) return undefined
  const index = from + at
  return /[\d/]/.test(line.charAt(index + 1)) && line.charAt(index) === ':' ? undefined : index
}

/** Without white space, emphasis and quotation marks at the ends. */
function trimmed(
  line: string,
  from: number,
  to: number,
): { readonly start: number; readonly end: number } {
  let start = from
  let end = to
  while (start < end && /[\s*_`"“]/.test(line.charAt(start))) start++
  while (end > start && /[\s*_`"”,;]/.test(line.charAt(end - 1))) end--
  return { start, end }
}

function cellsOf(line: string, start: number): readonly Cell[] {
  return [...line.matchAll(CELL)].flatMap(({ index, 0: cell }) => {
    const range = trimmed(line, index, index + cell.length)
    const text = line.slice(range.start, range.end)
    return text === '' && (index === 0 || index + cell.length === line.length)
      ? []
      : [{ text, start: start + range.start, end: start + range.end }]
  })
}

/** The first two cells of a row without header name a value; others stand under their column. */
function fromRow(cells: readonly Cell[], header: readonly Cell[]): readonly KeyValue[] {
  const [key, value] = cells
  if (key === undefined || value === undefined || value.text === '') return []
  const pair = toKeyValue(key.text, value, cells)
  return header.length > 2 ? [pair, ...underHeader(cells, header)] : [pair]
}

function underHeader(cells: readonly Cell[], header: readonly Cell[]): readonly KeyValue[] {
  return cells.flatMap((cell, column) => {
    const key = header[column]?.text ?? ''
    return key === '' || cell.text === '' ? [] : [toKeyValue(key, cell, cells)]
  })
}

/** Quotes the whole row. */
function toKeyValue(key: string, { text, start, end }: Cell, row: readonly Cell[]): KeyValue {
  const quoteStart = row[0]?.start ?? start
  return { key, value: text, start, end, quoteStart, quoteEnd: row.at(-1)?.end ?? end }
}
