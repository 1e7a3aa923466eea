/** Words the rules would spoil, with their stems. */
export const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((w) => [w, w] as const),
])

/** Beginnings after which the first region starts, whatever the vowels say. */
export const PREFIXES = 'gener commun arsen past univers later emerg organ inter'.split(' ')

/** Stems that keep their -ing: inning, outing, canning, herring, earring, evening. */
export const KEEP_ING = new Set(['inn', 'out', 'cann', 'herr', 'earr', 'even'])

/** A suffix, what replaces it, and (for -li, -ogi, -ion) the letters one of which must precede. */
export type Rule = readonly [suffix: string, replacement: string, after?: string]

/** Rules of step 2, for suffixes in the first region. */
export const STEP_2: readonly Rule[] = longestFirst([
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['entli', 'ent'],
  ['izer', 'ize'],
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['alli', 'al'],
  ['fulness', 'ful'],
  ['ousli', 'ous'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['bli', 'ble'],
  ['ogist', 'og'],
  ['ogi', 'og', 'l'],
  ['fulli', 'ful'],
  ['lessli', 'less'],
  ['li', '', 'cdeghkmnrt'],
])

/** Rules of step 3, for suffixes in the first region. */
export const STEP_3: readonly Rule[] = longestFirst([
  ['tional', 'tion'],
  ['ational', 'ate'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
])

/** Rules of step 4, for suffixes in the second region. */
export const STEP_4: readonly Rule[] = longestFirst([
  ...'al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize'
    .split(' ')
    .map((suffix) => [suffix, ''] as const),
  ['ion', '', 'st'],
])

function longestFirst(rules: readonly Rule[]): readonly Rule[] {
  return rules.toSorted(([a], [b]) => b.length - a.length)
}
