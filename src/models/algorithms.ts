import type { JsonObject } from '../kernel/json.ts'

import type { DocumentClaim } from './tasks/schema.ts'

/** A value now, or later when the work is done on another thread. */
export type Awaitable<Value> = Value | Promise<Value>

/** A slice of the text and its UTF-16 offsets. */
export interface Passage {
  readonly quote: string
  readonly start: number
  readonly end: number
}

/** A term of a text; `count` is how often it occurs, `score` its weight. */
export interface WeightedTerm {
  readonly term: string
  readonly count: number
  readonly score: number
}

/** A claim as found in a text; amounts may say more than is named here. */
export interface FoundClaim extends Passage {
  readonly heading?: string
  readonly subjectTerms: readonly string[]
  readonly quantities: readonly {
    readonly quote: string
    readonly value: number
    readonly unit: string
  }[]
  readonly direction: 'up' | 'down' | 'none' | 'unknown'
  readonly isNegated: boolean
  readonly isHedged: boolean
  readonly support: 'data' | 'citation' | 'method' | 'none'
  readonly score: number
}

/** How claims of several documents stand to each other, by their ids. */
export interface FoundRelations {
  readonly agreements: readonly {
    readonly claims: readonly string[]
    readonly topic: string
    readonly reason: string
  }[]
  readonly contradictions: readonly {
    readonly claims: readonly [string, string]
    readonly topic: string
    readonly kind: 'numeric' | 'direction' | 'effect'
    readonly reason: string
  }[]
  readonly unsupported: readonly { readonly claim: string; readonly reason: string }[]
}

/**
 * The classical algorithms behind the builtin model, one method per task; `write` needs none.
 *
 * @remarks Quotes are slices of the given text. What is returned must be JSON.
 */
export interface BuiltinAlgorithms {
  summarise(input: {
    readonly text: string
    readonly maxSentences?: number
    readonly maxTokens?: number
    readonly query?: string
  }): Awaitable<readonly Passage[]>
  answer(input: {
    readonly text: string
    readonly question: string
  }): Awaitable<
    | (Passage & { readonly found: true; readonly answer: string; readonly score: number })
    | { readonly found: false; readonly reason: string }
  >
  keyTerms(input: {
    readonly text: string
    readonly limit: number
  }): Awaitable<readonly WeightedTerm[]>
  classify(input: {
    readonly text: string
    readonly examples: readonly { readonly text: string; readonly label: string }[]
  }): Awaitable<{
    readonly label: string | null
    readonly scores: Readonly<Record<string, number>>
    readonly reason: string
  }>
  /** `evidence` and `missing` are by JSON Pointer into `value`. */
  extract(input: { readonly text: string; readonly schema: JsonObject }): Awaitable<{
    readonly value: JsonObject
    readonly evidence: Readonly<Record<string, Passage>>
    readonly missing: readonly string[]
  }>
  claims(input: {
    readonly text: string
    readonly title?: string
  }): Awaitable<readonly FoundClaim[]>
  relate(input: { readonly claims: readonly DocumentClaim[] }): Awaitable<FoundRelations>
}
