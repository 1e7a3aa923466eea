import {
  type Sentence,
  type TermVector,
  centroid,
  cosine,
  createBm25Index,
  createTfidfSpace,
  readerFor,
  smoothNeighbours,
  splitSentences,
} from '../../../language/index.ts'

/** A sentence chosen for a summary. */
export interface SummarySentence {
  /** As written. */
  readonly quote: string
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  /** What made it chosen, 0 to 1; comparable within one summary only. */
  readonly score: number
}

/** What to summarise, and how short. */
export interface SummaryRequest {
  readonly text: string
  /**
   * Most sentences.
   * @defaultValue 5, unless `maxTokens` is given
   */
  readonly maxSentences?: number
  /** Most tokens of all sentences together, as `countTokens` counts. */
  readonly maxTokens?: number
  /** What the summary is to tell about; without it, what the whole text is about. */
  readonly query?: string
  /**
   * Counts tokens.
   * @defaultValue a quarter of the characters, rounded up
   */
  readonly countTokens?: (text: string) => number
}

const DEFAULT_SENTENCES = 5
/** Terms of a sentence worth choosing: shorter ones say nothing, longer ones are data. */
const TERMS = { min: 3, max: 80 } as const
/** Longest sentence, in characters. */
const MAX_LENGTH = 1_000
/** Cosine from which on two sentences say the same. */
const DUPLICATE = 0.75
/** Share of relevance against novelty when the next sentence is chosen. */
const RELEVANCE = 0.7

interface Candidate extends Sentence {
  readonly stems: readonly string[]
  readonly vector: TermVector
  readonly relevance: number
}

/**
 * The sentences that tell most of a text, in document order.
 *
 * @remarks
 * With a query: BM25 with neighbour smoothing. Without: nearness to the centre of the text, and
 * the place of the sentence. Then maximal marginal relevance keeps near-duplicates out.
 * Invariant: every sentence stands in the text verbatim; what holds no sentence gives none.
 * Source: docs/sources.md#bm25, docs/sources.md#mmr, docs/sources.md#centroid-summary.
 */
export function summarise(request: SummaryRequest): readonly SummarySentence[] {
  const candidates = withRelevance(request)
  const chosen = choose(candidates, budgetOf(request))
  return chosen
    .toSorted((a, b) => a.start - b.start)
    .map(({ text: quote, start, end, relevance: score }) => ({ quote, start, end, score }))
}

interface Budget {
  readonly sentences: number
  readonly tokens: number
  readonly countTokens: (text: string) => number
}

function budgetOf({ maxSentences, maxTokens, countTokens }: SummaryRequest): Budget {
  const unlimited = maxTokens === undefined ? DEFAULT_SENTENCES : Number.POSITIVE_INFINITY
  return {
    sentences: maxSentences ?? unlimited,
    tokens: maxTokens ?? Number.POSITIVE_INFINITY,
    countTokens: countTokens ?? ((text) => Math.ceil(text.length / 4)),
  }
}

function withRelevance({ text, query }: SummaryRequest): readonly Candidate[] {
  const reader = readerFor(text)
  const sentences = splitSentences(text)
    .filter((s) => (s.kind === 'prose' || s.kind === 'list') && s.text.length <= MAX_LENGTH)
    .map((sentence) => ({ ...sentence, stems: reader.stems(sentence.text) }))
    .filter(({ stems }) => stems.length >= TERMS.min && stems.length <= TERMS.max)
  const space = createTfidfSpace(sentences.map(({ stems }) => stems))
  const vectors = sentences.map(({ stems }) => space.vectorOf(stems))
  const scores =
    query === undefined
      ? centrality(sentences, vectors)
      : smoothNeighbours(
          createBm25Index(sentences.map(({ stems }) => stems)).scores(reader.stems(query)),
        )
  const highest = scores.reduce((most, score) => Math.max(most, score), 0)
  return sentences.flatMap((sentence, index) => {
    const relevance = highest === 0 ? 0 : (scores[index] ?? 0) / highest
    const vector = vectors[index] ?? new Map<string, number>()
    return relevance > 0 ? [{ ...sentence, vector, relevance }] : []
  })
}

/** What a first sentence of the text, and of a paragraph, is worth more; and a question less. */
const PLACE = { text: 0.3, paragraph: 0.1, question: -0.5 } as const

function centrality(sentences: readonly Sentence[], vectors: readonly TermVector[]): Float64Array {
  const centre = centroid(vectors)
  return Float64Array.from(sentences, (sentence, index) => {
    const near = cosine(vectors[index] ?? centre, centre)
    const isFirst = sentences[index - 1]?.paragraph !== sentence.paragraph
    const lead = PLACE.text / (1 + index) + (isFirst ? PLACE.paragraph : 0)
    const isQuestion = /[?？]["'”’)]*$/.test(sentence.text)
    return Math.max(0, near * (1 + lead + (isQuestion ? PLACE.question : 0)))
  })
}

function choose(candidates: readonly Candidate[], budget: Budget): readonly Candidate[] {
  const chosen: Candidate[] = []
  /** Likeness of each candidate to the nearest sentence chosen. */
  const likeness = new Float64Array(candidates.length)
  const open = new Set(candidates.keys())
  let tokens = 0
  while (chosen.length < budget.sentences && open.size > 0) {
    const next = bestOf(candidates, open, likeness)
    const candidate = candidates[next]
    if (candidate === undefined) break
    open.delete(next)
    const cost = budget.countTokens(candidate.text)
    if (tokens + cost > budget.tokens) continue
    tokens += cost
    chosen.push(candidate)
    for (const index of open) {
      const like = cosine(candidates[index]?.vector ?? new Map<string, number>(), candidate.vector)
      if (like > (likeness[index] ?? 0)) likeness[index] = like
      if (like >= DUPLICATE) open.delete(index)
    }
  }
  return chosen
}

/** The open candidate that is most relevant and least like what is chosen. */
function bestOf(
  candidates: readonly Candidate[],
  open: ReadonlySet<number>,
  likeness: Float64Array,
): number {
  let best = -1
  let highest = Number.NEGATIVE_INFINITY
  for (const index of open) {
    const relevance = candidates[index]?.relevance ?? 0
    const value = RELEVANCE * relevance - (1 - RELEVANCE) * (likeness[index] ?? 0)
    if (value > highest) [best, highest] = [index, value]
  }
  return best
}
