import { formatDuration } from '../../kernel/duration.ts'
import { MAX_LEVELS, type StepStatus, type StepView, type TreeRow } from '../../progress/index.ts'
import type { Colour, Paint } from '../text/colour.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { cut, padEnd, padStart, widthOf } from '../text/width.ts'

import { detailOf } from './step-detail.ts'

/** How rows are drawn. */
export interface RowStyle {
  readonly paint: Paint
  readonly glyphs: Glyphs
  readonly columns: number
  /** Which of the signs that take turns is shown; absent: nothing moves. */
  readonly tick?: number
  /** Width of the names, branches included. */
  readonly nameColumns: number
  /** Width of the kinds of steps; 0: they are left out. */
  readonly kindColumns: number
}

/** A step and its place in the tree; without one the row is not indented. */
export interface Row {
  readonly step: StepView
  readonly place: TreeRow | undefined
}

const MS_COLUMNS = 7
/** Most columns of the kinds of steps, by the width of the screen; a narrower one does without. */
const KIND_COLUMNS: readonly (readonly [from: number, columns: number])[] = [
  [100, 24],
  [80, 16],
  [70, 10],
]

/** One line for a step, no wider than the screen. */
export function renderRow({ step, place }: Row, style: RowStyle): string {
  const { paint, columns, nameColumns, kindColumns, glyphs } = style
  const branches = branchesOf(place, style)
  const sign = signOf(step.status, style)
  const room = Math.max(3, nameColumns - widthOf(branches) - widthOf(sign) - 1)
  const name = cut(step.name, room, glyphs.ellipsis)
  const left = `${paint.dim(branches)}${paint[COLOURS[step.status]](sign)} ${nameColour(step.status, paint)(name)}`
  const ms = step.ms === undefined ? '' : formatDuration(step.ms)
  const kind =
    kindColumns > 0 ? ` ${padEnd(cut(step.uses, kindColumns, glyphs.ellipsis), kindColumns)} ` : ' '
  const used = Math.max(nameColumns, widthOf(left)) + 1 + MS_COLUMNS + widthOf(kind)
  const detail = cut(
    detailOf(step, place, glyphs),
    Math.max(0, columns - used - 1),
    glyphs.ellipsis,
  )
  const line = `${padEnd(left, nameColumns)} ${padStart(ms, MS_COLUMNS)}${paint.dim(kind)}${detailColour(step.status, paint)(detail)}`
  return line.trimEnd()
}

/** Width that the kinds would like to have, as far as the screen has room for it. */
export function kindColumnsOf(rows: readonly Row[], columns: number): number {
  const [, most = 0] = KIND_COLUMNS.find(([from]) => columns >= from) ?? []
  return Math.min(most, Math.max(0, ...rows.map(({ step }) => widthOf(step.uses))))
}

/** Width that names and branches would like to have. */
export function nameColumnsOf(
  rows: readonly Row[],
  style: Omit<RowStyle, 'nameColumns' | 'kindColumns'>,
): number {
  const widths = rows.map(
    ({ step, place }) =>
      widthOf(branchesOf(place, style)) +
      widthOf(signOf(step.status, style)) +
      1 +
      step.name.length,
  )
  return Math.max(10, Math.min(Math.max(0, ...widths), Math.floor(style.columns * 0.45)))
}

function branchesOf(
  place: TreeRow | undefined,
  { glyphs, columns }: Pick<RowStyle, 'glyphs' | 'columns'>,
): string {
  if (place === undefined || place.depth === 0) return ''
  const { branch, last, line, blank } = glyphs.tree
  // Beyond this depth the outermost levels are left out: what is near counts more.
  const most = Math.min(MAX_LEVELS, Math.max(1, Math.floor(columns / 8)))
  const levels = place.lasts.slice(1).slice(-most)
  return levels
    .map((isLast, index) =>
      index === levels.length - 1 ? (isLast ? last : branch) : isLast ? blank : line,
    )
    .join('')
}

function signOf(status: StepStatus, { glyphs, tick }: Pick<RowStyle, 'glyphs' | 'tick'>): string {
  if (status !== 'running' || tick === undefined) return glyphs.step[status]
  return glyphs.spinner[tick % glyphs.spinner.length] ?? glyphs.step.running
}

const COLOURS: Readonly<Record<StepStatus, Exclude<keyof Paint, 'isOn'>>> = {
  pending: 'dim',
  ready: 'dim',
  running: 'cyan',
  waiting: 'yellow',
  retrying: 'yellow',
  repeating: 'yellow',
  interrupted: 'yellow',
  completed: 'green',
  failed: 'red',
  skipped: 'dim',
  stopped: 'red',
  undoing: 'cyan',
  undone: 'dim',
}

function nameColour(status: StepStatus, paint: Paint): Colour {
  return status === 'pending' || status === 'skipped' ? paint.dim : paint.plain
}

function detailColour(status: StepStatus, paint: Paint): Colour {
  return status === 'failed' || status === 'waiting' ? paint[COLOURS[status]] : paint.dim
}
