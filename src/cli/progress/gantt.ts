import type { Timeline } from '../../client/index.ts'
import { formatDuration } from '../../kernel/duration.ts'
import type { Colour, Paint } from '../text/colour.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { cut, padEnd, padStart, tameLine, widthOf } from '../text/width.ts'

type Unit = Timeline['units'][number]
type StretchKind = Unit['stretches'][number]['kind']

/** How a line of time is drawn. */
export interface GanttStyle {
  readonly columns: number
  readonly glyphs: Glyphs
  readonly paint: Paint
}

/** A line of the picture: one unit, or all items of a step. */
interface Row {
  readonly name: string
  readonly isCritical: boolean
  readonly ms: number
  readonly units: readonly Unit[]
}

/** Items of a step that have a line each; more share one. */
const MOST_ITEMS = 8
/** Lines of a picture. */
const MOST_ROWS = 100
const MS_COLUMNS = 7
const LEAST_BAR = 20

/** A run on a line of time, no wider than the screen; what held it up is marked. */
export function renderGantt(timeline: Timeline, style: GanttStyle): readonly string[] {
  const { startedAt = timeline.endedAt, endedAt } = timeline
  const rows = rowsOf(timeline)
  const shown = chosen(rows)
  const names = Math.max(...shown.map(({ name }) => widthOf(name)), 4)
  const nameColumns = Math.min(names, Math.max(8, Math.floor(style.columns * 0.3)))
  const width = Math.max(LEAST_BAR, style.columns - nameColumns - MS_COLUMNS - 5)
  const scale: Scale = { from: startedAt, span: Math.max(1, endedAt - startedAt), width }
  const indent = ' '.repeat(nameColumns + 3)
  const lines = shown.map((row) => renderRow(row, { ...style, nameColumns, scale }))
  const hidden = rows.length - shown.length
  return [
    style.paint.dim(`${indent}${axisOf(scale)}`),
    ...lines,
    ...(hidden > 0 ? [style.paint.dim(`  and ${hidden} more`)] : []),
    '',
    ...legendOf(shown, style),
  ]
}

function rowsOf({ units }: Timeline): readonly Row[] {
  const steps = new Map<string, Unit[]>()
  for (const unit of units) {
    if (unit.stretches.length === 0) continue
    const key = unit.index === undefined ? unit.name : unit.step
    const list = steps.get(key)
    if (list === undefined) steps.set(key, [unit])
    else list.push(unit)
  }
  return [...steps].flatMap(([key, own]): Row[] =>
    own.length > MOST_ITEMS
      ? [rowOf(`${key} (${own.length} items)`, own)]
      : own.map((unit) => rowOf(unit.name, [unit])),
  )
}

function rowOf(name: string, units: readonly Unit[]): Row {
  const readyAt = Math.min(...units.map((unit) => unit.readyAt))
  const endedAt = Math.max(...units.map((unit) => unit.endedAt))
  const isCritical = units.some((unit) => unit.isCritical)
  return { name: tameLine(name), isCritical, ms: endedAt - readyAt, units }
}

/** All rows, or those that held up the run and the longest others, in their order. */
function chosen(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_ROWS) return rows
  const byWeight = rows.toSorted(
    (a, b) => Number(b.isCritical) - Number(a.isCritical) || b.ms - a.ms,
  )
  const kept = new Set(byWeight.slice(0, MOST_ROWS))
  return rows.filter((row) => kept.has(row))
}

/** Which time stands where. */
interface Scale {
  readonly from: number
  readonly span: number
  readonly width: number
}

interface RowStyle extends GanttStyle {
  readonly nameColumns: number
  readonly scale: Scale
}

function renderRow(row: Row, style: RowStyle): string {
  const { glyphs, paint, nameColumns } = style
  const sign = row.isCritical ? paint.bold(glyphs.critical) : ' '
  const name = padEnd(cut(row.name, nameColumns, glyphs.ellipsis), nameColumns)
  const label = row.isCritical ? paint.bold(name) : name
  return `${sign} ${label} ${barOf(row, style)} ${padStart(formatDuration(row.ms), MS_COLUMNS)}`.trimEnd()
}

function barOf({ units }: Row, { scale, glyphs, paint }: RowStyle): string {
  const cells = cellsOf(units, scale)
  return cells
    .map((kind) => (kind === undefined ? ' ' : COLOURS[kind](paint)(glyphs.time[kind])))
    .join('')
}

type CellKind = StretchKind | 'critical'

const COLOURS: Readonly<Record<CellKind, (paint: Paint) => Colour>> = {
  critical: (paint) => paint.cyan,
  work: (paint) => paint.plain,
  queue: (paint) => paint.dim,
  resource: (paint) => paint.yellow,
  approval: (paint) => paint.yellow,
  dependency: (paint) => paint.yellow,
  retry: (paint) => paint.red,
  pause: (paint) => paint.dim,
}

/** What fills most of each place of the bar; nothing is too short to be seen. */
function cellsOf(
  units: readonly Unit[],
  { from, span, width }: Scale,
): readonly (CellKind | undefined)[] {
  const times = Array.from({ length: width }, () => new Map<CellKind, number>())
  for (const { stretches, isCritical } of units) {
    for (const stretch of stretches) {
      const kind: CellKind = isCritical && stretch.kind === 'work' ? 'critical' : stretch.kind
      const start = ((stretch.from - from) / span) * width
      const end = Math.max(((stretch.to - from) / span) * width, start + 1e-9)
      for (let cell = Math.max(0, Math.floor(start)); cell < Math.min(width, end); cell++) {
        const part = Math.min(end, cell + 1) - Math.max(start, cell)
        // Work is seen beside what waits at the same time.
        const weight = kind === 'queue' ? part / 1_000 : part
        times[cell]?.set(kind, (times[cell]?.get(kind) ?? 0) + weight)
      }
    }
  }
  return times.map((kinds) => {
    let found: CellKind | undefined
    for (const [kind, part] of kinds) {
      if (found === undefined || part > (kinds.get(found) ?? 0)) found = kind
    }
    return found
  })
}

/** The time at the beginning, at each quarter and at the end. */
function axisOf({ span, width }: Scale): string {
  const quarters = width >= 60 ? [0, 0.25, 0.5, 0.75] : [0, 0.5]
  let line = ''
  for (const share of quarters) {
    const place = Math.round(share * width)
    line = padEnd(line, place) + (share === 0 ? '0' : formatDuration(share * span))
  }
  const end = formatDuration(span)
  return padEnd(line, width - end.length) + end
}

const MEANINGS: readonly (readonly [kind: CellKind, meaning: string])[] = [
  ['critical', 'work that held up the run'],
  ['work', 'other work'],
  ['queue', 'waiting for a slot or worker'],
  ['dependency', 'waiting for a time, a signal, an answer or another run'],
  ['retry', 'tries that failed'],
  ['pause', 'the run stood still'],
]

/** What the signs mean that were drawn. */
function legendOf(rows: readonly Row[], { glyphs, paint, columns }: GanttStyle): readonly string[] {
  const drawn = new Set<string>()
  for (const { units } of rows) {
    for (const { stretches, isCritical } of units) {
      for (const { kind } of stretches) {
        drawn.add(glyphs.time[isCritical && kind === 'work' ? 'critical' : kind])
      }
    }
  }
  const parts = MEANINGS.filter(([kind]) => drawn.has(glyphs.time[kind])).map(
    ([kind, meaning]) => `${glyphs.time[kind]} ${meaning}`,
  )
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    const joined = last === undefined ? part : `${last}   ${part}`
    if (last !== undefined && widthOf(joined) < columns) lines[lines.length - 1] = joined
    else lines.push(part)
  }
  return lines.map((line) => paint.dim(line))
}
