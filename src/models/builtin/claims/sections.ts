/** What a section of a report is for. */
export type SectionRole =
  | 'summary'
  | 'introduction'
  | 'methods'
  | 'results'
  | 'discussion'
  | 'boilerplate'
  | 'unknown'

/** Words in headings, the more telling first. */
const ROLES: readonly (readonly [SectionRole, RegExp])[] = [
  [
    'boilerplate',
    /\b(?:references?|bibliograph|acknowledge?ments?|funding|competing|conflicts? of interest|data availability|author contributions|licen[cs]e|copyright|appendix|contact|further reading|about the authors?|ethics|disclosures?)/i,
  ],
  [
    'methods',
    /\b(?:methods?|methodology|measure(?:d|ments?)?|materials?|procedures?|protocol|design|set[- ]?up|sampling|apparatus|instruments?|study (?:area|sites?|population)|sites?|participants|data(?: and analysis| sources?| collection)?|approach|what (?:we|was) (?:did|done|measured)|how (?:we|it was|the)|experiment(?:al)?)\b/i,
  ],
  [
    'discussion',
    /\b(?:discussion|comments?|remarks?|reflections?|perspectives?|conclusions?|concluding|implications?|interpret|limitations?|caveats?|lessons?|outlook|recommend|propos(?:e|als?)|advice|next steps?|make of|what (?:it|this|that|these|they) (?:all )?(?:means?|tells?|suggests?)|consequences|closing|(?:after)?thoughts?|so what|taking stock)\b/i,
  ],
  [
    'summary',
    /\b(?:abstract|summary|in brief|brief|overview|at a glance|in short|highlights|key (?:points|findings|messages|results)|synopsis|digest)\b/i,
  ],
  [
    'results',
    /\b(?:results?|findings?|found|outcomes?|observations?|observed|came out|turned out|saw|figures|what (?:happened|changed|emerged))\b/i,
  ],
  [
    'introduction',
    /\b(?:introduction|background|why|context|motivation|aims?|objectives?|questions?|purpose|problem|setting|history|previous work|related work)\b/i,
  ],
]

/** Roles of the sections a sentence stands in, judged by their headings, the nearest first. */
export function sectionRole(path: readonly string[]): SectionRole {
  // The outermost heading is the title when others follow; a title says nothing of the section.
  const sections = path.length > 1 ? path.slice(1) : path
  for (const heading of sections.toReversed()) {
    const role = ROLES.find(([, pattern]) => pattern.test(heading))
    if (role !== undefined) return role[0]
  }
  return 'unknown'
}
