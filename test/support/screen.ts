/** What a terminal of some size shows once it has obeyed a text, and how it got there. */
export interface ScreenContent {
  /** All lines, those that have scrolled away included, without blanks at their ends. */
  readonly lines: readonly string[]
  readonly isCursorShown: boolean
  /** Most columns that any written line took. */
  readonly widest: number
}

// oxlint-disable-next-line no-control-regex -- that is what escape sequences begin with
const TOKENS = /\u001B\[(\??[0-9;]*)([A-Za-z])|[\s\S]/gu

/** Obeys text as a terminal does; knows what our screen writes, and refuses anything else. */
export function renderScreen(text: string): ScreenContent {
  const lines: string[][] = [[]]
  let [row, column, widest] = [0, 0, 0]
  let isCursorShown = true
  const lineAt = (at: number): string[] => (lines[at] ??= [])
  const obey = (parameter: string, command: string): void => {
    if (command === 'm') return
    if (command === 'A') row = Math.max(0, row - Number(parameter || '1'))
    else if (command === 'K') lineAt(row).length = Math.min(lineAt(row).length, column)
    else if (command === 'J') {
      lineAt(row).length = Math.min(lineAt(row).length, column)
      lines.length = row + 1
    } else if (parameter === '?25') isCursorShown = command === 'h'
    else throw new Error(`an escape sequence that nobody expects: ${parameter}${command}`)
  }
  for (const [token, parameter, command] of text.matchAll(TOKENS)) {
    if (command !== undefined) obey(parameter ?? '', command)
    else if (token === '\n') [row, column] = [row + 1, 0]
    else if (token === '\r') column = 0
    else {
      const line = lineAt(row)
      while (line.length < column) line.push(' ')
      line[column] = token
      column += 1
      widest = Math.max(widest, column)
    }
    lineAt(row)
  }
  return { lines: lines.map((line) => line.join('').trimEnd()), isCursorShown, widest }
}

/** The part of a text that was drawn in place: from where the cursor goes to where it comes back. */
export function drawnPart(text: string): string {
  const [from, to] = [text.indexOf('\u001B[?25l'), text.lastIndexOf('\u001B[?25h')]
  if (from < 0 || to < 0) throw new Error('nothing was drawn in place')
  return text.slice(from, to)
}
