import type { Quotation } from './schema.ts'

/** Looks up passages in one text. */
export interface QuoteFinder {
  /** The passage as it stands in the text; `start` is where it is said to stand. */
  readonly find: (quote: string, start?: number) => Quotation | undefined
  /** How often a term occurs, whatever its case. */
  readonly count: (term: string) => number
}

/**
 * Builds the finder of verbatim passages in `text`.
 *
 * @remarks
 * Invariant: `text.slice(start, end) === quote` of whatever is found. Models normalise spaces,
 * quotation marks and dashes when they copy, so these are compared folded; the passage returned is
 * always the text's own.
 */
export function createQuoteFinder(text: string): QuoteFinder {
  let folded: Folded | undefined
  const getFolded = (): Folded => (folded ??= fold(text))
  return {
    find(quote, start) {
      if (!/[\p{L}\p{N}]/u.test(quote)) return undefined
      const isThere = start !== undefined && text.startsWith(quote, start)
      const exact = isThere ? start : text.indexOf(quote)
      if (exact >= 0) return { quote, start: exact, end: exact + quote.length }
      return findFolded(text, getFolded(), quote)
    },
    count(term) {
      const wanted = fold(term).text.trim().toLowerCase()
      return wanted === '' ? 0 : getFolded().text.toLowerCase().split(wanted).length - 1
    },
  }
}

/** Words of a passage: runs of letters and digits. */
export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
}

interface Folded {
  readonly text: string
  /** For each unit of `text`, the offset in the original. */
  readonly offsets: Uint32Array
}

const SAME: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '–': '-',
  '—': '-',
  '‑': '-',
  '−': '-',
}

function fold(text: string): Folded {
  const offsets = new Uint32Array(text.length)
  const units: string[] = []
  let wasSpace = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at)
    const isSpace = /\s/.test(unit)
    if (!isSpace || !wasSpace) {
      offsets[units.length] = at
      units.push(isSpace ? ' ' : (SAME[unit] ?? unit))
    }
    wasSpace = isSpace
  }
  return { text: units.join(''), offsets }
}

function findFolded(text: string, folded: Folded, quote: string): Quotation | undefined {
  const wanted = fold(quote).text.trim()
  const bare = wanted.replaceAll(/^["']+|["']+$/g, '').trim()
  for (const candidate of new Set([wanted, bare])) {
    const at = candidate === '' ? -1 : folded.text.indexOf(candidate)
    if (at < 0) continue
    const start = folded.offsets[at] ?? 0
    const end = (folded.offsets[at + candidate.length - 1] ?? 0) + 1
    return { quote: text.slice(start, end), start, end }
  }
  return undefined
}
