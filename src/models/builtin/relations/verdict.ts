import type { Direction } from '../quantities/change-words.ts'

import { isOtherContrast } from './comparability.ts'
import { type Collection, type Evidence, evidenceFor } from './evidence.ts'
import type { Compared } from './ranks.ts'

/** What holds between two statements. */
export interface Verdict {
  readonly kind: 'agreement' | 'numeric' | 'direction' | 'effect'
  readonly reason: string
  /** The larger, the surer. */
  readonly score: number
}

/**
 * Score from which on statements are taken to speak of the same thing, by verdict. Chosen on the
 * shipped reports, test/fixtures/digest-dev-hygiene and digest-dev-battery.
 */
const MIN = {
  agreeing: 0.2,
  agreement: 0.36,
  worded: 0.48,
  numeric: 0.36,
  precise: 0.3,
  level: 0.5,
  direction: 0.48,
  crossed: 0.3,
  effect: 0.36,
  preciseEffect: 0.3,
} as const
/** What agreeing amounts add to the score: rare coincidences tell that the subject is the same. */
const BONUS = { close: 0.08, precise: 0.08, several: 0.15 } as const

/** What holds between two statements of different documents; `undefined` when nothing does. */
export function judge(pair: Compared, collection: Collection): Verdict | undefined {
  const evidence = evidenceFor(pair, collection)
  if (evidence === undefined) return undefined
  const found = contradiction(evidence)
  if (found !== undefined && !isOtherContrast(pair.a, pair.b)) return found
  return agreement(evidence)
}

function contradiction(evidence: Evidence): Verdict | undefined {
  if (evidence.isHedged || evidence.isBare) return undefined
  return opposition(evidence) ?? effectAgainstNone(evidence) ?? amountsApart(evidence)
}

function opposition({ one, other, score, isCrossed }: Evidence): Verdict | undefined {
  if (!isOpposite(one, other) || score < (isCrossed ? MIN.crossed : MIN.direction)) return undefined
  return { kind: 'direction', score, reason: `one says ${one}, the other ${other}` }
}

function effectAgainstNone({ one, other, score, amounts }: Evidence): Verdict | undefined {
  const isKnown = one !== 'unknown' && other !== 'unknown'
  const isEffect = isKnown && (one === 'none') !== (other === 'none')
  if (!isEffect || score < (amounts.isPrecise ? MIN.preciseEffect : MIN.effect)) return undefined
  return { kind: 'effect', score, reason: 'one finds a change or difference, the other none' }
}

function amountsApart({ amounts, score }: Evidence): Verdict | undefined {
  const change = amounts.isPrecise ? MIN.precise : MIN.numeric
  if (amounts.kind !== 'apart') return undefined
  if (score < (amounts.role === 'level' ? MIN.level : change)) return undefined
  const [x = '', y = ''] = amounts.quotes ?? []
  return { kind: 'numeric', score, reason: `${x} against ${y}` }
}

function agreement(evidence: Evidence): Verdict | undefined {
  const { amounts, one, other } = evidence
  if (isOpposite(one, other)) return undefined
  return amounts.kind === 'close' && (!evidence.isBare || amounts.matches > 1)
    ? agreementOfAmounts(evidence)
    : agreementOfWords(evidence)
}

function agreementOfAmounts({ amounts, score, likeness }: Evidence): Verdict | undefined {
  if (likeness < MIN.agreeing && !amounts.isPrecise && amounts.matches < 2) return undefined
  const bonuses: readonly (readonly [boolean, number])[] = [
    [amounts.isRough !== true, BONUS.close],
    [amounts.isPrecise, BONUS.precise],
    [amounts.matches > 1, BONUS.several],
  ]
  const sure = bonuses.reduce((sum, [holds, bonus]) => sum + (holds ? bonus : 0), score)
  const [x = '', y = ''] = amounts.quotes ?? []
  return sure < MIN.agreement
    ? undefined
    : { kind: 'agreement', score: sure, reason: `${x} and ${y}` }
}

function agreementOfWords({
  amounts,
  one,
  other,
  score,
  isBare,
  isCrossed,
}: Evidence): Verdict | undefined {
  if (one !== other || one === 'unknown') return undefined
  if (amounts.kind !== 'none' && !(isCrossed && amounts.kind === 'near')) return undefined
  if (isBare || score < MIN.worded) return undefined
  const reason = one === 'none' ? 'both find no change or difference' : `both say ${one}`
  return { kind: 'agreement', score, reason }
}

function isOpposite(a: Direction, b: Direction): boolean {
  return (a === 'up' && b === 'down') || (a === 'down' && b === 'up')
}
