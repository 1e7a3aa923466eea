import { type Citations, createCitations, quoted } from './citations.ts'
import type { DocumentClaim, Relations, TaskInput, TaskOutput } from './schema.ts'

/** Findings shown of each document, the highest scores. */
const FINDINGS = 5

type ClaimsById = ReadonlyMap<string, DocumentClaim>

/**
 * A cited digest of claims in Markdown: counts, agreements, contradictions, unsupported claims and
 * the findings of each document.
 *
 * @remarks Invariant: equal input gives equal text, and every statement is a verbatim passage with
 * its citation; the only words of our own are headings and counts. The text is not escaped: who
 * renders it must sanitise it, as with any Markdown from outside.
 */
export function composeDigest({
  title,
  claims,
  relations,
}: TaskInput<'write'>): TaskOutput<'write'> {
  const citations = createCitations()
  const byId: ClaimsById = new Map(claims.map((claim) => [claim.id, claim]))
  const sections = [
    `# ${title ?? 'Digest'}`,
    overview(claims, relations),
    ...(relations === undefined ? [] : relationSections(relations, byId, citations)),
    ...documentSections(claims, citations),
  ]
  return {
    markdown: `${[...sections, citations.section()].join('\n\n')}\n`,
    citations: citations.list(),
  }
}

function overview(claims: readonly DocumentClaim[], relations: Relations | undefined): string {
  const documents = new Set(claims.map(({ doc }) => doc)).size
  const lines = [
    '## Overview',
    '',
    `- ${count(claims.length, 'claim')} in ${count(documents, 'document')}`,
  ]
  if (relations === undefined) return lines.join('\n')
  return [
    ...lines,
    `- ${count(relations.agreements.length, 'agreement')}`,
    `- ${count(relations.contradictions.length, 'contradiction')}`,
    `- ${count(relations.unsupported.length, 'unsupported claim')}`,
  ].join('\n')
}

function relationSections(
  { agreements, contradictions, unsupported }: Relations,
  byId: ClaimsById,
  citations: Citations,
): readonly string[] {
  const groupLines = (groups: readonly { readonly claims: readonly string[] }[]): string[] =>
    groups.flatMap(({ claims }) => {
      const found = claims.flatMap((id) => byId.get(id) ?? [])
      return found.map(
        (claim, index) => `${index === 0 ? '-' : '  -'} ${statement(claim, citations)}`,
      )
    })
  const alone = unsupported.map(({ claim }) => ({ claims: [claim] }))
  return [
    section('Agreements', groupLines(agreements)),
    section('Contradictions', groupLines(contradictions)),
    section('Unsupported claims', groupLines(alone)),
  ]
}

function documentSections(
  claims: readonly DocumentClaim[],
  citations: Citations,
): readonly string[] {
  const documents = [...new Set(claims.map(({ doc }) => doc))]
  return documents.map((doc) => {
    const best = claims
      .filter((claim) => claim.doc === doc)
      .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.start - b.start)
      .slice(0, FINDINGS)
      .toSorted((a, b) => a.start - b.start)
    return section(
      `Findings of ${doc}`,
      best.map((claim) => `- ${statement(claim, citations)}`),
    )
  })
}

function section(heading: string, lines: readonly string[]): string {
  return [`## ${heading}`, '', ...(lines.length === 0 ? ['None.'] : lines)].join('\n')
}

function statement(claim: DocumentClaim, citations: Citations): string {
  return `${quoted(claim)} (${claim.doc}) ${citations.mark(claim)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
