import { type Lexeme, isCapitalised, isGlued, isWord, textOf } from './lexemes.ts'

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

const MONTHS = words(
  'january february march april may june july august september october november december ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec',
)

/** A number behind one of these names a thing and measures nothing. */
const LABELLED = words(
  'fig figs figure figures table tables tab eq eqs equation section sections sec chapter ch page pages ' +
    'p pp type phase grade stage group site plot day week month year version model category class zone ' +
    'scenario station no nos nr number ref refs appendix box part volume vol issue article report step ' +
    'question item line room experiment study trial cohort highway route track tier generation quarter ' +
    'q wave batch lot series note footnote clause paragraph iso rfc windows python',
)
const STATISTICS = words(
  'p n r f t z df r2 α alpha d h b β beta χ rho ρ κ kappa i or hr rr icc auc',
)
const YEAR_LEADS = words(
  'in of since by from to until till during and between early late mid before after around summer ' +
    'winter spring autumn fall year years season for the through , ( – - / ; vs versus or than',
)

/** Addresses, dates, clock times, references: their digits are not amounts. */
const MASKED = [
  /\bhttps?:\/\/\S+|\bwww\.\S+/g,
  /[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}/g,
  /\bdoi:\s?\S+|\b10\.\d{4,9}\/\S+/gi,
  /\b\d{4}-\d{2}-\d{2}(?:T[\d:.Z+-]+)?/g,
  /\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b/g,
  /\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b)?/gi,
  /\b\d{1,2}\s?(?:[ap]\.?m\b|o['’]clock\b)/gi,
  /\[\^?\d[\d,;\s–-]{0,30}\]/g,
  /`[^`\n]{1,200}`/g,
  /\b\d{4}s\b/g,
]

/** `text` with everything whose digits are no amounts blanked out, at the same offsets. */
export function maskNonAmounts(text: string): string {
  if (!/\d/.test(text)) return text
  return MASKED.reduce(
    (masked, pattern) => masked.replaceAll(pattern, (found) => ' '.repeat(found.length)),
    text,
  )
}

/** Whether the number at lexeme `index` is a label, year, date, ordinal or statistic. */
export function isNoAmount(lexemes: readonly Lexeme[], index: number): boolean {
  const number = lexemes[index]
  if (number?.kind !== 'number') return false
  return (
    isPartOfName(lexemes, index) ||
    isOrdinalOrDate(lexemes, index) ||
    isStatistic(lexemes, index) ||
    isConfidenceLevel(lexemes, index) ||
    isYear(lexemes, index)
  )
}

function isPartOfName(lexemes: readonly Lexeme[], index: number): boolean {
  const before = textOf(lexemes, index - 1)
  if (before === '#' || before === '§' || isLabel(lexemes, index - 1)) return true
  if (before === '.' && isLabel(lexemes, index - 2)) return true
  if (!isGlued(lexemes, index)) return false
  if (isWord(lexemes, index - 1) || before === '_') return true
  const isJoint = /^[-/]$/.test(before) && isGlued(lexemes, index - 1)
  return isJoint && isWord(lexemes, index - 2)
}

function isLabel(lexemes: readonly Lexeme[], index: number): boolean {
  return isWord(lexemes, index) && LABELLED.has(textOf(lexemes, index))
}

function isOrdinalOrDate(lexemes: readonly Lexeme[], index: number): boolean {
  const isOrdinal =
    isGlued(lexemes, index + 1) && /^(?:st|nd|rd|th)$/.test(textOf(lexemes, index + 1))
  return isOrdinal || isMonth(lexemes, index - 1) || isMonth(lexemes, index + 1)
}

function isMonth(lexemes: readonly Lexeme[], index: number): boolean {
  return MONTHS.has(textOf(lexemes, index)) && isCapitalised(lexemes, index)
}

function isStatistic(lexemes: readonly Lexeme[], index: number): boolean {
  if (!/^[=<>≤≥≈]$/.test(textOf(lexemes, index - 1))) return false
  const name = textOf(lexemes, index - 2)
  return STATISTICS.has(name) || (/^[)²2]$/.test(name) && isGlued(lexemes, index - 2))
}

/** `95 % CI`, `95 per cent confidence limits`. */
function isConfidenceLevel(lexemes: readonly Lexeme[], index: number): boolean {
  const value = lexemes[index]?.text
  if (value !== '95' && value !== '99' && value !== '90' && value !== '68') return false
  const after = [1, 2, 3].map((step) => textOf(lexemes, index + step))
  return after.some((word) => /^(?:ci|confidence|credible|prediction)$/.test(word))
}

function isYear(lexemes: readonly Lexeme[], index: number): boolean {
  const raw = textOf(lexemes, index)
  const [before, after] = [textOf(lexemes, index - 1), textOf(lexemes, index + 1)]
  const isAmount = /^[%°$€£]$/.test(after) || /^[$€£¥]$/.test(before)
  if (!/^(?:1[5-9]|20)\d\d$/.test(raw) || isAmount) return false
  if (isWord(lexemes, index + 1) && isCountedNoun(after)) return false
  return Number(raw) >= 1900 || before === '' || YEAR_LEADS.has(before)
}

/** Units and plurals behind a four-digit number make it an amount. */
function isCountedNoun(word: string): boolean {
  return /^(?:k?m|[kmµ]?g|mm|cm|ha|k?w|kwh|mwh|ml|l|per)$/.test(word) || /[^s]s$/.test(word)
}
