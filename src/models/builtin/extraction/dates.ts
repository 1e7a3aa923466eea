/** A date in a text. */
export interface DateMention {
  /** UTF-16 offset of its first unit. */
  readonly start: number
  /** UTF-16 offset behind its last unit. */
  readonly end: number
  /** ISO 8601 `YYYY-MM-DD`, `YYYY-MM` or `YYYY`: as much as is stated. */
  readonly iso: string
  /** Where the year stands in it. */
  readonly yearSpan?: { readonly start: number; readonly end: number }
}

const MONTH_NAMES =
  'january|february|march|april|may|june|july|august|september|october|november|december'
const MONTHS = MONTH_NAMES.split('|')
const MONTH = `(?:${MONTH_NAMES}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\.?`

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Day, month and year in the orders in which they are written. */
const PATTERNS: readonly RegExp[] = [
  /\b(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})\b/g,
  /\b(?<day>\d{1,2})[./](?<month>\d{1,2})[./](?<year>\d{4})\b/g,
  new RegExp(
    `\\b(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<name>${MONTH}),? (?<year>\\d{4})\\b`,
    'gi',
  ),
  new RegExp(`\\b(?<name>${MONTH}) (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})\\b`, 'gi'),
  new RegExp(`\\b(?<name>${MONTH}),? (?<year>\\d{4})\\b`, 'gi'),
  new RegExp(`\\b(?<name>${MONTH}) (?<day>\\d{1,2})(?:st|nd|rd|th)?\\b`, 'gi'),
  new RegExp(`\\b(?<day>\\d{1,2})(?:st|nd|rd|th)? (?:of )?(?<name>${MONTH})\\b`, 'gi'),
  /(?<![\d.,$€£-])\b(?<year>1[0-9]\d\d|20\d\d)\b(?![.,]\d|[-–]?\p{L}|\s?[%°€£]|\s(?:k?m|mm|cm|[km]?g|t|ha|m?l|[km]?wh?)\b)/gu,
  new RegExp(
    `(?<=\\b(?:in|by|since|until|during|from|early|late) )(?<name>${MONTHS.map(capitalised).join('|')})\\b`,
    'g',
  ),
  /\b(?<century>\d{1,2})(?:st|nd|rd|th)[ -]century\b/gi,
]

/** The dates in `text`, in order and without overlap; the fuller reading wins. */
export function dates(text: string): readonly DateMention[] {
  const found: DateMention[] = []
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const mention = toMention(match)
      const isFree = found.every(({ start, end }) => mention.end <= start || mention.start >= end)
      if (isFree && isPossible(mention.iso)) found.push(mention)
    }
  }
  return found.toSorted((a, b) => a.start - b.start)
}

function toMention(match: RegExpExecArray): DateMention {
  const { year, month, day, name, century } = match.groups ?? {}
  const end = match.index + match[0].length
  const number = name === undefined ? month : String(monthNumber(name))
  const parts = [year ?? century ?? '', number ?? '', day ?? '']
  const iso = parts
    .filter((part) => part !== '')
    .map((part) => part.padStart(2, '0'))
    .join('-')
  if (year === undefined) return { start: match.index, end, iso }
  const at = match.index + match[0].indexOf(year)
  return { start: match.index, end, iso, yearSpan: { start: at, end: at + year.length } }
}

function monthNumber(name: string): number {
  const start = name.toLowerCase().slice(0, 3)
  return MONTHS.findIndex((month) => month.startsWith(start)) + 1
}

/** A month up to 12 and a day up to 31, where they are stated with a year. */
function isPossible(iso: string): boolean {
  const [year = '', month = '01', day = '01'] = iso.split('-')
  if (year.length !== 4) return true
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31
}
