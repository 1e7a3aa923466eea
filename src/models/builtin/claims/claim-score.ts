import type { Stance } from '../quantities/stance.ts'

import { type ReportSentence, measurementsIn } from './document.ts'

/** What is added for each sign that a sentence states a finding, and taken off for the contrary. */
const WEIGHTS = {
  measurement: 1.5,
  denial: 1,
  change: 1.5,
  comparison: 1,
  relation: 1,
  finding: 1,
  section: {
    results: 1,
    summary: 1,
    discussion: 0.5,
    introduction: -1,
    methods: -2.5,
    boilerplate: -9,
    unknown: 0,
  },
  role: {
    statement: 0.5,
    method: -1.5,
    aim: -4,
    definition: -4,
    question: -9,
    outlook: -3.5,
    boilerplate: -9,
  },
  reported: -0.5,
  personal: -1,
  fragment: -2,
} as const

/** From here on a sentence counts as a claim; see claims.test.ts for the sentences it parts. */
export const MIN_SCORE = 2

const COMPARISON =
  /\b(?:than|compared (?:with|to)|relative to|against|versus|vs\.?|whereas|unlike|in contrast|as (?:much|many|high|low|fast|often|long|large) as|between)\b/i
const RELATION =
  /\b(?:caus(?:e|es|ed)|leads?|led to|results? in|resulted in|due to|because|depends?|depended|driven|drives?|determin(?:es|ed)|explain(?:s|ed)?|account(?:s|ed) for|associat(?:ed|ion)|correlat(?:ed|ion|es)|link(?:ed|s)?|relat(?:ed|ionship)|predict(?:s|ed|or)?|affect(?:s|ed)?|influenc(?:e|es|ed)|improv(?:es|ed)|prevent(?:s|ed)?|protect(?:s|ed)?|helps?|helped|harm(?:s|ed)?|benefits?|suits?|favours?|effects?|contribut(?:es|ed)|enabl(?:es|ed)|makes? (?:a|no|the) difference|responsible|source of)\b/i
const FINDING =
  /\b(?:found|showed|shows|shown|revealed|observed|saw|turned out|proved|proves|confirmed|remained|stayed|reached|peaked|averaged|amounted|came to|exceeded|occurred|appeared in|was present|were present|survived|died|lasted|persisted|vanished|disappeared|failed|succeeded|dominated|varied|ranged|accounted|differed|lasts|works|worked|outperform(?:s|ed)?|wanted|preferred|recalled|rated|reported|felt|complained|agreed|called|described|the same|ahead of|could be put down)\b/i
/** Remarks of the authors about themselves, their work and what it cannot show. */
const PERSONAL =
  /\b(?:we (?:cannot|could not|did not|do not|have not|had|were|are|also|therefore|thus|have|kept|tried|hope|believe|think|feel|know|regard|leave|left)|our (?:colleagues|thanks|sample|budget|time)|the reader|in mind|for reasons of|it is worth|beyond the scope|sample (?:is|was) small|small sample)\b/i
/** Fewest words of matter for a finding. */
const MIN_TERMS = 1
const MIN_LENGTH = 15

/** How strongly a sentence looks like a finding about the world; from `MIN_SCORE` on it is one. */
export function claimScore(sentence: ReportSentence, stance: Stance): number {
  const { text, terms, quantities, section, role } = sentence
  const isMeasured = measurementsIn(text, quantities).length > 0
  const signs: readonly (readonly [boolean, number])[] = [
    [isMeasured, WEIGHTS.measurement],
    [stance.isNegated && stance.direction === 'unknown', WEIGHTS.denial],
    [stance.direction !== 'unknown', WEIGHTS.change],
    [COMPARISON.test(text), WEIGHTS.comparison],
    [RELATION.test(text), WEIGHTS.relation],
    [FINDING.test(text), WEIGHTS.finding],
    [PERSONAL.test(text), WEIGHTS.personal],
    [terms.length < MIN_TERMS || text.length < MIN_LENGTH, WEIGHTS.fragment],
  ]
  const score = signs.reduce((sum, [holds, weight]) => sum + (holds ? weight : 0), 0)
  // Results with an amount seldom tell how it was come by, whatever verb they use.
  const isReported = isMeasured && role === 'method' && section === 'results'
  return score + WEIGHTS.section[section] + (isReported ? WEIGHTS.reported : WEIGHTS.role[role])
}
