import { type DocumentSection, type Heading, toSections } from './document.ts'

/** What Markdown says about itself. */
export interface MarkdownOutline {
  readonly title?: string
  readonly sections: readonly DocumentSection[]
}

interface Line {
  readonly text: string
  readonly start: number
}

/** Finds the title and the sections of Markdown; the text itself stays as it is. */
export function outlineMarkdown(text: string): MarkdownOutline {
  const lines = toLines(text)
  const front = frontMatterOf(lines)
  const headings = findHeadings(lines.slice(front.lines))
  const title =
    front.title ?? headings.find(({ level }) => level === 1)?.title ?? headings[0]?.title
  return {
    ...(title !== undefined && { title }),
    sections: toSections(headings, text.length),
  }
}

function toLines(text: string): readonly Line[] {
  const lines: Line[] = []
  let start = 0
  for (const line of text.split('\n')) {
    lines.push({ text: line.endsWith('\r') ? line.slice(0, -1) : line, start })
    start += line.length + 1
  }
  return lines
}

interface FrontMatter {
  /** How many lines it takes, its marks included. */
  readonly lines: number
  readonly title?: string
}

/** Longest front matter that is looked for, lines. */
const MAX_FRONT_LINES = 200

/** YAML between two lines of `---` at the very beginning; only a plain `title:` is read from it. */
function frontMatterOf(lines: readonly Line[]): FrontMatter {
  if (lines[0]?.text.trimEnd() !== '---') return { lines: 0 }
  const end = lines.findIndex(
    ({ text }, index) => index > 0 && index <= MAX_FRONT_LINES && /^(?:---|\.\.\.)\s*$/.test(text),
  )
  if (end === -1) return { lines: 0 }
  const title = lines
    .slice(1, end)
    .map(({ text }) => (text.startsWith('title:') ? unquote(text.slice(6).trim()) : ''))
    .find((value) => value !== '')
  return { lines: end + 1, ...(title !== undefined && { title }) }
}

function unquote(text: string): string {
  const quote = text[0]
  const isQuoted = text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote)
  return isQuoted ? text.slice(1, -1).trim() : text
}

function findHeadings(lines: readonly Line[]): readonly Heading[] {
  const headings: Heading[] = []
  let fence: string | undefined
  for (const [index, line] of lines.entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line.text)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined
      continue
    }
    fence = mark
    const heading = mark === undefined ? headingAt(line, lines[index - 1]) : undefined
    if (heading !== undefined) headings.push(heading)
  }
  return headings
}

function headingAt(line: Line, previous: Line | undefined): Heading | undefined {
  const hashes = /^ {0,3}(#{1,6})(?:[ \t]|$)/.exec(line.text)
  if (hashes !== null) {
    const [matched, marks = ''] = hashes
    const title = plain(withoutClosing(line.text.slice(matched.length).trim()))
    return title === '' ? undefined : { title, level: marks.length, start: line.start }
  }
  // The other form: a line of text, and below it a line of = or -.
  const below = /^ {0,3}(=+|-{2,})[ \t]*$/.exec(line.text)?.[1]
  if (below === undefined || previous === undefined || !isPlainLine(previous.text)) return undefined
  const level = below.startsWith('=') ? 1 : 2
  return { title: plain(previous.text.trim()), level, start: previous.start }
}

/** Whether a line can be a heading when it is underlined: text, and no list, quote or table. */
function isPlainLine(text: string): boolean {
  return text.trim() !== '' && !/^(?: {4}|\t| {0,3}(?:[-+*>|#]|\d{1,9}[.)]\s))/.test(text)
}

/** Without the hashes that may close a heading. */
function withoutClosing(text: string): string {
  let end = text.length
  while (text[end - 1] === '#') end--
  if (end === text.length || end === 0) return end === 0 ? '' : text
  return /\s/.test(text[end - 1] ?? '') ? text.slice(0, end).trim() : text
}

/** Without the marks of emphasis, code and links. */
function plain(text: string): string {
  return text
    .replaceAll(/!?\[([^[\]]{0,500})\]\([^()]{0,2000}\)/g, '$1')
    .replaceAll(/\*\*|__|`/g, '')
    .trim()
}
