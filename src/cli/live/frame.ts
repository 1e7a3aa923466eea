import { formatDuration } from '../../kernel/duration.ts'
import { formatFtns } from '../../kernel/money.ts'
import {
  adviseOnPause,
  adviseOnWaits,
  type ProgressStatus,
  type RunView,
} from '../../progress/index.ts'
import type { Colour, Paint } from '../text/colour.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { cut, tameLine, widthOf, wrap } from '../text/width.ts'

import { chooseRows, countHidden } from './choose-rows.ts'
import { kindColumnsOf, nameColumnsOf, renderRow, type Row } from './step-row.ts'

/** How a picture of a run is drawn. */
export interface FrameStyle {
  readonly paint: Paint
  readonly glyphs: Glyphs
  readonly columns: number
  /** Lines there is room for. */
  readonly rows: number
  /** Which of the signs that take turns is shown; absent: nothing moves. */
  readonly tick?: number
  /** Whether it ends with what somebody has to do. @defaultValue true */
  readonly isAdvised?: boolean
}

/** Width of the bar, at most. */
const BAR = 30
/** Below this height, lines that only separate are left out. */
const SPACIOUS = 12

/** A run as it is now: never more lines, and never wider, than there is room for. */
export function renderFrame(view: RunView, style: FrameStyle): readonly string[] {
  const isSpacious = style.rows >= SPACIOUS
  const gap = isSpacious ? [''] : []
  const head = [renderTitle(view, style), renderBar(view, style)]
  const foot = renderFoot(view, style)
  const room = style.rows - head.length - foot.length - 2 * gap.length
  const steps = renderSteps(view, { ...style, rows: room })
  const lines = [...head, ...gap, ...steps, ...(foot.length > 0 ? [...gap, ...foot] : [])]
  return lines.slice(0, Math.max(1, style.rows))
}

/** All steps as a tree, or the most important ones as a list when there is no room for all. */
export function renderSteps(view: RunView, style: FrameStyle): readonly string[] {
  const all: Row[] = view.graph.rows.flatMap((place) => {
    const step = view.steps[view.graph.places.get(place.step) ?? -1]
    return step === undefined ? [] : [{ step, place }]
  })
  const shown = chooseRows(all, style.rows)
  const columns = {
    nameColumns: nameColumnsOf(shown, style),
    kindColumns: kindColumnsOf(all, style.columns),
  }
  const lines = shown.map((row) => renderRow(row, { ...style, ...columns }))
  if (shown.length === all.length || style.rows < 2) return lines
  const hidden = cut(countHidden(all, shown), style.columns - 1, style.glyphs.ellipsis)
  return [...lines, style.paint.dim(hidden)]
}

function renderTitle(
  { name, id, status }: RunView,
  { paint, columns, glyphs }: FrameStyle,
): string {
  const state = status === 'running' ? '' : ` ${status}`
  const room = columns - 1 - widthOf(state)
  const title = cut(name, Math.max(1, room), glyphs.ellipsis)
  const rest = room - widthOf(title) - 2
  const run = id === '' || rest < 8 ? '' : `  ${paint.dim(cut(id, rest, glyphs.ellipsis))}`
  return `${paint.bold(title)}${run}${statusColour(status, paint)(state)}`
}

/** The colour of a state. */
export function statusColour(status: ProgressStatus | 'retrying', paint: Paint): Colour {
  if (status === 'completed') return paint.green
  if (status === 'failed' || status === 'cancelled') return paint.red
  if (status === 'running' || status === 'queued') return paint.cyan
  return paint.yellow
}

function renderBar(view: RunView, { paint, glyphs, columns }: FrameStyle): string {
  const { percent, status } = view
  const facts = factsOf(view).join(glyphs.separator)
  const number = `${Math.floor(percent).toString().padStart(3)} %`
  const room = columns - 1 - widthOf(number) - 2
  const width = Math.max(5, Math.min(BAR, Math.floor(columns / 3)))
  const full = Math.round((width * percent) / 100)
  const bar = `${statusColour(status, paint)(glyphs.bar.full.repeat(full))}${paint.dim(glyphs.bar.empty.repeat(width - full))}`
  const text = cut(facts, Math.max(0, room - width - 1), glyphs.ellipsis)
  return `${bar} ${number}  ${paint.dim(text)}`
}

function factsOf({ elapsedMs, etaMs, cost, budget }: RunView): readonly string[] {
  const facts = [formatDuration(elapsedMs)]
  if (etaMs !== undefined) facts.push(`about ${formatDuration(Math.max(1_000, etaMs))} left`)
  if (budget > 0n) facts.push(`${formatFtns(cost).replace(' FTNS', '')} of ${formatFtns(budget)}`)
  return facts
}

/** What somebody has to do, if anything. */
function renderFoot(
  view: RunView,
  { paint, columns, glyphs, rows, isAdvised = true }: FrameStyle,
): readonly string[] {
  if (!isAdvised) return []
  const pause = adviseOnPause(view)
  const advice = pause === undefined ? adviseOnWaits(view) : [pause]
  const [most, sentence] = FOOT.find(([least]) => rows >= least)?.[1] ?? [1, 1]
  const room = columns - 1
  const lines = advice.flatMap(({ message, commands }) => [
    ...foldSentence(tameLine(message), { room, most: sentence, glyphs }).map(paint.yellow),
    ...commands
      .slice(0, 1)
      .map((command) => paint.bold(cut(`  ${command}`, room, glyphs.ellipsis))),
  ])
  return lines.slice(0, most)
}

/** By height: the most lines of advice, and of one sentence in it. */
const FOOT: readonly (readonly [least: number, readonly [most: number, sentence: number]])[] = [
  [20, [8, 3]],
  [SPACIOUS, [4, 2]],
]

interface Folding {
  readonly room: number
  readonly most: number
  readonly glyphs: Glyphs
}

/** A sentence in a few lines; the last one says when there is more. */
function foldSentence(text: string, { room, most, glyphs }: Folding): readonly string[] {
  const lines = wrap(text, room)
  const [rest, shown] = [lines.slice(most - 1), lines.slice(0, most - 1)]
  return [...shown, ...(rest.length > 0 ? [cut(rest.join(' '), room, glyphs.ellipsis)] : [])].map(
    (line) => cut(line, room, glyphs.ellipsis),
  )
}
