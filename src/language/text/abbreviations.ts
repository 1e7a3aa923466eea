const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** A name follows them. */
const TITLES = words('dr fr gen gov hon lt messrs mr mrs ms mt mx prof rep rev sen sgt st capt col')
/** A number or label follows them, else they may be words (`No.`, `art.`). */
const NUMBERED = words(
  'app art ch eq eqs ex fig figs lit no nos nr p par pp ref refs sec secs tab vol vols supp suppl',
)
/** They never end a sentence. */
const NEVER_LAST = words('approx ca cf e.g eg i.e ie incl resp viz vs z.b d.h bzw vgl')
/** They may end one. */
const OFTEN_LAST = words(
  'al etc inc ltd co corp jr sr ph.d m.d b.sc m.sc dept univ est ed eds avg std temp spp sp ssp var ' +
    'usw u.a ave blvd govt intl assoc bros',
)
/** The same, when written with a capital: `Sun.` but not `the sun.` */
const CAPITALISED = words(
  'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun',
)

/** Words that often begin a sentence and hardly ever follow an abbreviation inside one. */
const STARTERS = words(
  'a after all although an and as at because before both but by during each even every few finally ' +
    'first for from furthermore he hence her here his how however i if in indeed it its many meanwhile ' +
    'moreover most my nevertheless no none not nothing of on once one only other our overall second ' +
    'several she similarly since so some such that the their then there therefore these they this ' +
    'those though thus to today two under until we what when where whereas which while who why with ' +
    'without yet you der die das ein eine es sie wir la le les il elle nous el los las una',
)

/**
 * Whether the point behind `word` belongs to the word and does not end the sentence.
 *
 * @param word - what stands before the point, without white space.
 * @param next - what stands behind it, from its first visible character on.
 */
export function isAbbreviation(word: string, next: string): boolean {
  const lower = word.toLowerCase()
  const isUpper = /^\p{Lu}/u.test(word)
  if (TITLES.has(lower) && (isUpper || lower.length === 2)) return /^\p{Lu}/u.test(next)
  const follower = /^[\p{L}\p{N}']+/u.exec(next)?.[0].toLowerCase() ?? ''
  const isStarter = STARTERS.has(follower)
  if (NUMBERED.has(lower)) return /^(?:\p{Nd}|[A-Z]\p{Nd}*\b|[IVX]+\b)/u.test(next) && !isStarter
  if (NEVER_LAST.has(lower)) return true
  return mayBeLast(word, lower) && !isStarter
}

/** An abbreviation that may end a sentence, initials, or a single capital. */
function mayBeLast(word: string, lower: string): boolean {
  if (OFTEN_LAST.has(lower) || /^\p{Lu}$/u.test(word)) return true
  if (CAPITALISED.has(lower)) return /^\p{Lu}/u.test(word)
  return word.length <= 8 && word.includes('.') && word.split('.').every((part) => part.length <= 1)
}
