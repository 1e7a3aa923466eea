import { isAbbreviation } from './abbreviations.ts'
import { type Block, type BlockKind, splitBlocks } from './blocks.ts'

/** A sentence, list item part, table row, piece of code or heading of a text. */
export interface Sentence {
  /** As written, line breaks included. */
  readonly text: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  /** Number of its layout block, from 0. */
  readonly paragraph: number
  readonly kind: BlockKind
  /** The nearest heading above. */
  readonly heading?: string
  /** All headings above, outermost first, the nearest last. */
  readonly path: readonly string[]
}

/**
 * Splits a plain or Markdown text into sentences, in order.
 *
 * @remarks
 * Invariant: `text.slice(start, end)` is the sentence's text; sentences do not overlap; all white
 * space between words that is not in a sentence is layout.
 */
export function splitSentences(text: string): readonly Sentence[] {
  const sentences: Sentence[] = []
  let headings: readonly { readonly level: number; readonly text: string }[] = []
  for (const [paragraph, block] of splitBlocks(text).entries()) {
    if (block.kind === 'heading') {
      headings = headings.filter(({ level }) => level < (block.level ?? 1))
    }
    const path = headings.map((heading) => heading.text)
    const heading = path.at(-1)
    for (const { start, end } of rangesOf(text, block)) {
      const written = text.slice(start, end)
      const context = heading === undefined ? { path } : { path, heading }
      sentences.push({ text: written, start, end, paragraph, kind: block.kind, ...context })
      if (block.kind === 'heading') {
        headings = [...headings, { level: block.level ?? 1, text: written }]
      }
    }
  }
  return sentences
}

interface Range {
  readonly start: number
  readonly end: number
}

function rangesOf(text: string, block: Block): readonly Range[] {
  const isWhole = block.kind !== 'prose' && block.kind !== 'list'
  const ends = isWhole ? [block.end] : [...boundaries(text, block), block.end]
  const ranges: Range[] = []
  let from = block.start
  for (const to of ends) {
    const range = trimmed(text, { start: from, end: to })
    if (range.end > range.start) ranges.push(range)
    from = to
  }
  return ranges
}

function trimmed(text: string, { start, end }: Range): Range {
  let from = start
  let to = end
  while (from < to && /\s/.test(text.charAt(from))) from++
  while (to > from && /\s/.test(text.charAt(to - 1))) to--
  return { start: from, end: to }
}

/** Ends of all sentences in `block` but the last. */
function boundaries(text: string, block: Block): readonly number[] {
  const content = text.slice(block.start, block.end)
  const ends: number[] = []
  let from = 0
  for (const match of content.matchAll(/[.!?…]+|[。！？．｡]+/gu)) {
    const stop = { start: match.index, end: match.index + match[0].length, mark: match[0] }
    if (stop.end <= from) continue
    const end = boundaryAt({ content, from, stop })
    if (end === undefined) continue
    ends.push(block.start + end)
    from = end
  }
  return ends
}

/** A run of stops and the sentence it may end. */
interface Candidate {
  readonly content: string
  /** Where the sentence starts. */
  readonly from: number
  readonly stop: { readonly start: number; readonly end: number; readonly mark: string }
}

/** Quotation marks, brackets, emphasis, and reference marks such as `[12]` or `[^1]`. */
const CLOSERS = /^(?:["'”’»›)\]*_」』）】〉]|\[\^?[\d,;–-]{1,12}\]|[¹²³⁴-⁹⁰])*/u
/** Units looked at on each side of a stop: enough for any abbreviation or reference. */
const BEFORE = 24
const AFTER = 60

/** Where the sentence ends, closing marks included, if it ends at this stop. */
function boundaryAt({ content, from, stop }: Candidate): number | undefined {
  const behind = content.slice(stop.end, stop.end + AFTER)
  const closers = CLOSERS.exec(behind)?.[0] ?? ''
  const end = stop.end + closers.length
  if (/[。！？．｡]/u.test(stop.mark)) return end
  const rest = behind.slice(closers.length)
  const next = rest.trimStart()
  if (next === '' || next.length === rest.length || !mayStart(next)) return undefined
  const before = content.slice(Math.max(from, stop.start - BEFORE), stop.start)
  const isWhole = stop.start - from <= BEFORE
  return stop.mark === '.' && isPartOfWord(before, { next, isWhole }) ? undefined : end
}

/** Whether a point belongs to what stands before it: a number `1.` or an abbreviation. */
function isPartOfWord(
  before: string,
  { next, isWhole }: { readonly next: string; readonly isWhole: boolean },
): boolean {
  const word = /[\p{L}\p{M}\p{N}.'’]*$/u.exec(before)?.[0] ?? ''
  const isNumbering = /^\d{1,2}(?:\.\d{1,2})?$/.test(word)
  if (isNumbering && isWhole && before.trimStart() === word) return true
  const isUnit = /[°\d]\s?\p{L}$/u.test(before)
  return !isUnit && word !== '' && isAbbreviation(word, next)
}

/** Whether a sentence may start so: not with a small letter, unless it is a name like `pH`. */
function mayStart(next: string): boolean {
  const start = next.replace(/^["'“‘«‹([*_「『（【]+/u, '')
  return !/^\p{Ll}/u.test(start) || /^\p{Ll}{1,2}\p{Lu}/u.test(start)
}
