import { directionOfWord, isChangeWord } from '../quantities/change-words.ts'
import { type Lexeme, lex, textOf } from '../quantities/lexemes.ts'
import type { Quantity } from '../quantities/quantity.ts'

/** A stretch of a sentence, as UTF-16 offsets into it. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Verbs that take what they change as their object. */
const CHANGING =
  /^(?:cuts?|cutting|reduc(?:e|es|ed|ing)|increas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|lower(?:s|ed|ing)|boost(?:s|ed|ing)?|halv(?:e|es|ed|ing)|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|improv(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|lessen(?:s|ed)?|shorten(?:s|ed)?|lengthen(?:s|ed)?|enhanc(?:e|es|ed)|affect(?:s|ed)?|chang(?:e|es|ed)|alter(?:s|ed)?|sav(?:e|es|ed|ing)|need(?:s|ed)?|us(?:e|es|ed)|suppress(?:es|ed)?|slow(?:s|ed)?|los(?:e|es|ing)|lost|cool(?:s|ed)|warm(?:s|ed)|gain(?:s|ed)?|had|has|have|found|saw)$/
/** Words that end a noun phrase. */
const PHRASE_END =
  /^(?:[.,;:!?()–—]|than|as|was|were|is|are|had|has|have|in|on|at|by|for|from|to|with|without|when|where|while|if|because|since|so|which|who|that|once|after|before|under|during|between|against|per|relative|compared|and|but|or|did|does|do|not)$/
const PARTICIPLE =
  /^(?:not|no longer|been|gone|come|become|begun|risen|fallen|grown|shrunk|lost|\p{L}{3,}(?:ed|en))$/u
/** `save on bills`, `cut down on waste`. */
const ON = /^on$/
const MEASURE_LINK = /^(?:of|in)$/
/** Lexemes of an object phrase. */
const REACH = 7

/**
 * Where a sentence says what its change or difference is a change of: the object of `cut aphid
 * numbers by`, the noun of `less electricity`, else the subject.
 *
 * @returns nothing where the sentence has no such change.
 */
export function outcomeStretches(text: string, amounts: readonly Quantity[]): readonly Stretch[] {
  const lexemes = lex(text)
  const at = pivotOf(lexemes, amounts)
  if (at === undefined) return []
  const clauseStart = startOfClause(lexemes, at)
  const behind = nounBehind(lexemes, at)
  const object = behind ?? objectBefore(lexemes, { from: clauseStart, to: at })
  if (object !== undefined) return [object]
  const subject = stretchOf(lexemes, clauseStart, at)
  const owner = ownerBehind(lexemes, at)
  return [subject, owner].flatMap((stretch) => stretch ?? [])
}

/** The lexeme at which the change is stated: that of its amount, else its first word of change. */
function pivotOf(lexemes: readonly Lexeme[], amounts: readonly Quantity[]): number | undefined {
  const change = amounts.find(({ role }) => role === 'change')
  const index = lexemes.findIndex(({ kind, start, text }) =>
    change === undefined
      ? kind === 'word' && directionOfWord(text) !== undefined
      : start >= change.start,
  )
  return index === -1 ? undefined : index
}

/** Behind the last comma, semicolon or conjunction that opens the clause of lexeme `at`. */
function startOfClause(lexemes: readonly Lexeme[], at: number): number {
  for (let index = at - 1; index >= 0; index--) {
    const word = textOf(lexemes, index)
    if (/^[;:,–—]$/.test(word) || /^(?:while|whereas|but|that|when)$/.test(word)) {
      // A mere `, on average,` or `, with a reduction of` still belongs to the subject before it.
      const isShort = at - index <= 3 && /^,$/.test(word)
      if (!isShort) return index + 1
    }
  }
  return 0
}

/** The noun behind `18 per cent less …`, `twice as many …`, `a tenth more …`. */
function nounBehind(lexemes: readonly Lexeme[], at: number): Stretch | undefined {
  for (let index = at; index < at + REACH && index < lexemes.length; index++) {
    if (!/^(?:more|less|fewer|many|much)$/.test(textOf(lexemes, index))) continue
    const stretch = phraseFrom(lexemes, index + 1)
    if (stretch !== undefined) return stretch
  }
  return undefined
}

/** The object of the last changing verb of the clause. */
function objectBefore(
  lexemes: readonly Lexeme[],
  { from, to }: { readonly from: number; readonly to: number },
): Stretch | undefined {
  for (let index = to; index >= from; index--) {
    const word = textOf(lexemes, index)
    if (!CHANGING.test(word)) continue
    const next = textOf(lexemes, index + 1)
    // `had gone down` and `has not changed` have no object.
    if (/^(?:had|has|have)$/.test(word) && PARTICIPLE.test(next)) continue
    return phraseFrom(lexemes, ON.test(next) ? index + 2 : index + 1)
  }
  return undefined
}

/** The noun phrase that starts at lexeme `from`, if it holds a word. */
function phraseFrom(lexemes: readonly Lexeme[], from: number): Stretch | undefined {
  let to = from
  while (to < from + REACH && to < lexemes.length) {
    const word = textOf(lexemes, to)
    const isLink = MEASURE_LINK.test(word) && to > from
    if (lexemes[to]?.kind === 'number' || (PHRASE_END.test(word) && !isLink) || isChangeWord(word))
      break
    to++
  }
  const hasNoun = lexemes
    .slice(from, to)
    .some(({ kind, text }) => kind === 'word' && text.length > 3)
  return hasNoun ? stretchOf(lexemes, from, to) : undefined
}

/** `lost 0.02 of their solar reflectance`. */
function ownerBehind(lexemes: readonly Lexeme[], at: number): Stretch | undefined {
  for (let index = at; index < at + REACH; index++) {
    const isOwner =
      textOf(lexemes, index) === 'of' &&
      /^(?:the|their|its|his|her|our|all)$/.test(textOf(lexemes, index + 1))
    if (isOwner) return phraseFrom(lexemes, index + 2)
  }
  return undefined
}

function stretchOf(lexemes: readonly Lexeme[], from: number, to: number): Stretch | undefined {
  const start = lexemes[from]?.start
  const end = lexemes[to - 1]?.end
  return start === undefined || end === undefined || end <= start ? undefined : { start, end }
}
