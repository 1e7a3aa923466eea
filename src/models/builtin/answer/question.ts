/** What kind of thing a question asks for. */
export type QuestionKind =
  | 'person'
  | 'time'
  | 'year'
  | 'place'
  | 'count'
  | 'percentage'
  | 'money'
  | 'duration'
  | 'age'
  | 'measure'
  | 'yes-no'
  | 'open'

/** A question with what it asks for. */
export interface Question {
  readonly kind: QuestionKind
  /** For counts: the words naming what is counted, lower case. */
  readonly counted: readonly string[]
}

const AUXILIARY =
  /^(?:is|are|was|were|do|does|did|can|could|will|would|shall|should|has|have|had|may|might|must|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|won't)\b/
const YES_NO_ALTERNATIVE = /\bor\b/

/** Patterns of kinds, the more specific first; tested on the question in lower case. */
const KINDS: readonly (readonly [QuestionKind, RegExp])[] = [
  [
    'percentage',
    /\bwhat (?:percent|per cent|percentage|proportion|share|fraction)\b|\bhow (?:large|big|high) a (?:share|percentage|proportion)\b/,
  ],
  [
    'money',
    /\bhow much (?:money|did .* cost|does .* cost|was .* paid|is .* paid)\b|\bwhat (?:was|is|were) the (?:price|cost|fee|salary|budget)\b|\bhow much .*\b(?:cost|paid|pay|spent|spend|earn|raised|worth|invest)\b/,
  ],
  ['year', /\b(?:what|which) year\b/],
  ['age', /\bhow old\b|\bwhat age\b/],
  [
    'duration',
    /\bhow long\b|\bhow many (?:years|months|weeks|days|hours|minutes|seconds|decades|centuries)\b/,
  ],
  ['count', /\bhow many\b|\bwhat (?:is|was) the (?:total )?number of\b/],
  [
    'measure',
    /\bhow (?:much|far|tall|high|deep|wide|large|big|heavy|fast|hot|cold|warm|often|strong)\b|\bwhat (?:is|was) the (?:height|length|width|depth|distance|weight|mass|speed|temperature|area|size|population|density|volume|value)\b|\bat what (?:temperature|speed|pressure|rate|distance|depth|height)\b/,
  ],
  [
    'time',
    /^(?:\w+ ){0,3}when (?:did|was|were|is|are|does|do|will|has|have|had|can|could|would|should)\b|\b(?:what|which) (?:date|day|month|century|decade|time|era)\b/,
  ],
  [
    'person',
    /\bwho\b|\bwhom\b|\bwhose\b|\bwhat (?:is|was) the name of the (?:man|woman|person|author|leader|king|queen|president|scientist|player|coach)\b|\bwhich (?:man|woman|person|scientist|author|king|queen|president|player|coach|general|philosopher|artist|singer|actor)\b/,
  ],
  [
    'place',
    /\bwhere\b|\b(?:what|which) (?:city|town|country|state|place|region|continent|village|county|province|river|island|street|location|venue|stadium)\b/,
  ],
]

/** Reads what `question` asks for. */
export function readQuestion(question: string): Question {
  const text = question.trim().toLowerCase().replaceAll('’', "'")
  if (AUXILIARY.test(text) && !YES_NO_ALTERNATIVE.test(text)) return { kind: 'yes-no', counted: [] }
  const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'open'
  const counted = /\bhow many ((?:[\p{L}'-]+ ?){1,4})/u.exec(text)?.[1]?.trim().split(' ') ?? []
  return { kind, counted: kind === 'count' ? counted : [] }
}
