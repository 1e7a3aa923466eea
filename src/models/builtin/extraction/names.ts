/** A name in a text; offsets are UTF-16. */
export interface NameMention {
  readonly start: number
  readonly end: number
}

/** A run of capitalised words with the small words that names contain. */
const NAME =
  /\p{Lu}[\p{L}\p{M}'’.-]*(?:(?: (?:of|the|de|la|le|von|van|der|den|del|di|da|du|bin|al|and|&))? \p{Lu}[\p{L}\p{M}'’.-]*){0,5}(?: (?:[IVX]{1,5}|\d{1,3})\b)?/gu
const SENTENCE_START =
  /^(?:the|a|an|in|on|at|it|he|she|they|we|this|that|these|those|when|while|after|before|during|for|from|with|by|as|if|but|and|or|however|although|though|since|because|there|here|what|who|where|which|how|his|her|its|their|our|one|two|three|some|many|most|all|each|other|another|both|no|not|only|such|under|over|to|of|also|later|then|thus|until|upon|today|according|despite|through|because|among|between|like|unlike|several|following)$/i
const ORGANISATION =
  /\b(?:university|college|school|institute|company|corporation|corp|inc|ltd|llc|gmbh|plc|bank|ministry|department|agency|council|committee|commission|association|society|foundation|union|league|club|party|museum|army|navy|church|court|parliament|senate|press|times|group|authority|office|laborator(?:y|ies)|hospital|board|centre|center)\b/i
const PERSON_TITLE =
  /(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Lord|Lady|King|Queen|President|Prince|Princess|Pope|Saint|St|Captain|General|Colonel|Senator|Judge|Minister|Chancellor|Emperor|Count|Duke|Bishop|Chief|Coach)\.? )$/
const PLACE_LEAD =
  /\b(?:in|at|from|to|near|into|across|around|outside|inside|throughout|towards?|via|of)\s+(?:the\s+)?(?:\p{L}+ern\s+|\p{L}+\s+of\s+)?$/u
/** Names of events, works and honours. */
const EVENT =
  /\b(?:awards?|prizes?|bowl|games?|championships?|cups?|olympics|acts?|wars?|treaty|bible|empire|programs?|programmes?|project|mission|revolution|festival|conference)\b/i
const PLACE_WORD =
  /\b(?:city|town|county|state|river|lake|mountains?|valley|island|bay|sea|ocean|street|avenue|park|stadium|square|bridge|airport|station|province|republic|kingdom|garden|palace|castle|hall|house|hotel|field|center|centre)\b/i
const MONTH_OR_DAY =
  /^(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b/

/** Runs of capitalised words in `text` that are names, in order. */
export function names(text: string): readonly NameMention[] {
  return [...text.matchAll(NAME)].flatMap((match) => {
    const trimmed = withoutStarter(match[0])
    const start = match.index + match[0].length - trimmed.length
    const written = trimmed.replace(/['’]s$/, '').replace(/[.'’-]+$/, '')
    const isLone =
      start === firstLetter(text) && !/\s/.test(written) && /^\p{Lu}\p{Ll}+$/u.test(written)
    if (written.length < 2 || MONTH_OR_DAY.test(written)) return []
    return isLone && SENTENCE_START.test(written) ? [] : [{ start, end: start + written.length }]
  })
}

/** Names that may be of persons. */
export function persons(text: string): readonly NameMention[] {
  return names(text).filter(({ start, end }) => {
    const name = text.slice(start, end)
    const isPlaced = /\b(?:in|at|near|into|across|around) (?:the )?$/.test(
      text.slice(Math.max(0, start - 12), start),
    )
    return !isPlaced && ![ORGANISATION, PLACE_WORD, EVENT].some((pattern) => pattern.test(name))
  })
}

/** Names written with a title, or two to four plain capitalised words: persons for certain. */
export function titledPersons(text: string): readonly NameMention[] {
  return persons(text).filter(({ start, end }) => {
    const isTitled = PERSON_TITLE.test(text.slice(Math.max(0, start - 12), start))
    return (
      isTitled || /^\p{Lu}[\p{L}'’.-]+(?: \p{Lu}[\p{L}'’.-]*){1,3}$/u.test(text.slice(start, end))
    )
  })
}

/** Names of organisations: those that say so, and bare capitals such as `NASA`. */
export function organisations(text: string): readonly NameMention[] {
  return names(text).filter(({ start, end }) => {
    const name = text.slice(start, end)
    return ORGANISATION.test(name) || /^\p{Lu}{2,6}$/u.test(name)
  })
}

/** Names that may be of places: behind a preposition of place, or saying so. */
export function places(text: string): readonly NameMention[] {
  return names(text).filter(({ start, end }) => {
    const lead = text.slice(Math.max(0, start - 40), start)
    return PLACE_LEAD.test(lead) || PLACE_WORD.test(text.slice(start, end))
  })
}

function withoutStarter(name: string): string {
  const first = /^\S+/.exec(name)?.[0] ?? ''
  return SENTENCE_START.test(first) && name.length > first.length
    ? name.slice(first.length).trimStart()
    : name
}

function firstLetter(text: string): number {
  return text.search(/\p{L}/u)
}
