import { type RunView, viewAt } from '../../progress/index.ts'
import type { Context } from '../context.ts'

import { renderFrame } from './frame.ts'
import { openScreen } from './screen.ts'

/** Shows a run while it goes on. */
export interface Display {
  /** The run as it is now. */
  show(view: RunView): void
  /** Something else that people should see. */
  note(line: string): void
  /** Leaves the last picture standing. */
  close(): void
}

/** How often the picture is drawn anew, milliseconds. */
const EVERY_MS = 100

/** A picture of the run in the terminal, drawn anew as time passes. */
export function openLiveDisplay({ terminal, clock, glyphs, notePaint: paint }: Context): Display {
  const screen = openScreen(terminal)
  let view: RunView | undefined
  let tick = 0
  let isOpen = true
  const draw = (isLast: boolean): void => {
    if (view === undefined) return
    const { columns, rows } = terminal.err
    const style = { paint, glyphs, columns, rows: rows - 1, ...(!isLast && { tick }) }
    screen.draw(renderFrame(viewAt(view, clock.now()), style))
  }
  const turn = (): void => {
    if (!isOpen) return
    tick += 1
    draw(false)
    clock.after(EVERY_MS, turn)
  }
  const endResize = terminal.onResize(() => draw(false))
  turn()
  return {
    show(next) {
      view = next
    },
    note(line) {
      screen.keep([line])
      draw(false)
    },
    close() {
      isOpen = false
      endResize()
      draw(true)
      screen.close()
    },
  }
}
