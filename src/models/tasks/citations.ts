import type { DocumentClaim, TaskOutput } from './schema.ts'

/** Numbers claims in the order in which a text cites them. */
export interface Citations {
  /** The marker of a claim, such as `[3]`; the same for each use. */
  readonly mark: (claim: DocumentClaim) => string
  readonly list: () => TaskOutput<'write'>['citations']
  /** The closing section: each marker with its document and passage. */
  readonly section: () => string
}

/** Builds the numbering of one text. */
export function createCitations(): Citations {
  const cited = new Map<string, { readonly marker: number; readonly claim: DocumentClaim }>()
  const list: Citations['list'] = () =>
    [...cited.values()].map(({ marker, claim: { id, doc, quote } }) => ({ marker, id, doc, quote }))
  return {
    mark(claim) {
      const entry = cited.get(claim.id) ?? { marker: cited.size + 1, claim }
      cited.set(claim.id, entry)
      return `[${entry.marker}]`
    },
    list,
    section: () =>
      [
        '## Sources',
        '',
        ...[...cited.values()].map(({ marker, claim }) => describe(marker, claim)),
      ].join('\n'),
  }
}

/** A passage on one line, in quotation marks; only its white space is folded. */
export function quoted({ quote }: { readonly quote: string }): string {
  return `“${quote.replaceAll(/\s+/g, ' ').trim()}”`
}

function describe(marker: number, claim: DocumentClaim): string {
  const place = claim.heading === undefined ? claim.doc : `${claim.doc}, ${claim.heading}`
  return `- [${marker}] ${place}: ${quoted(claim)}`
}
