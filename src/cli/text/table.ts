import { cut, padEnd, padStart, widthOf, wrap } from './width.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand on the right. @defaultValue left */
  readonly align?: 'left' | 'right'
  /** Least width when room is short; a column without it is never cut. */
  readonly least?: number
  /** Whether a text that is too long goes on in the next line, instead of being cut. */
  readonly wraps?: boolean
  /** Whether it is left out when there is no room for all; of several, the highest first. */
  readonly spare?: number
}

/** One cell: what it says, and how that is painted once its width is settled. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

/** What a table is made of. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Room on the screen. */
  readonly width: number
  readonly paintTitle?: (text: string) => string
  readonly ellipsis?: string
}

/** A column with its place in the rows and the width of its longest text. */
interface Placed extends Column {
  readonly place: number
  readonly natural: number
}

const GAP = '  '

/** The lines of a table, none wider than its width as long as its columns can be cut or left out. */
export function renderTable({
  columns,
  rows,
  width,
  paintTitle,
  ellipsis,
}: Table): readonly string[] {
  const all = columns.map((column, place): Placed => ({
    ...column,
    place,
    natural: Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[place]?.text ?? ''))),
  }))
  const kept = withoutSpare(all, width)
  const widths = fit(kept, width - gapsOf(kept))
  const titles = columns.map(({ title }): Cell => ({
    text: title,
    ...(paintTitle !== undefined && { paint: paintTitle }),
  }))
  return [titles, ...rows].flatMap((row) => {
    const cells = kept.map((column, index) =>
      renderCell(row[column.place] ?? { text: '' }, {
        column,
        width: widths[index] ?? 0,
        ellipsis,
      }),
    )
    const height = Math.max(...cells.map(({ lines }) => lines.length))
    return Array.from({ length: height }, (_, line) =>
      cells
        .map(({ lines, blank }) => lines[line] ?? blank)
        .join(GAP)
        .trimEnd(),
    )
  })
}

function gapsOf(columns: readonly Column[]): number {
  return GAP.length * (columns.length - 1)
}

/** Leaves columns out until what cannot be cut any further has room. */
function withoutSpare(columns: readonly Placed[], width: number): readonly Placed[] {
  const needed = columns.reduce((sum, column) => sum + leastOf(column), gapsOf(columns))
  const spares = columns.flatMap(({ spare }) => spare ?? [])
  if (needed <= width || spares.length === 0) return columns
  const highest = Math.max(...spares)
  return withoutSpare(
    columns.filter(({ spare }) => spare !== highest),
    width,
  )
}

function leastOf({ least, natural }: Placed): number {
  return Math.min(natural, least ?? natural)
}

interface Place {
  readonly column: Column
  readonly width: number
  readonly ellipsis: string | undefined
}

function renderCell(
  { text, paint = (same) => same }: Cell,
  { column, width, ellipsis }: Place,
): { readonly lines: readonly string[]; readonly blank: string } {
  const pad = column.align === 'right' ? padStart : padEnd
  const parts =
    column.wraps === true ? wrap(text, width).flatMap((part) => chop(part, width)) : [text]
  const lines = parts.map((part) => {
    const short = cut(part, width, ellipsis)
    // Blanks stay outside of the paint, or an underlined title would underline them.
    return pad(short, width).replace(short, () => paint(short))
  })
  return { lines, blank: ' '.repeat(width) }
}

/** A word that is longer than its column goes on in the next line: none of it is lost. */
function chop(text: string, width: number): readonly string[] {
  const head = cut(text, width, '')
  if (head === text || head === '') return [text]
  return [head, ...chop(text.slice(head.length), width)]
}

/** Takes from the widest column that can be cut, one place at a time, until all of them fit. */
function fit(columns: readonly Placed[], room: number): readonly number[] {
  const widths = columns.map(({ natural }) => natural)
  let over = widths.reduce((sum, each) => sum + each, 0) - room
  while (over > 0) {
    let widest = -1
    for (const [index, { least }] of columns.entries()) {
      const width = widths[index] ?? 0
      if (least !== undefined && width > least && width > (widths[widest] ?? 0)) widest = index
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    over -= 1
  }
  return widths
}
