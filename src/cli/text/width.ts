/** Escape sequences, which take no place on a screen. */
// oxlint-disable-next-line no-control-regex -- that is what escape sequences begin with
const ESCAPES = /\u001B\[[0-9;?]*[A-Za-z]/g
/** Characters that a terminal would obey: all controls but the line break and the tabulator. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu
/** Characters two columns wide: East Asian scripts, full-width forms and emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}])/u
/** Characters that stand on the one before: accents, joiners, selectors. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Text that a step, a model or a page has written, made safe to show: it cannot steer the terminal. */
export function tame(text: string): string {
  return text.replaceAll(CONTROLS, '\uFFFD')
}

/** The same on one line. */
export function tameLine(text: string): string {
  return tame(text).replaceAll(/\s+/g, ' ').trim()
}

/** Columns a text takes on a screen. */
export function widthOf(text: string): number {
  const plain = text.replaceAll(ESCAPES, '')
  if (/^[\u0020-\u007E]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += widthOfCharacter(segment)
  return width
}

function widthOfCharacter(character: string): number {
  if (ZERO.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** The text cut to `columns`, with `ellipsis` where something is missing. It holds no escapes. */
export function cut(text: string, columns: number, ellipsis = '…'): string {
  if (widthOf(text) <= columns) return text
  const room = columns - widthOf(ellipsis)
  if (room <= 0) return ellipsis.slice(0, Math.max(0, columns))
  let kept = ''
  let width = 0
  for (const { segment } of segmenter.segment(text)) {
    width += widthOfCharacter(segment)
    if (width > room) break
    kept += segment
  }
  return kept + ellipsis
}

/** The text filled up with blanks to `columns`. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** The text with blanks before it, up to `columns`. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text
}

/**
 * The text in lines of at most `columns`, broken at blanks; those it begins with begin every line. It
 * may hold escapes; a word that is longer than a line stays whole.
 */
export function wrap(text: string, columns: number): readonly string[] {
  if (widthOf(text) <= columns) return [text]
  const indent = /^ */.exec(text)?.[0] ?? ''
  const room = columns - indent.length
  const lines: string[] = []
  let line = ''
  for (const word of text.slice(indent.length).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > room) {
      lines.push(indent + line)
      line = word
    } else line = longer
  }
  return [...lines, indent + line]
}
