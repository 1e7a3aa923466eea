import { createBm25Index, createTermReader, smoothNeighbours } from '../language/index.ts'

/** A piece of context that is kept or left out whole. */
export interface Passage {
  readonly id: string
  readonly text: string
  /** Kept whatever it costs: rules, the last request, what must not be lost. */
  readonly isPinned?: boolean
}

/** What compression works with. */
export interface CompressOptions {
  /** What the context is needed for. */
  readonly query: string
  /** Most tokens that are kept, pinned passages included. */
  readonly maxTokens: number
  readonly countTokens: (text: string) => number
}

/** What is left of a context. */
export interface Compressed {
  /** In their original order, their text untouched. */
  readonly kept: readonly Passage[]
  readonly tokensBefore: number
  readonly tokensAfter: number
}

/**
 * Keeps the passages that speak most to the query, within a budget of tokens.
 *
 * @remarks
 * Query-aware and extractive: what is kept is kept verbatim. A passage also counts what its
 * neighbours say, because the answer to a question often stands next to the words that match it.
 * Passages are taken best first, and one that no longer fits is passed over for the next.
 * Invariant: pinned passages are kept even when they alone exceed the budget.
 * Source: docs/sources.md#bm25, docs/sources.md#neighbour-smoothing.
 */
export function compress(passages: readonly Passage[], options: CompressOptions): Compressed {
  const { query, maxTokens, countTokens } = options
  const sizes = passages.map(({ text }) => countTokens(text))
  const tokensBefore = sum(sizes)
  if (tokensBefore <= maxTokens) return { kept: passages, tokensBefore, tokensAfter: tokensBefore }
  const chosen = new Set<number>()
  let tokensAfter = 0
  const take = (index: number): void => {
    chosen.add(index)
    tokensAfter += sizes[index] ?? 0
  }
  for (const [index, { isPinned }] of passages.entries()) if (isPinned === true) take(index)
  for (const index of byRelevance(passages, query)) {
    if (!chosen.has(index) && tokensAfter + (sizes[index] ?? 0) <= maxTokens) take(index)
  }
  const kept = passages.filter((_, index) => chosen.has(index))
  return { kept, tokensBefore, tokensAfter }
}

/** Indexes of passages, the most relevant first; equally relevant ones in their own order. */
function byRelevance(passages: readonly Passage[], query: string): readonly number[] {
  const reader = createTermReader()
  const index = createBm25Index(passages.map(({ text }) => reader.stems(text)))
  const scores = smoothNeighbours(index.scores(reader.stems(query)))
  const scoreOf = (at: number): number => scores[at] ?? 0
  return [...passages.keys()].toSorted((a, b) => scoreOf(b) - scoreOf(a) || a - b)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
