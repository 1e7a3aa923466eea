import { headingOf, isPlainHeading, setextLevel } from './headings.ts'
import { type Line, isBinary, splitLines } from './lines.ts'

/** What a stretch of text is in the layout. */
export type BlockKind = 'prose' | 'list' | 'table' | 'code' | 'heading'

/** A paragraph, list item, table row, piece of code, or heading. */
export interface Block {
  readonly kind: BlockKind
  /** UTF-16 offset of its content, behind any marker such as `## ` or `- `. */
  readonly start: number
  /** UTF-16 offset behind its content. */
  readonly end: number
  /** Headings only: 1 is the outermost. */
  readonly level?: number
}

const FENCE = /^ {0,3}(?:```|~~~)/
const LIST_ITEM = /^\s*(?:[-*+•‣]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)/
const RULE = /^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|={3,})$/
const TABLE_ROW = /^\s*\|.*\||^[^|]*\|[^|]*\|/
const TABLE_LINE = /^[\s|:+=-]+$/
const LINK_DEFINITION = /^ {0,3}\[[^\]]+\]:\s/
const QUOTE = /^(?:\s*>)+\s?/

/** Blocks of `text` under construction. */
interface Cursor {
  readonly lines: readonly Line[]
  readonly blocks: Block[]
}

/**
 * The layout blocks of a plain or Markdown text, in order and without overlap.
 *
 * @remarks
 * Front matter and fenced code are `code`, each row of a table is a `table` block; rules and table
 * lines belong to none. A binary blob has no blocks.
 * Source: docs/sources.md#commonmark (a subset; indented text is prose, as in plain reports).
 */
export function splitBlocks(text: string): readonly Block[] {
  if (isBinary(text)) return []
  const cursor: Cursor = { lines: splitLines(text), blocks: [] }
  let index = skipFrontMatter(cursor)
  while (index < cursor.lines.length) index = readBlock(cursor, index)
  return cursor.blocks
}

function lineAt(cursor: Cursor, index: number): Line | undefined {
  return cursor.lines[index]
}

function textAt(cursor: Cursor, index: number): string {
  return cursor.lines[index]?.text ?? ''
}

function skipFrontMatter(cursor: Cursor): number {
  if (textAt(cursor, 0).trimEnd() !== '---') return 0
  const end = cursor.lines.findIndex(
    ({ text }, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(text),
  )
  return end === -1 ? 0 : pushLines(cursor, { kind: 'code', from: 0, to: end }) + 1
}

/** Adds the lines `from` to `to` (inclusive) as one block and returns `to`. */
function pushLines(
  cursor: Cursor,
  { kind, from, to }: { readonly kind: BlockKind; readonly from: number; readonly to: number },
): number {
  const first = lineAt(cursor, from)
  const last = lineAt(cursor, to)
  if (first !== undefined && last !== undefined) {
    cursor.blocks.push({ kind, start: first.start, end: last.end })
  }
  return to
}

/** Reads the block that starts in line `index` and returns the index behind it. */
function readBlock(cursor: Cursor, index: number): number {
  const line = textAt(cursor, index)
  if (line.trim() === '' || RULE.test(line)) return index + 1
  if (FENCE.test(line)) return readFence(cursor, index)
  if (isTableAt(cursor, index)) return readTable(cursor, index)
  if (LINK_DEFINITION.test(line))
    return pushLines(cursor, { kind: 'code', from: index, to: index }) + 1
  return readHeading(cursor, index) ?? readParagraph(cursor, index)
}

function readFence(cursor: Cursor, index: number): number {
  const mark = textAt(cursor, index).trim().slice(0, 3)
  let end = index + 1
  while (end < cursor.lines.length && !textAt(cursor, end).trim().startsWith(mark)) end++
  const last = Math.min(end, cursor.lines.length - 1)
  return pushLines(cursor, { kind: 'code', from: index, to: last }) + 1
}

function isTableAt(cursor: Cursor, index: number): boolean {
  const line = textAt(cursor, index)
  const next = textAt(cursor, index + 1)
  if (line.includes('|')) {
    const isRuled = next.includes('-') && TABLE_LINE.test(next)
    return isRuled || (TABLE_ROW.test(line) && TABLE_ROW.test(next)) || /^\s*\|.*\|\s*$/.test(line)
  }
  return /\S\t+\S/.test(line) && /\S\t+\S/.test(next)
}

function readTable(cursor: Cursor, index: number): number {
  const mark = textAt(cursor, index).includes('|') ? '|' : '\t'
  let end = index
  for (; textAt(cursor, end).includes(mark); end++) {
    if (!TABLE_LINE.test(textAt(cursor, end)))
      pushLines(cursor, { kind: 'table', from: end, to: end })
  }
  return end
}

function readHeading(cursor: Cursor, index: number): number | undefined {
  const line = lineAt(cursor, index)
  if (line === undefined) return undefined
  const heading = headingOf(line)
  if (heading !== undefined) {
    cursor.blocks.push({ kind: 'heading', ...heading })
    return index + 1
  }
  const level = setextLevel(textAt(cursor, index + 1))
  const isAlone = textAt(cursor, index - 1).trim() === '' && textAt(cursor, index + 1).trim() === ''
  const isFollowed = textAt(cursor, index + 2).trim() !== ''
  if (level === undefined && !isPlainHeading(line.text, { isAlone: isAlone && isFollowed })) {
    return undefined
  }
  const start = line.start + line.text.length - line.text.trimStart().length
  cursor.blocks.push({
    kind: 'heading',
    start,
    end: line.start + line.text.trimEnd().length,
    level: level ?? 2,
  })
  return level === undefined ? index + 1 : index + 2
}

/** Reads a paragraph or list item up to the line where something else begins. */
function readParagraph(cursor: Cursor, index: number): number {
  const line = textAt(cursor, index)
  const quote = QUOTE.exec(line)?.[0].length ?? 0
  const marker = LIST_ITEM.exec(line.slice(quote))?.[0].length
  let end = index + 1
  while (end < cursor.lines.length && !startsAnew(cursor, end)) end++
  const first = lineAt(cursor, index)
  const last = lineAt(cursor, end - 1)
  if (first !== undefined && last !== undefined) {
    const start = first.start + quote + (marker ?? 0)
    cursor.blocks.push({ kind: marker === undefined ? 'prose' : 'list', start, end: last.end })
  }
  return end
}

function startsAnew(cursor: Cursor, index: number): boolean {
  const line = textAt(cursor, index)
  const isBlank = line.trim() === '' || /^[\s>]*$/.test(line)
  if (isBlank || LIST_ITEM.test(line) || FENCE.test(line) || RULE.test(line)) return true
  const plain = lineAt(cursor, index)
  if (plain !== undefined && headingOf(plain) !== undefined) return true
  return isPlainHeading(line, { isAlone: false }) || isTableAt(cursor, index)
}
