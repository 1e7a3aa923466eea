import type { Clock } from '../kernel/clock.ts'
import type { Json } from '../kernel/json.ts'
import { createFollowingClock } from '../platform/clock.ts'
import type { Terminal } from '../platform/terminal.ts'

import { createPaint, type Paint, wantsColour } from './text/colour.ts'
import { type Glyphs, glyphsFor } from './text/glyphs.ts'
import { wrap } from './text/width.ts'

/** Options that every command takes, as they were given. */
export interface Globals {
  readonly json?: boolean
  readonly quiet?: boolean
  /** False for `--no-color`. */
  readonly color?: boolean
  readonly config?: string
  readonly server?: string
  readonly apiKey?: string
  readonly dataDir?: string
  readonly databaseUrl?: string
  readonly tenant?: string
  readonly logLevel?: string
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly globals: Globals
  readonly isJson: boolean
  readonly isQuiet: boolean
  readonly glyphs: Glyphs
  /** Paint of results, which may go to a file. */
  readonly paint: Paint
  /** Paint of progress, notices and errors. */
  readonly notePaint: Paint
  /** Writes lines of the result. */
  readonly print: (...lines: readonly string[]) => void
  /** Writes a value as one line of JSON. */
  readonly printJson: (value: Json) => void
  /** Writes lines for people who watch; nothing with `--quiet` or `--json`. */
  readonly note: (...lines: readonly string[]) => void
}

/** Builds what a command works with. */
export function createContext(terminal: Terminal, globals: Globals): Context {
  const { out, err, env } = terminal
  const isJson = globals.json === true
  const isQuiet = globals.quiet === true
  const isForbidden = globals.color === false
  const paintFor = (isInteractive: boolean): Paint =>
    createPaint(wantsColour({ env, isForbidden, isInteractive }))
  return {
    terminal,
    clock: createFollowingClock(),
    globals,
    isJson,
    isQuiet,
    glyphs: glyphsFor(env),
    paint: paintFor(out.isInteractive),
    notePaint: paintFor(err.isInteractive),
    print: (...lines) => out.write(toText(lines)),
    printJson: (value) => out.write(`${JSON.stringify(value)}\n`),
    note(...lines) {
      if (isQuiet || isJson) return
      err.write(
        toText(err.isInteractive ? lines.flatMap((line) => fold(line, err.columns)) : lines),
      )
    },
  }
}

/** Sentences are broken at blanks; what is indented is to be copied, and stays as it is. */
function fold(line: string, columns: number): readonly string[] {
  return line.startsWith(' ') ? [line] : wrap(line, columns)
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
