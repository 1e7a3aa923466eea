import type { Problem } from '../../client/index.ts'
import type { Paint } from '../text/colour.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { cut, tame, tameLine, widthOf } from '../text/width.ts'

/** How problems are shown. */
export interface ProblemStyle {
  readonly paint: Paint
  readonly glyphs: Glyphs
  readonly columns: number
  /** The text of a file, for the line a problem stands in; `undefined` when it is not at hand. */
  readonly textOf: (file: string) => string | undefined
  /** The name of a file as people write it. */
  readonly nameOf: (file: string) => string
}

/** Columns a source line needs before it: number, bar and blanks. */
const GUTTER = 10

/** A problem in its place: `file:line:column`, the line with a mark under it, and the remedy. */
export function renderProblem(problem: Problem, style: ProblemStyle): string {
  const { paint, glyphs } = style
  const { message, hint, path } = problem
  const where = placeOf(problem, style) ?? path
  const lines = [
    `${paint.bold(where === '' ? 'definition' : where)} ${paint.red(`${glyphs.fail} error:`)} ${tameLine(message)}`,
    ...excerpt(problem, style),
  ]
  if (hint !== undefined) lines.push(`  ${paint.cyan('hint:')} ${tameLine(hint)}`)
  return lines.join('\n')
}

function placeOf({ file, line, column }: Problem, { nameOf }: ProblemStyle): string | undefined {
  if (file === undefined) return undefined
  const name = nameOf(file)
  if (line === undefined) return name
  return column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`
}

function excerpt({ file, line, column }: Problem, style: ProblemStyle): readonly string[] {
  if (file === undefined || line === undefined || column === undefined) return []
  const source = style.textOf(file)?.split('\n')[line - 1]
  if (source === undefined) return []
  const { paint, columns, glyphs } = style
  const plain = tame(source.replace(/\r$/, '')).replaceAll('\t', ' ')
  const room = Math.max(20, columns - GUTTER)
  // A line longer than the screen is shown from a little before the place.
  const from = widthOf(plain) > room ? Math.max(0, column - 1 - Math.floor(room / 2)) : 0
  const shown = cut(plain.slice(from), room, glyphs.ellipsis)
  const word = /^[\w.$-]+/.exec(plain.slice(column - 1))?.[0] ?? ' '
  const before = widthOf(plain.slice(from, column - 1))
  const mark = '^'.repeat(Math.max(1, Math.min(word.length, room - before)))
  const number = line.toString().padStart(5)
  return [
    `${paint.dim(`${number} |`)} ${shown}`,
    `${paint.dim(`${' '.repeat(5)} |`)} ${' '.repeat(before)}${paint.red(mark)}`,
  ]
}

/** How many problems there are, in words. */
export function countProblems(count: number): string {
  return `${count} problem${count === 1 ? '' : 's'}`
}
