/** A line of a text, without its line break. */
export interface Line {
  readonly text: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
}

/** The lines of `text`; `\n`, `\r\n` and a lone `\r` break lines. */
export function splitLines(text: string): readonly Line[] {
  const lines: Line[] = []
  let start = 0
  for (const { index, 0: mark } of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ text: text.slice(start, index), start, end: index })
    start = index + mark.length
  }
  lines.push({ text: text.slice(start), start, end: text.length })
  return lines
}

/** Share of control and replacement characters from which on a text is no text. */
const MAX_ILLEGIBLE = 0.05
/** Units looked at to tell. */
const SAMPLE_LENGTH = 4_000

/** Whether `text` is binary data that was read as text. */
export function isBinary(text: string): boolean {
  const sample = text.slice(0, SAMPLE_LENGTH)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const illegible = sample.match(/[\u0000-\u0008\u000e-\u001f\ufffd]/g)?.length ?? 0
  return illegible > sample.length * MAX_ILLEGIBLE
}
