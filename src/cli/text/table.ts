import { cut, padEnd, padStart, widthOf } from './width.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand on the right. @defaultValue left */
  readonly align?: 'left' | 'right'
  /** Least width when room is short; a column without it is never cut. */
  readonly least?: number
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

const GAP = '  '

/** The lines of a table, none wider than its width as long as its columns can be cut. */
export function renderTable({
  columns,
  rows,
  width,
  paintTitle,
  ellipsis,
}: Table): readonly string[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index]?.text ?? ''))),
  )
  const widths = fit(columns, natural, width - GAP.length * (columns.length - 1))
  const titles = columns.map(({ title }): Cell => ({
    text: title,
    ...(paintTitle !== undefined && { paint: paintTitle }),
  }))
  return [titles, ...rows].map((row) => {
    const cells = columns.map((column, index) =>
      renderCell(row[index] ?? { text: '' }, { column, width: widths[index] ?? 0, ellipsis }),
    )
    return cells.join(GAP).trimEnd()
  })
}

interface Place {
  readonly column: Column
  readonly width: number
  readonly ellipsis: string | undefined
}

function renderCell(
  { text, paint = (same) => same }: Cell,
  { column, width, ellipsis }: Place,
): string {
  const short = cut(text, width, ellipsis)
  const pad = column.align === 'right' ? padStart : padEnd
  // Blanks stay outside of the paint, or an underlined title would underline them.
  return pad(short, width).replace(short, () => paint(short))
}

/** Takes from the widest column that can be cut, one place at a time, until all of them fit. */
function fit(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): readonly number[] {
  const widths = [...natural]
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
