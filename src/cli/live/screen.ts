import type { Output, Terminal } from '../../platform/terminal.ts'
import { widthOf } from '../text/width.ts'

/** A few lines at the end of a terminal that are drawn again and again. */
export interface Screen {
  /** Replaces what was drawn last. */
  draw(lines: readonly string[]): void
  /** Writes lines that stay, before what is drawn next. */
  keep(lines: readonly string[]): void
  /** Leaves what was drawn last where it is, and gives the cursor back. */
  close(): void
}

const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'
const ERASE_LINE = '\u001B[K'
const ERASE_BELOW = '\u001B[J'

/** Takes the end of a terminal for drawing; the cursor comes back however the process ends. */
export function openScreen(terminal: Terminal): Screen {
  const output = terminal.err
  let drawn: readonly string[] = []
  let isHidden = false
  const show = (): void => {
    if (isHidden) output.write(SHOW_CURSOR)
    isHidden = false
  }
  const endings = [
    terminal.onExit(show),
    terminal.onSuspend(show, () => {
      // The shell has written below; what was drawn before is out of reach.
      drawn = []
    }),
  ]
  const write = (text: string): void => {
    const hide = isHidden ? '' : HIDE_CURSOR
    isHidden = true
    output.write(hide + toTop(drawn, output) + text)
  }
  return {
    draw(lines) {
      write(toText(lines) + ERASE_BELOW)
      drawn = lines
    },
    keep(lines) {
      write(toText(lines) + ERASE_BELOW)
      drawn = []
    },
    close() {
      for (const end of endings) end()
      show()
    },
  }
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}${ERASE_LINE}\n`).join('')
}

/** Moves to where the drawing began: a terminal that became narrower has wrapped its lines. */
function toTop(drawn: readonly string[], { columns }: Output): string {
  let height = 0
  for (const line of drawn) height += Math.max(1, Math.ceil(widthOf(line) / columns))
  return height === 0 ? '\r' : `\r\u001B[${height}A`
}
