import type { Line } from './lines.ts'

/** Sections that reports have under these very names, so that a bare line with one is a heading. */
const KNOWN =
  /^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+)?(?:abstract|summary|in (?:brief|short)|at a glance|overview|executive summary|key (?:findings|points|messages)|introduction|background|aims?|objectives?|(?:materials and )?methods?|methodology|results?|findings|results and discussion|discussion|conclusions?|outlook|limitations|recommendations|references|bibliography|acknowledge?ments|funding|appendix|data availability|conflicts? of interest)\s*:?$/i

/** Longest heading, marked and unmarked, in characters, and most words of an unmarked one. */
const MAX_MARKED = 300
const MAX_LENGTH = 90
const MAX_WORDS = 12

/** The content and level of a line `## like this` or `**like this**`. */
export function headingOf(
  line: Line,
): { readonly start: number; readonly end: number; readonly level: number } | undefined {
  const hashes = /^ {0,3}(#{1,6})\s+/.exec(line.text)
  if (hashes !== null) {
    const start = hashes[0].length
    const end = endWithoutHashes(line.text)
    if (end <= start || end - start > MAX_MARKED) return undefined
    return { start: line.start + start, end: line.start + end, level: hashes[1]?.length ?? 1 }
  }
  const bold = /^\s*(\*\*|__)([^*_]+)\1:?\s*$/.exec(line.text)
  const text = bold?.[2]?.trimEnd()
  if (text === undefined || text.length > MAX_LENGTH || /[.!?]$/.test(text)) return undefined
  const start = line.start + line.text.indexOf(text)
  return { start, end: start + text.length, level: 6 }
}

/** Length of `text` without closing hashes and white space. */
function endWithoutHashes(text: string): number {
  let end = text.length
  while (end > 0 && /[\s#]/.test(text.charAt(end - 1))) end--
  return end
}

/** The level of the heading above an underline `====` (1) or `----` (2). */
export function setextLevel(underline: string): number | undefined {
  if (/^={3,}\s*$/.test(underline)) return 1
  return /^-{3,}\s*$/.test(underline) ? 2 : undefined
}

/** `WHAT WE DID`: a line in capitals, with two words or a long one. */
const CAPITALS = /^(?:\d{1,2}\.?\s+)?\p{Lu}[\p{Lu}\s,'’:&?-]{4,60}$/u

/**
 * Whether an unmarked line is a heading: the name of a usual section or, standing alone above
 * text, a short line that starts with a capital or number and does not end like a sentence.
 */
export function isPlainHeading(line: string, { isAlone }: { readonly isAlone: boolean }): boolean {
  const text = line.trim()
  if (text.length === 0 || text.length > MAX_LENGTH) return false
  if (KNOWN.test(text) || CAPITALS.test(text)) return true
  if (!isAlone || !/^[\p{Lu}\p{Nd}]/u.test(text) || /[.!?:;,。！？]$/.test(text)) return false
  return /\p{L}{2}/u.test(text) && text.split(/\s+/).length <= MAX_WORDS
}
