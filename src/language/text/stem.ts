import { EXCEPTIONS, KEEP_ING, PREFIXES, type Rule, STEP_2, STEP_3, STEP_4 } from './stem-rules.ts'

const VOWELS = 'aeiouy'
const DOUBLES = new Set(['bb', 'dd', 'ff', 'gg', 'mm', 'nn', 'pp', 'rr', 'tt'])

/** A word under way: `Y` is a consonantal y; the regions are offsets into it. */
interface Word {
  readonly text: string
  readonly r1: number
  readonly r2: number
}

/**
 * The English stem of a lower-case word: `relational` and `relate` both give `relat`.
 *
 * @remarks
 * Words with a letter outside a–z come back unchanged.
 * Source: docs/sources.md#porter2 (Snowball "english", 3.1 rules), checked against its vocabulary.
 */
export function stem(word: string): string {
  if (word.length <= 2 || !/^[a-z']+$/.test(word)) return word
  const exception = EXCEPTIONS.get(word)
  if (exception !== undefined) return exception
  const start = withRegions(markConsonantY(word.replace(/^'/, '')))
  const steps = [step1a, step1b, step1c, step2, step3, step4, step5]
  let at = start
  for (const step of steps) at = { ...start, text: step(at) }
  return at.text.replaceAll('Y', 'y')
}

function isVowel(text: string, index: number): boolean {
  return index >= 0 && index < text.length && VOWELS.includes(text.charAt(index))
}

function isConsonant(text: string, index: number): boolean {
  return index >= 0 && index < text.length && !VOWELS.includes(text.charAt(index))
}

function hasVowel(text: string): boolean {
  return /[aeiouy]/.test(text)
}

function markConsonantY(word: string): string {
  let marked = ''
  for (let index = 0; index < word.length; index++) {
    const letter = word.charAt(index)
    const isMarked = letter === 'y' && (index === 0 || isVowel(marked, index - 1))
    marked += isMarked ? 'Y' : letter
  }
  return marked
}

/** Offset behind the first consonant that follows a vowel, from `from` on. */
function regionAfter(text: string, from: number): number {
  for (let index = from + 1; index < text.length; index++) {
    if (isConsonant(text, index) && isVowel(text, index - 1)) return index + 1
  }
  return text.length
}

function withRegions(text: string): Word {
  const prefix = PREFIXES.find((beginning) => text.startsWith(beginning))
  const r1 = prefix?.length ?? regionAfter(text, 0)
  return { text, r1, r2: regionAfter(text, r1) }
}

/** Whether `text` ends in a short syllable. */
function endsShort(text: string): boolean {
  const last = text.length - 1
  if (text.endsWith('past')) return true
  if (!isConsonant(text, last) || !isVowel(text, last - 1)) return false
  return last === 1 || (isConsonant(text, last - 2) && !'wxY'.includes(text.charAt(last)))
}

function step1a({ text: word }: Word): string {
  const text = word.replace(/'s'$|'s$|'$/, '')
  if (text.endsWith('sses')) return text.slice(0, -2)
  if (/ie[ds]$/.test(text)) return text.slice(0, text.length > 4 ? -2 : -1)
  if (!text.endsWith('s') || /[us]s$/.test(text)) return text
  return hasVowel(text.slice(0, -2)) ? text.slice(0, -1) : text
}

function step1b(word: Word): string {
  const { text, r1 } = word
  const eed = /eed(?:ly)?$/.exec(text)
  if (eed !== null) {
    const before = text.slice(0, eed.index)
    const isKept = ['proc', 'exc', 'succ'].includes(before) || eed.index < r1
    return isKept ? text : `${before}ee`
  }
  const ending = /(?:ed|ing)(?:ly)?$/.exec(text)
  if (ending === null) return text
  const base = text.slice(0, ending.index)
  if (ending[0] === 'ing') {
    if (KEEP_ING.has(base)) return text
    if (base.length === 2 && base.endsWith('y') && isConsonant(base, 0))
      return `${base.charAt(0)}ie`
  }
  return hasVowel(base) ? repaired(base, r1) : text
}

/** What is left after -ed or -ing, with its e given back or its double letter undone. */
function repaired(base: string, r1: number): string {
  if (/(?:at|bl|iz)$/.test(base)) return `${base}e`
  if (DOUBLES.has(base.slice(-2))) return /^[aeo]..$/.test(base) ? base : base.slice(0, -1)
  return r1 === base.length && endsShort(base) ? `${base}e` : base
}

function step1c({ text }: Word): string {
  const last = text.length - 1
  return last > 1 && /[yY]$/.test(text) && isConsonant(text, last - 1)
    ? `${text.slice(0, -1)}i`
    : text
}

/** Applies the longest rule whose suffix `text` has, if that suffix lies behind `region`. */
function replaceSuffix(text: string, region: number, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => text.endsWith(suffix))
  if (rule === undefined) return text
  const [suffix, replacement, after] = rule
  const base = text.slice(0, text.length - suffix.length)
  if (base.length < region) return text
  if (after !== undefined && !after.includes(base.charAt(base.length - 1) || '-')) return text
  return base + replacement
}

function step2({ text, r1 }: Word): string {
  return replaceSuffix(text, r1, STEP_2)
}

function step3({ text, r1, r2 }: Word): string {
  if (text.endsWith('ative')) return text.length - 5 >= Math.max(r1, r2) ? text.slice(0, -5) : text
  return replaceSuffix(text, r1, STEP_3)
}

function step4({ text, r2 }: Word): string {
  return replaceSuffix(text, r2, STEP_4)
}

function step5({ text, r1, r2 }: Word): string {
  const base = text.slice(0, -1)
  const isInR2 = base.length >= r2
  if (text.endsWith('e')) {
    return isInR2 || (base.length >= r1 && !endsShort(base)) ? base : text
  }
  return text.endsWith('ll') && isInR2 ? base : text
}
