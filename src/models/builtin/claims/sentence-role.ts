import type { SectionRole } from './sections.ts'

/** What a sentence does in a report. */
export type SentenceRole =
  | 'statement'
  | 'method'
  | 'aim'
  | 'definition'
  | 'question'
  | 'outlook'
  | 'boilerplate'

const DONE =
  'measured|counted|recorded|logged|sampled|collected|weighed|compared|asked|interviewed|surveyed|selected|' +
  'chose|chosen|picked|took|taken|used|fitted|calculated|computed|derived|estimated|analysed|analyzed|tested|' +
  'applied|adjusted|corrected|conducted|performed|carried out|ran|run|recruited|invited|enrolled|assigned|' +
  'randomi[sz]ed|allocated|divided|split|trained|installed|mounted|placed|fixed|bonded|glued|hung|read|' +
  'worked out|excluded|discarded|included|followed|visited|obtained|drew|drawn|checked|repeated|monitored|' +
  'planted|sown|assumed|treated|set up|kept|stored|incubated|extracted|scored|coded|rated|matched|calibrated|' +
  'metered|surveyed|photographed|scanned|filmed|marked|labelled|labeled|repainted|painted|fed|given|gave|sent|' +
  'tracked|tagged|trapped|caught|dissected|washed|dried|ground|mixed|heated|exposed|administered|delivered|' +
  'distributed|reviewed|searched|screened|consulted|evaluated|assessed|quantified|determined|modelled|simulated'

const METHOD = [
  new RegExp(
    `\\b(?:we|i|crews?|observers?|staff|volunteers|technicians|teams?|researchers|investigators|nurses|teachers|interviewers)\\b[^.;]{0,60}\\b(?:${DONE})\\b`,
    'i',
  ),
  new RegExp(`\\b(?:was|were|been|being)\\s(?:\\w+\\s){0,3}(?:${DONE})\\b`, 'i'),
]
const INSTRUMENTS =
  /\b(?:sensors?|loggers?|thermometers?|probes?|questionnaires?|instruments?|samplers?|cameras?|spectrometers?|microscopes?|scales|software|version|model no|manufacturer|protocol|transects?|quadrats?|intervals? of|every (?:\w+ ){0,2}(?:minutes?|hours?|days?|weeks?|months?)|confidence (?:intervals?|limits)|standard (?:errors?|deviations?)|plus-minus|significance level)\b/i
/** Where things are and what they were like before anything was done. */
const SITE =
  /\b(?:(?:is|are|was|were) (?:located|situated)|lies? (?:within|in|on|at|near|between|a little)|stands? (?:in|on|at|near)|inhabitants|entered the analysis|received nothing|received (?:\d+|the same)|belonged to)\b/i
const AIM =
  /\b(?:we|this (?:study|report|paper|trial|work|note|article|chapter)|the (?:aim|purpose|goal|objective|question|study|trial)|our (?:aim|goal|purpose|objective|question))\b[^.;]{0,60}\b(?:aim(?:s|ed)?|set out|sets out|wanted to|want to|sought|seeks?|intend(?:ed)?|investigates?|examines?|explores?|asks?|describes?|presents?|reports? on|reviews?|was to|is to|whether)\b/i
const DEFINITION =
  /\b(?:is|are|was|were|be) (?:here )?(?:defined|referred to|understood|taken|called|termed|known) as\b|\b(?:we|i) (?:define|call|denote|refer to|mean)\b|\bby [“"']?[\w\s-]{1,40}[”"']? (?:we|is) mean|\brefers to\b|\bstands for\b|\bdenotes?\b|\bhereafter\b|\bcounted as\b|\bis the (?:ratio|share|number|sum|product|difference) (?:of|between)\b/i
const OUTLOOK =
  /\b(?:should|ought to|recommends?|recommended|advise|advised|propose|proposed|urge|we (?:would|will|plan|intend|hope|suggest)|suggest that|future (?:work|studies|research|trials)|further (?:work|studies|research|trials|measurements?|readings?)|next (?:step|season|year|round|summer|winter)|remains? to be|it would be (?:worth|useful|good)|deserves?|needs? to be|is planned|are planned|will be|in the longer run|let us|must be|can be lent|will (?:want|need|have) to|would like)\b/i
const BOILERPLATE =
  /\b(?:thank(?:s|ed|ful)?|grateful|funded by|supported by (?:a |the )?grants?|grant (?:no|number)|licen[cs]ed? under|creative commons|all rights reserved|copyright|©|corresponding author|conflicts? of interest|data (?:are|is) available|available (?:from|on) request|et al\.?,? in press|isbn|issn|e-?mail|telephone|this (?:report|document) is (?:invented|fictional|made up|provided)|made up for|does not exist|do not exist|disclaimer)\b/i

/** What a sentence does, judged by its words and its section. */
export function sentenceRole(text: string, section: SectionRole): SentenceRole {
  if (/[?？]["'”’)]*$/.test(text)) return 'question'
  if (section === 'boilerplate' || BOILERPLATE.test(text)) return 'boilerplate'
  if (AIM.test(text)) return 'aim'
  if (DEFINITION.test(text)) return 'definition'
  if (OUTLOOK.test(text)) return 'outlook'
  const isMethod = [...METHOD, INSTRUMENTS, SITE].some((pattern) => pattern.test(text))
  return isMethod ? 'method' : 'statement'
}
