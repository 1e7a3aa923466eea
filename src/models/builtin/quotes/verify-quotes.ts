/** A quote and the document it is said to stand in. */
export interface QuoteClaim {
  /** Id of the document. */
  readonly doc: string
  readonly quote: string
}

/** Whether a quote stands in its document, and where. */
export type QuoteCheck = QuoteClaim &
  (
    | {
        readonly isVerbatim: true
        /** UTF-16 offset of its first unit in the document. */
        readonly start: number
        /** UTF-16 offset behind its last unit. */
        readonly end: number
      }
    | {
        readonly isVerbatim: false
        readonly reason: 'unknown document' | 'empty quote' | 'not found'
      }
  )

/**
 * Checks quotes against their sources, in the given order.
 *
 * @remarks
 * White space counts as equal whatever its kind and length; everything else must match unit for
 * unit. Invariant: `text.slice(start, end)` equals the quote but for white space.
 *
 * @param documents - texts by id.
 */
export function verifyQuotes({
  quotes,
  documents,
}: {
  readonly quotes: readonly QuoteClaim[]
  readonly documents: readonly { readonly doc: string; readonly text: string }[]
}): readonly QuoteCheck[] {
  const folded = new Map<string, Folded>()
  const texts = new Map(documents.map(({ doc, text }) => [doc, text]))
  return quotes.map((claim) => {
    const text = texts.get(claim.doc)
    if (text === undefined) return { ...claim, isVerbatim: false, reason: 'unknown document' }
    const wanted = fold(claim.quote).text.trim()
    if (wanted === '') return { ...claim, isVerbatim: false, reason: 'empty quote' }
    const source = folded.get(claim.doc) ?? fold(text)
    folded.set(claim.doc, source)
    const at = source.text.indexOf(wanted)
    if (at === -1) return { ...claim, isVerbatim: false, reason: 'not found' }
    const start = source.offsets[at] ?? 0
    const end = (source.offsets[at + wanted.length - 1] ?? 0) + 1
    return { ...claim, isVerbatim: true, start, end }
  })
}

interface Folded {
  /** With each run of white space as one space. */
  readonly text: string
  /** For each unit of `text`, its offset in the original. */
  readonly offsets: Uint32Array
}

function fold(text: string): Folded {
  const offsets = new Uint32Array(text.length)
  const pieces: string[] = []
  let length = 0
  for (const { index, 0: piece } of text.matchAll(/\s+|\S+/g)) {
    const isSpace = /^\s/.test(piece)
    pieces.push(isSpace ? ' ' : piece)
    const units = isSpace ? 1 : piece.length
    for (let unit = 0; unit < units; unit++) offsets[length + unit] = index + unit
    length += units
  }
  return { text: pieces.join(''), offsets }
}
