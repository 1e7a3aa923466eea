import { type Direction, directionOfWord, isChangeWord, isDeniable } from './change-words.ts'
import { type Lexeme, lex, textOf } from './lexemes.ts'
import type { Quantity } from './quantity.ts'

/** How a statement stands to what it speaks of. */
export interface Stance {
  /** Which way its subject goes or differs; `none` when change or difference is denied. */
  readonly direction: Direction
  /** Whether something in it is denied. */
  readonly isNegated: boolean
  /** Whether it is put with reserve: may, could, perhaps, seems. */
  readonly isHedged: boolean
}

const NEGATION =
  /^(?:no|not|never|nor|neither|without|cannot|nothing|none|nobody|nowhere|hardly|barely|scarcely|failed|fails|unable|lacks?|lacked|absence|little|\p{L}{2,8}n't)$/u
/** `not only`, `no more than`, `no longer`: not a denial of what follows. */
const NO_DENIAL =
  /^(?:only|more|less|fewer|later|longer|doubt|just|until|merely|matter|least|mean|free|without|unlike)$/
const HEDGES =
  /^(?:may|might|could|perhaps|possibly|probably|presumably|potentially|apparently|conceivably|arguably|likely|unlikely|seems?|seemed|appears?|appeared|suggests?|suggested|suggesting|suspects?|suspected|suppose|speculate|believes?|hypothesise|hypothesize|maybe|plausible|plausibly|conceivable)$/
/** Sameness as the predicate: `remained stable`; not `the same roofs`. */
const STEADY =
  /\b(?:is|are|was|were|be|been|remain(?:s|ed)?|stay(?:s|ed)?|held|keeps?|kept|looked) (?:\p{L}+ ){0,3}(?:constant|stable|steady|flat|identical|alike|comparable|similar|equal|the same)(?=[\s,]+(?:in|for|at|to|as|across|between|over|with|on|whether|by|throughout|and|or)\b|[.,;:)]|$)/iu
/** Equal measure: `gave as much in frost as in mild weather`, `just as good`; not `twice as much as`. */
const EQUAL =
  /(?<!\b(?:twice|thrice|times|half|third|quarter|fifth|tenth|not|nearly|almost|so) )\bas (?:much|many|good|well|high|large|strong|often|fast|common|frequent|far)(?: \p{L}+){0,5} as (?:in|with|on|at|under|before|after|without|those|the|for|from|by|ever) |\bjust as (?:much|many|good|well|high|large|strong|often|fast|common)\b|\bin other words,? (?:nil|none|nothing)\b|\bto all intents\b/iu
/** Words between a negation and what it denies. */
const NEGATION_REACH = 6
/** Marks that end a clause. */
const CLAUSE_END = /^[,;:.!?()–—]$/
/** Words that begin a new clause or its verb. */
const NEW_CLAUSE =
  /^(?:had|has|have|was|were|is|are|which|that|who|and|but|than|when|where|if|because|as|so)$/
/** Words behind a `more` or `less` that is a bound or a mere adverb. */
const BOUND_FOLLOWS = /^(?:than|or|to|of|)$|ly$/

/** The stance of one statement, given with the amounts in it (see `quantities`). */
export function stanceOf(text: string, amounts: readonly Quantity[]): Stance {
  const lexemes = lex(text)
  const negations = negationsIn(lexemes)
  return {
    direction:
      deniedChange(lexemes, negations) ??
      measuredChange(amounts) ??
      (STEADY.test(text) || EQUAL.test(text) ? 'none' : wordedChange(lexemes)),
    isNegated: negations.length > 0,
    isHedged: lexemes.some(({ kind, text: word }) => kind === 'word' && HEDGES.test(word)),
  }
}

/** Positions of the words that deny something. */
function negationsIn(lexemes: readonly Lexeme[]): readonly number[] {
  return [...lexemes.keys()].filter((index) => {
    const word = textOf(lexemes, index)
    if (lexemes[index]?.kind !== 'word' || !NEGATION.test(word)) return false
    const isFailure = word.startsWith('fail') && textOf(lexemes, index + 1) !== 'to'
    const isLittle = word === 'little' && /^an?$/.test(textOf(lexemes, index - 1))
    return !isFailure && !isLittle && !NO_DENIAL.test(textOf(lexemes, index + 1))
  })
}

/** `none` when a change, difference or effect is denied. */
function deniedChange(
  lexemes: readonly Lexeme[],
  negations: readonly number[],
): 'none' | undefined {
  const isLittle = lexemes.some(
    ({ text }, index) =>
      text === 'little' &&
      (isDeniable(textOf(lexemes, index - 1)) || isChangeWord(textOf(lexemes, index - 1))),
  )
  if (isLittle) return 'none'
  const isDenied = negations.some((from) => {
    for (let index = from + 1; index <= from + NEGATION_REACH; index++) {
      const word = textOf(lexemes, index)
      if (word === '' || CLAUSE_END.test(word)) return false
      if (index > from + 1 && NEW_CLAUSE.test(word)) return false
      if (isDeniable(word) || isChangeWord(word)) return true
      const direction = directionOfWord(word)
      if (direction === 'up' || direction === 'down') return true
    }
    return false
  })
  return isDenied ? 'none' : undefined
}

function measuredChange(amounts: readonly Quantity[]): Direction | undefined {
  return amounts.find(({ role, direction }) => role === 'change' && direction !== 'unknown')
    ?.direction
}

/** The first verb or noun of change, else a particle, else a comparative, else `more` or `less`. */
function wordedChange(lexemes: readonly Lexeme[]): Direction {
  const words = lexemes.filter((_, index) => isFreeWord(lexemes, index)).map(({ text }) => text)
  const particle = PARTICLE.exec(words.join(' '))?.[1]
  const directed =
    words.find((word) => isChangeWord(word)) ??
    (particle === undefined ? undefined : particle === 'down' ? 'lower' : 'higher') ??
    words.find((word) => isPlain(word) && directionOfWord(word) !== undefined) ??
    words.find((word, index) => !isPlain(word) && !isBound(words, index))
  return directed === undefined ? 'unknown' : (directionOfWord(directed) ?? 'unknown')
}

/** `or more`, `more than`: a bound. */
function isBound(words: readonly string[], index: number): boolean {
  return words[index - 1] === 'or' || BOUND_FOLLOWS.test(words[index + 1] ?? '')
}

function isPlain(word: string): boolean {
  return word !== 'more' && word !== 'less'
}

/** A word that is not the tail of a compound (`mid-rise`) nor of `no longer`. */
function isFreeWord(lexemes: readonly Lexeme[], index: number): boolean {
  const lexeme = lexemes[index]
  if (lexeme?.kind !== 'word') return false
  const before = textOf(lexemes, index - 1)
  const isTail = before === '-' && lexeme.isGlued
  return !isTail && !(lexeme.text === 'longer' && /^(?:no|any)$/.test(before))
}

/** `went down`, `brings the price down`. */
const PARTICLE =
  /\b(?:go|goes|went|gone|come|comes|came|bring|brings|brought|drive|drives|drove|driven|push|pushes|pushed|move|moved|keep|keeps|kept)(?: \p{L}+){0,4} (down|up)\b/u
