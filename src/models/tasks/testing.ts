import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { BuiltinAlgorithms, FoundClaim, FoundRelations, Passage } from '../algorithms.ts'

import type { DocumentClaim, Quotation } from './schema.ts'

/** A text with an amount, a change and a citation. */
export const RIVER_REPORT =
  'The Aare carried 310 cubic metres per second in May. Trout numbers fell by 12 percent. ' +
  'According to Meier (2021), shade lowers the temperature of the water.'

/** Small honest algorithms: they really read the text, with one rule each. */
export function createTestAlgorithms(): BuiltinAlgorithms {
  return {
    summarise: ({ text, maxSentences = 3 }) => sentencesOf(text).slice(0, maxSentences),
    answer({ question, text }) {
      const wanted = wordsOf(question)
      const best = sentencesOf(text)
        .map((sentence) => ({ ...sentence, score: overlap(wanted, wordsOf(sentence.quote)) }))
        .toSorted((a, b) => b.score - a.score)[0]
      return best === undefined || best.score < 2
        ? { found: false, reason: 'no sentence shares two words with the question' }
        : { found: true, answer: best.quote, ...best }
    },
    keyTerms({ text, limit }) {
      const words = wordsOf(text)
      const terms = [...new Set(words)].map((term) => ({
        term,
        count: words.filter((word) => word === term).length,
      }))
      const ranked = terms.toSorted((a, b) => b.count - a.count).slice(0, limit)
      return ranked.map(({ term, count }) => ({ term, count, score: count }))
    },
    classify({ text, examples }) {
      const scored = examples.map(({ label, text: example }) => ({
        label,
        score: overlap(wordsOf(text), wordsOf(example)),
      }))
      const best = scored.toSorted((a, b) => b.score - a.score)[0]
      const scores = Object.fromEntries(scored.map(({ label, score }) => [label, score]))
      return best === undefined || best.score === 0
        ? { label: null, scores, reason: 'no example shares a word with the text' }
        : { label: best.label, scores, reason: `shares ${best.score} words with an example` }
    },
    extract: ({ text, schema }) => extractLines(text, schema['properties']),
    claims: ({ text }) => sentencesOf(text).map(toClaim),
    relate: ({ claims }) => relatePairs(claims),
  }
}

/** A claim about trout, unless told otherwise. */
export function testClaim(
  id: string,
  quote: string,
  parts: Partial<DocumentClaim> = {},
): DocumentClaim {
  return {
    id,
    doc: `${id}.md`,
    quote,
    start: 0,
    end: quote.length,
    subjectTerms: ['trout'],
    quantities: [],
    direction: 'down',
    isNegated: false,
    isHedged: false,
    support: 'data',
    ...parts,
  }
}

/** The sentences of a text with their places. */
export function sentencesOf(text: string): Quotation[] {
  return [...text.matchAll(/[^.!?\s][^.!?]*[.!?]/g)].map(({ 0: quote, index }) => ({
    quote,
    start: index,
    end: index + quote.length,
  }))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}{4,}/gu) ?? []
}

function overlap(a: readonly string[], b: readonly string[]): number {
  return [...new Set(a)].filter((word) => b.includes(word)).length
}

/** Reads `field: value` lines. */
function extractLines(
  text: string,
  properties: Json | undefined,
): { value: JsonObject; evidence: Record<string, Passage>; missing: string[] } {
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  const found = names.flatMap((field) => {
    const match = new RegExp(`^${field}: (.+)$`, 'm').exec(text)
    const [quote, value] = [match?.[0], match?.[1]]
    if (match === null || quote === undefined || value === undefined) return []
    const place = { quote, start: match.index, end: match.index + quote.length }
    return [{ field, value: /^\d+$/.test(value) ? Number(value) : value, place }]
  })
  return {
    value: Object.fromEntries(found.map(({ field, value }) => [field, value])),
    evidence: Object.fromEntries(found.map(({ field, place }) => [`/${field}`, place])),
    missing: names
      .filter((name) => found.every(({ field }) => field !== name))
      .map((name) => `/${name}`),
  }
}

function toClaim(place: Quotation): FoundClaim {
  const { quote } = place
  const quantities = [...quote.matchAll(/(\d+(?:\.\d+)?) (percent|cubic)/g)].map((match) => ({
    quote: match[0],
    value: Number(match[1]),
    unit: match[2] ?? '',
  }))
  const fell = /\b(?:fell|lowers)\b/.test(quote)
  const direction = fell ? 'down' : /\brose\b/.test(quote) ? 'up' : 'unknown'
  const measured = quantities.length > 0 ? 'data' : 'none'
  return {
    ...place,
    subjectTerms: wordsOf(quote).slice(0, 2),
    quantities,
    direction,
    isNegated: /\bnot\b/.test(quote),
    isHedged: /\bmay\b/.test(quote),
    support: quote.includes('According to') ? 'citation' : measured,
    score: quote.length,
  }
}

function relatePairs(claims: readonly DocumentClaim[]): FoundRelations {
  const pairs = claims.flatMap((a, index) =>
    claims
      .slice(index + 1)
      .filter((b) => b.doc !== a.doc && overlap(a.subjectTerms, b.subjectTerms) > 0)
      .map((b) => ({
        claims: [a.id, b.id] as [string, string],
        agrees: a.direction === b.direction,
      })),
  )
  const why = { topic: 'shared terms', reason: 'they share a subject term' }
  const isAlone = ({ id }: DocumentClaim): boolean =>
    pairs.every((pair) => !pair.claims.includes(id))
  return {
    agreements: pairs.flatMap(({ claims: ids, agrees }) =>
      agrees ? [{ claims: ids, ...why }] : [],
    ),
    contradictions: pairs.flatMap(({ claims: ids, agrees }) =>
      agrees ? [] : [{ claims: ids, kind: 'direction' as const, ...why }],
    ),
    unsupported: claims
      .filter((claim) => claim.support === 'none' && isAlone(claim))
      .map(({ id }) => ({ claim: id, reason: 'no support and no other document' })),
  }
}
