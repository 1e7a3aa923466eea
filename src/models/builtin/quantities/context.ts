import { type Direction, directionOfWord, isChangeWord, isComparative } from './change-words.ts'
import { type Lexeme, isWord, textOf } from './lexemes.ts'

/** What the words around an amount say about it. */
export interface AmountContext {
  /** `change` when it is an amount of change or difference, not a level. */
  readonly role: 'level' | 'change'
  /** Which way; `unknown` for levels. */
  readonly direction: Direction
  readonly bound: 'exact' | 'at-least' | 'at-most'
  readonly isApproximate: boolean
}

const LEADS =
  /^(?:about|around|roughly|approximately|some|nearly|almost|circa|ca|c|~|≈|only|just|another|an?|the|on|average|mean|of|up|to|more|than|as|much|many|little|further|at|least|most|over|under|above|below|well|a|mere|full|slightly|fully|good|less|fewer|no|not|or|within|estimated|exceeding|between|from|exactly|and|likewise|again|fairly|close|another|barely|scarcely|hardly|beyond|>|<|≥|≤|:|,|\()$/
const APPROXIMATE =
  /^(?:about|around|roughly|approximately|some|nearly|almost|circa|ca|c|~|≈|estimated|close|good)$/
const DIFFERENCE =
  /^(?:differ(?:s|ed|ing|ences?|ential)?|gaps?|margins?|contrasts?|chang(?:e|es|ed|ing)|shifted|advantages?|penalt(?:y|ies)|savings?|beat|beats|apart|swings?|effects?|extra|additional)$/

/** Lexemes looked at before an amount: `reduced the yearly cost of heating by about` fits. */
const REACH = 10

/** Reads the words around the amount in lexemes `from` to `next` (exclusive). */
export function readContext(
  lexemes: readonly Lexeme[],
  { from, next }: { readonly from: number; readonly next: number },
): AmountContext {
  const leads: string[] = []
  let at = from - 1
  while (leads.length < 6 && LEADS.test(textOf(lexemes, at))) leads.push(textOf(lexemes, at--))
  const behind = changeBehind(lexemes, next)
  const change = behind ?? changeBefore(lexemes, { at, leads })
  return {
    role: change === undefined ? 'level' : 'change',
    direction: change ?? 'unknown',
    bound: boundOf(leads, [textOf(lexemes, next), textOf(lexemes, next + 1)]),
    isApproximate:
      leads.some((word) => APPROXIMATE.test(word)) || textOf(lexemes, next + 1) === 'so',
  }
}

/** `leads` run backwards from the amount. */
function boundOf(leads: readonly string[], behind: readonly string[]): AmountContext['bound'] {
  const lead = leads.slice(0, 4).toReversed().join(' ')
  if (behind[0] === 'or' && /^(?:more|above|over|longer|higher)$/.test(behind[1] ?? ''))
    return 'at-least'
  if (behind[0] === 'or' && /^(?:less|fewer|below|under|lower)$/.test(behind[1] ?? ''))
    return 'at-most'
  if (/\b(?:no|not) (?:more|over)\b|\bat most\b|\bup to\b|\bwithin\b|[<≤]/.test(lead))
    return 'at-most'
  if (/\b(?:no|not) (?:less|fewer)\b|\bat least\b|[>≥]/.test(lead)) return 'at-least'
  if (/\b(?:less|fewer) than\b|\b(?:under|below)$/.test(lead)) return 'at-most'
  return /\bmore than\b|\b(?:over|above|exceeding|beyond)$/.test(lead) ? 'at-least' : 'exact'
}

/** `12 % lower`, `a 12 % annual reduction`, `5 °C below`, `18 per cent less electricity`. */
function changeBehind(lexemes: readonly Lexeme[], next: number): Direction | undefined {
  const at = textOf(lexemes, next) === '-' ? next + 1 : next
  const first = textOf(lexemes, at)
  if (!isWord(lexemes, at) || PHRASE_END.test(first)) return undefined
  // `19 per cent under rub` says where, `5 °C under that of the other` how much less.
  const isPlace = /^(?:under|over)$/.test(first) && !REFERENCE.test(textOf(lexemes, at + 1))
  if (isPlace) return undefined
  if (/^(?:below|under|short|off)$/.test(first)) return 'down'
  if (/^(?:above|over|beyond|extra)$/.test(first)) return 'up'
  const second = textOf(lexemes, at + 1)
  const isOneWord = PHRASE_END.test(second) || /^(?:below|under|short|off|above|over)$/.test(second)
  return changeNamed(first) ?? (isOneWord ? undefined : changeNamed(second))
}

/** What an amount may lie under or over. */
const REFERENCE = /^(?:that|those|what|the|its|their|normal|average|usual|\P{L}*)$/u
/** Words behind which another phrase begins. */
const PHRASE_END =
  /^(?:or|than|and|of|in|at|to|from|for|on|with|by|per|were|was|had|is|are|\P{L}*)$/u

function changeNamed(word: string): Direction | undefined {
  const isUnsigned = /^(?:differences?|changes?|gaps?|shifts?|apart)$/.test(word)
  return directionOfWord(word) ?? (isUnsigned ? 'unknown' : undefined)
}

/** `fell by`, `an increase in cost of`, `rose`, `lost`, `differed by`. */
function changeBefore(
  lexemes: readonly Lexeme[],
  { at, leads }: { readonly at: number; readonly leads: readonly string[] },
): Direction | undefined {
  const word = textOf(lexemes, at)
  if (isAmountVerb(word)) return directionOfWord(word) ?? 'unknown'
  const isBy = word === 'by'
  const isOf = isBy || leads.includes('of')
  if (isOf) return lastChange(lexemes, at, isAnyChange) ?? (isBy ? 'unknown' : undefined)
  return COPULA.test(word) ? lastChange(lexemes, at, isDifferenceNoun) : undefined
}

const COPULA = /^(?:was|were|is|averaged|reached|remained|came|amounted|being)$/

/** The nearest word of change before lexeme `at` in its clause. */
function lastChange(
  lexemes: readonly Lexeme[],
  at: number,
  accepts: (word: string) => boolean,
): Direction | undefined {
  for (let index = at; index > at - REACH && index >= 0; index--) {
    const word = textOf(lexemes, index)
    if (/^[.;:!?()]$/.test(word)) return undefined
    if (accepts(word)) return directionOfWord(word) ?? 'unknown'
    if (DIFFERENCE.test(word)) return 'unknown'
  }
  return undefined
}

function isAnyChange(word: string): boolean {
  return isChangeWord(word) || isComparative(word)
}

/** A verb that takes its amount without `by`: `rose 12 %`, `lost 0.2`; not nouns like `rise`. */
function isAmountVerb(word: string): boolean {
  return /^(?:rose|rise|risen|rises|save|lose|gain|add|grow|fall|drop|increase|decrease|decline|fell|falls|fallen|dropped|drops|gained|gains|lost|losing|loses|grew|grows|grown|increased|increases|decreased|decreases|declined|declines|climbed|shrank|shed|slipped|jumped|soared|surged|plunged|up|down|saved|saves|saving|added|adds|cut|cuts|dipped|advanced)$/.test(
    word,
  )
}

/** `the reduction in cost was 5`, `the difference came to 5`. */
function isDifferenceNoun(word: string): boolean {
  return /^(?:reductions?|increases?|decreases?|declines?|drops?|rises?|falls?|loss(?:es)?|gains?|growth|savings?|improvements?)$/.test(
    word,
  )
}
