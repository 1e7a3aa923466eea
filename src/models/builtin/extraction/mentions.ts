import { type Sentence, splitSentences } from '../../../language/index.ts'

import { type Field, KIND_WORD, stemsOf } from './fields.ts'
import { type NameMention, organisations, places, titledPersons } from './names.ts'
import { type ScalarMention, isKnownFormat, scalarMentions } from './scalars.ts'

/** A value found in running text, with the sentence it stands in; offsets are UTF-16. */
export interface Finding extends ScalarMention {
  readonly quoteStart: number
  readonly quoteEnd: number
}

/** Sentences of a text, ready to be searched for several fields. */
export interface Haystack {
  readonly text: string
  readonly sentences: readonly (Sentence & { readonly stems: ReadonlySet<string> })[]
}

/** Longest sentence searched, in characters. */
const MAX_LENGTH = 2_000

/** Prepares `text` for `findMention`. */
export function toHaystack(text: string): Haystack {
  const sentences = splitSentences(text)
    .filter(({ kind, start, end }) => kind !== 'heading' && end - start <= MAX_LENGTH)
    .map((sentence) => ({ ...sentence, stems: new Set(stemsOf(sentence.text)) }))
  return { text, sentences }
}

/** Share of a field's name that the sentence must hold. */
const MIN_NAME = 0.5

/**
 * The value of the field's type that stands nearest to its name in running text; where the text
 * holds a single address, link or identifier, that one.
 */
export function findMention(field: Field, haystack: Haystack): Finding | undefined {
  const named = haystack.sentences
    .map((sentence) => ({ sentence, match: namedIn(field, sentence.stems) }))
    .filter(({ match }) => match >= MIN_NAME)
    .toSorted((a, b) => b.match - a.match || a.sentence.start - b.sentence.start)
  for (const { sentence } of named) {
    const mention = nearestMention(field, sentence)
    if (mention !== undefined) return toFinding(sentence, mention)
  }
  return soleMention(field, haystack)
}

/** How much of the field's name the sentence holds, and a little of its hints. */
function namedIn({ names, hints }: Field, stems: ReadonlySet<string>): number {
  const best = names.reduce((most, name) => {
    const held = name.filter((part) => stems.has(part) || KIND_WORD.test(part)).length
    const isNamed = name.some((part) => stems.has(part))
    return isNamed ? Math.max(most, held / name.length) : most
  }, 0)
  const hinted = [...hints].filter((hint) => stems.has(hint)).length
  return best === 0 && hinted < 2 ? 0 : Math.max(best, 0.5) + 0.1 * Math.min(hinted, 3)
}

function nearestMention(field: Field, sentence: Sentence): ScalarMention | undefined {
  const mentions = mentionsOf(field, sentence.text)
  const keys = keyPlaces(field, sentence.text)
  const distance = ({ start, end }: ScalarMention): number =>
    keys.length === 0
      ? start
      : Math.min(...keys.map((at) => (at < start ? start - at : (at - end) * 1.5)))
  return mentions.toSorted((a, b) => distance(a) - distance(b))[0]
}

function mentionsOf(field: Field, text: string): readonly ScalarMention[] {
  const isFree = field.type === 'string' && field.enum === undefined && !isKnownFormat(field.format)
  if (!isFree) return field.type === 'boolean' ? [] : scalarMentions(field, text)
  return namedThings(field.wording, text).map(({ start, end }) => ({
    value: text.slice(start, end),
    start,
    end,
  }))
}

const PERSON =
  /\b(?:person|author|contact|manager|customer|client|owner|director|employee|patient|doctor|signatory|recipient|sender|applicant|candidate|ceo|founder|researcher|investigator|full name|first name|last name|surname|lead|chair|speaker|name)\b/i
const ORGANISATION =
  /\b(?:company|organi[sz]ation|employer|vendor|supplier|institution|university|agency|firm|publisher|manufacturer|provider|bank|school|hospital|buyer|seller|affiliation)\b/i
const PLACE =
  /\b(?:city|town|country|location|place|venue|region|site|address|state|county|birthplace|origin|destination)\b/i

function namedThings(wording: string, text: string): readonly NameMention[] {
  if (ORGANISATION.test(wording)) return organisations(text)
  if (PLACE.test(wording)) return places(text)
  return PERSON.test(wording) ? titledPersons(text) : []
}

function keyPlaces(field: Field, text: string): readonly number[] {
  const names = new Set(field.names.flat())
  return [...text.matchAll(/[\p{L}\p{N}]+/gu)]
    .filter(([word]) => stemsOf(word).some((part) => names.has(part)))
    .map(({ index }) => index)
}

function soleMention(field: Field, { sentences }: Haystack): Finding | undefined {
  if (!/^(?:email|uri|uuid)$/.test(field.format ?? '')) return undefined
  const found = sentences.flatMap((sentence) =>
    scalarMentions(field, sentence.text).map((mention) => toFinding(sentence, mention)),
  )
  return new Set(found.map(({ value }) => value)).size === 1 ? found[0] : undefined
}

function toFinding(sentence: Sentence, { value, start, end }: ScalarMention): Finding {
  return {
    value,
    start: sentence.start + start,
    end: sentence.start + end,
    quoteStart: sentence.start,
    quoteEnd: sentence.end,
  }
}
