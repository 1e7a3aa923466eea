import { countTerms, createTermReader, languageOf, tokenise } from '../../../language/index.ts'

/** A text whose label is known. */
export interface LabelledText {
  readonly text: string
  readonly label: string
}

/** Which label fits a text best. */
export interface Classification {
  /** `null` when nothing in the examples speaks for any label, or two speak equally. */
  readonly label: string | null
  /** Posterior probability by label, 0 to 1; together 1. */
  readonly scores: Readonly<Record<string, number>>
  /** The words that decided, or why none did. */
  readonly reason: string
}

/** Added to each count, so that a word unseen with a label does not rule it out. */
const SMOOTHING = 0.3
/** Two labels closer than this, as a difference of probability, are a tie. */
const TIE = 0.02
/** Words named in the reason. */
const MAX_REASONS = 4

/**
 * Labels a text by examples.
 *
 * @remarks
 * Complement naive Bayes over stems with length-normalised counts and no prior of the labels, so
 * that unequal numbers of examples do not decide.
 * Source: docs/sources.md#complement-naive-bayes (Rennie et al. 2003).
 */
export function classify({
  text,
  examples,
}: {
  readonly text: string
  readonly examples: readonly LabelledText[]
}): Classification {
  const stemsOf = stemmerFor([text, ...examples.map((example) => example.text)])
  const model = train(examples, stemsOf)
  const labels = [...model.counts.keys()]
  const even = Object.fromEntries(labels.map((label) => [label, 1 / labels.length]))
  const known = stemsOf(text).filter((stem) => model.total.has(stem))
  const isSolitary = labels.length === 1
  if (labels.length === 0) return { label: null, scores: {}, reason: 'there are no examples' }
  if (known.length === 0) {
    return { label: null, scores: even, reason: 'no word of the text occurs in the examples' }
  }
  const evidence = weighEvidence(model, known)
  const scores = posterior(labels, evidence)
  const [first, second] = Object.entries(scores).toSorted(([, a], [, b]) => b - a)
  const lead = (first?.[1] ?? 0) - (second?.[1] ?? 0)
  if (first === undefined || (lead < TIE && !isSolitary)) {
    return { label: null, scores, reason: 'the examples speak for several labels alike' }
  }
  return { label: first[0], scores, reason: reasonOf(evidence, first[0]) }
}

function stemmerFor(texts: readonly string[]): (text: string) => readonly string[] {
  const sample = tokenise(texts.join(' ').slice(0, 8_000)).map((token) => token.text)
  const reader = createTermReader(languageOf(sample))
  return (text) => reader.stems(text)
}

interface Model {
  /** Share of each stem among those of each label's examples, summed over examples. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly total: ReadonlyMap<string, number>
}

function train(
  examples: readonly LabelledText[],
  stemsOf: (text: string) => readonly string[],
): Model {
  const counts = new Map<string, Map<string, number>>()
  const total = new Map<string, number>()
  for (const { text, label } of examples) {
    const own = counts.get(label) ?? new Map<string, number>()
    counts.set(label, own)
    const stems = countTerms(stemsOf(text))
    const length = Math.sqrt(sum([...stems.values()].map((count) => count * count))) || 1
    for (const [stem, count] of stems) {
      const part = count / length
      own.set(stem, (own.get(stem) ?? 0) + part)
      total.set(stem, (total.get(stem) ?? 0) + part)
    }
  }
  return { counts, total }
}

/** By label, how much each known stem speaks for it rather than for the others. */
type Evidence = ReadonlyMap<string, ReadonlyMap<string, number>>

function weighEvidence({ counts, total }: Model, known: readonly string[]): Evidence {
  const vocabulary = total.size
  const all = sum(total.values())
  const occurrences = countTerms(known)
  return new Map(
    [...counts].map(([label, own]) => {
      const ownAll = sum(own.values())
      const weights = [...occurrences].map(([stem, count]) => {
        const inside = share(own.get(stem) ?? 0, ownAll, vocabulary)
        const outside = share(
          (total.get(stem) ?? 0) - (own.get(stem) ?? 0),
          all - ownAll,
          vocabulary,
        )
        return [stem, Math.log1p(count) * Math.log(inside / outside)] as const
      })
      return [label, new Map(weights)] as const
    }),
  )
}

function share(count: number, all: number, vocabulary: number): number {
  return (Math.max(0, count) + SMOOTHING) / (Math.max(0, all) + SMOOTHING * vocabulary)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function posterior(
  labels: readonly string[],
  evidence: Evidence,
): Readonly<Record<string, number>> {
  const sums = labels.map((label) => sum(evidence.get(label)?.values() ?? []))
  const highest = sums.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const powers = sums.map((value) => Math.exp(value - highest))
  const all = sum(powers)
  return Object.fromEntries(labels.map((label, index) => [label, (powers[index] ?? 0) / all]))
}

function reasonOf(evidence: Evidence, label: string): string {
  const deciding = [...(evidence.get(label) ?? [])]
    .filter(([, weight]) => weight > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_REASONS)
    .map(([stem]) => stem)
  return deciding.length === 0
    ? `the words of the text speak least against "${label}"`
    : `words like ${deciding.join(', ')} stand in the examples of "${label}"`
}
