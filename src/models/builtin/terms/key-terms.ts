import {
  type TermReader,
  type Token,
  createTermReader,
  languageOf,
  splitSentences,
  stopWords,
  tokenise,
} from '../../../language/index.ts'

/** A word or phrase that a text is about. */
export interface KeyTerm {
  /** In its most frequent spelling, as written somewhere in the text. */
  readonly term: string
  /** How often it occurs, in any inflection; 1 and up. */
  readonly count: number
  /** 0 to 1, the first term having 1. */
  readonly score: number
}

/** Longest phrase, in words. */
const MAX_WORDS = 3
/** Tokens read of a text; more do not change what it is about. */
const MAX_TOKENS = 200_000
/** Words that form no term by themselves nor at either end of one. */
const WEAK = new Set(
  (
    'new old first second third last next many several various different important large small high low ' +
    'good great long short early late main major certain possible available able recent common general ' +
    'specific particular following based including according known called said say says year years day ' +
    'days time times way ways thing things lot number part kind example used using use make made take ' +
    'taken well even still also however therefore two three four five six seven eight nine ten'
  ).split(' '),
)

interface Phrase {
  readonly stems: readonly string[]
  readonly spellings: Map<string, number>
  count: number
}

/**
 * The terms a text is about, heaviest first.
 *
 * @remarks
 * Candidates are runs of up to three words between stop words and punctuation, counted by stem
 * (as in RAKE); each scores by how often it occurs and, if of several words, by how often its
 * words occur together rather than apart (C-value against nested terms). No two results share all
 * their stems.
 * Source: docs/sources.md#rake, docs/sources.md#c-value.
 *
 * @param limit - most terms to give, 1 and up.
 */
export function keyTerms({
  text,
  limit,
}: {
  readonly text: string
  readonly limit: number
}): readonly KeyTerm[] {
  const phrases = collect(text)
  const nested = nesting(phrases)
  const scored = [...phrases.values()]
    .map((phrase) => ({ phrase, score: scoreOf(phrase, nested.get(phrase)) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (keyOf(a.phrase) < keyOf(b.phrase) ? -1 : 1))
  return distinct(scored, limit)
}

function collect(text: string): ReadonlyMap<string, Phrase> {
  const phrases = new Map<string, Phrase>()
  const language = languageOf(tokenise(text.slice(0, 4_000)).map((token) => token.text))
  const reader = createTermReader(language)
  const stops = stopWords(language)
  let budget = MAX_TOKENS
  for (const sentence of splitSentences(text)) {
    if (sentence.kind === 'code' || budget <= 0) continue
    const tokens = tokenise(sentence.text)
    budget -= tokens.length
    for (const run of runs(sentence.text, tokens, stops)) {
      for (const words of windows(run)) add(phrases, sentence.text, { words, reader })
    }
  }
  return phrases
}

/** Stretches of words without a stop word, number or mark between them. */
function runs(
  text: string,
  tokens: readonly Token[],
  stops: ReadonlySet<string>,
): readonly (readonly Token[])[] {
  const found: Token[][] = []
  let run: Token[] = []
  let end = -1
  for (const token of tokens) {
    const isJoined = end >= 0 && /^[\s\u00a0-]{1,2}$/.test(text.slice(end, token.start))
    const isWord = /^\p{L}[\p{L}\p{N}'-]{1,39}$/u.test(token.text) && !stops.has(token.text)
    if (!isJoined || !isWord) {
      if (run.length > 0) found.push(run)
      run = []
    }
    if (isWord) run.push(token)
    end = token.end
  }
  return run.length > 0 ? [...found, run] : found
}

function windows(run: readonly Token[]): readonly (readonly Token[])[] {
  return run.flatMap((_, start) =>
    Array.from({ length: Math.min(MAX_WORDS, run.length - start) }, (_unused, extra) =>
      run.slice(start, start + extra + 1),
    ),
  )
}

function add(
  phrases: Map<string, Phrase>,
  text: string,
  { words, reader }: { readonly words: readonly Token[]; readonly reader: TermReader },
): void {
  const first = words[0]
  const last = words.at(-1)
  if (first === undefined || last === undefined) return
  if (WEAK.has(first.text) || WEAK.has(last.text) || last.text.length < 3) return
  const stems = words.map((word) => reader.stemOf(word.text))
  if (new Set(stems).size < stems.length) return
  const key = stems.join(' ')
  const spelling = text.slice(first.start, last.end).replaceAll(/\s+/g, ' ')
  const phrase = phrases.get(key) ?? { stems, spellings: new Map<string, number>(), count: 0 }
  phrase.count++
  phrase.spellings.set(spelling, (phrase.spellings.get(spelling) ?? 0) + 1)
  phrases.set(key, phrase)
}

interface Nesting {
  /** Occurrences inside longer candidates, and in how many different ones. */
  readonly count: number
  readonly phrases: number
}

/** Occurrences of each phrase inside longer phrases that occur more than once. */
function nesting(phrases: ReadonlyMap<string, Phrase>): ReadonlyMap<Phrase, Nesting> {
  const nested = new Map<Phrase, Nesting>()
  for (const outer of phrases.values()) {
    if (outer.stems.length < 2 || outer.count < 2) continue
    for (const key of partsOf(outer.stems)) {
      const inner = phrases.get(key)
      if (inner === undefined) continue
      const before = nested.get(inner) ?? { count: 0, phrases: 0 }
      nested.set(inner, { count: before.count + outer.count, phrases: before.phrases + 1 })
    }
  }
  return nested
}

function partsOf(stems: readonly string[]): ReadonlySet<string> {
  const parts = new Set<string>()
  for (let start = 0; start < stems.length; start++) {
    for (let end = start + 1; end <= stems.length; end++) {
      if (end - start < stems.length) parts.add(stems.slice(start, end).join(' '))
    }
  }
  return parts
}

/** C-value: frequency, less what longer terms explain, more for each further word. */
function scoreOf({ stems, count }: Phrase, nested: Nesting | undefined): number {
  // A phrase met once may be a chance neighbourhood of words.
  if (stems.length > 1 && count < 2) return 0
  const explained = nested === undefined ? 0 : nested.count / nested.phrases
  return Math.log2(1 + stems.length) * Math.max(0, count - explained / 2)
}

function keyOf({ stems }: Phrase): string {
  return stems.join(' ')
}

function distinct(
  scored: readonly { readonly phrase: Phrase; readonly score: number }[],
  limit: number,
): readonly KeyTerm[] {
  const highest = scored[0]?.score ?? 1
  const terms: KeyTerm[] = []
  const covered = new Set<string>()
  for (const { phrase, score } of scored) {
    if (terms.length >= limit) break
    if (phrase.stems.every((stem) => covered.has(stem))) continue
    for (const stem of phrase.stems) covered.add(stem)
    terms.push({ term: commonest(phrase.spellings), count: phrase.count, score: score / highest })
  }
  return terms
}

function commonest(spellings: ReadonlyMap<string, number>): string {
  return [...spellings].reduce((best, next) => (next[1] > best[1] ? next : best), [
    '',
    0,
  ] as const)[0]
}
