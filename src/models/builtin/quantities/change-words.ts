import { stem } from '../../../language/index.ts'

/** Which way something goes or differs; `none` is a stated absence of change or difference. */
export type Direction = 'up' | 'down' | 'none' | 'unknown'

const strip = (word: string): string => word.replace(/'.*$/, '')

const stems = (list: string): readonly string[] => list.split(' ').map(stem)

/** Verbs and nouns of change, in stems; irregular forms, and verbs that are also nouns, as written. */
const CHANGES: Readonly<Record<'up' | 'down', ReadonlySet<string>>> = {
  up: new Set(
    stems(
      'increase rise rose risen rising grow grew growth gain climb elevate boost raise surge soar ' +
        'expand expansion enlarge double triple quadruple strengthen widen lengthen enhance accelerate ' +
        'intensify amplify augment exceed improve improvement excess multiply quicken heighten jump ' +
        'swell outnumber outperform outdo outdid outdone outweigh outlive upturn escalate rebound recover',
    ).concat('warms', 'warmed', 'heats', 'heated'),
  ),
  down: new Set(
    stems(
      'decrease decline fall fell fallen drop reduce reduction lower lowered diminish shrink shrank ' +
        'shrunk cut halve lose lost loss dip slump plunge curb suppress narrow shorten weaken lessen ' +
        'erode deplete depletion deteriorate worsen impair dwindle subside plummet shed save saving ' +
        'curtail downturn sink sank sunk attenuate taper recede wane relief',
    ).concat('cools', 'cooled', 'chills', 'chilled'),
  ),
}

/** Comparatives and the like, as written. */
const COMPARATIVES: Readonly<Record<'up' | 'down', ReadonlySet<string>>> = {
  up: new Set(
    (
      'higher greater larger bigger longer taller warmer hotter heavier faster stronger wider deeper ' +
      'richer denser thicker older wetter brighter louder better more upward upwards quicker ' +
      'fatter milder cleaner safer superior steeper busier costlier dearer'
    ).split(' '),
  ),
  down: new Set(
    (
      'lower less fewer smaller shorter cooler colder lighter slower weaker narrower shallower poorer ' +
      'sparser thinner younger drier darker quieter worse downward downwards cheaper leaner ' +
      'dirtier inferior rarer scarcer'
    ).split(' '),
  ),
}

/** Words that by themselves say that nothing changes or differs. */
const SAMENESS = new Set(
  'unchanged unaffected unaltered indistinguishable stagnated plateaued'.split(' '),
)

/** What comparatives compare; the plain ones fit any dimension. */
const DIMENSIONS: readonly (readonly [dimension: string, words: string])[] = [
  [
    'temperature',
    'warmer hotter cooler colder milder warms warmed heats heated cools cooled chills chilled',
  ],
  ['length', 'longer shorter taller wider deeper narrower shallower thicker thinner'],
  ['mass', 'heavier lighter fatter leaner'],
  ['speed', 'faster slower quicker'],
  ['age', 'older younger'],
  ['moisture', 'wetter drier'],
  ['brightness', 'brighter darker'],
  ['sound', 'louder quieter'],
  ['money', 'cheaper costlier dearer'],
  ['strength', 'stronger weaker strengthen weaken'],
]
const DIMENSION_OF: ReadonlyMap<string, string> = new Map(
  DIMENSIONS.flatMap(([dimension, words]) =>
    words.split(' ').map((word) => [word, dimension] as const),
  ),
)

/** What a directed word compares, when it is not plain like `higher`, `less` or `increase`. */
export function dimensionOfWord(word: string): string | undefined {
  const lower = strip(word.toLowerCase())
  const plain = DIMENSION_OF.get(lower)
  return plain ?? (mayMatter(lower) ? DIMENSION_OF.get(stem(lower)) : undefined)
}

/** What can be denied: `no effect`, `did not differ`, `no difference`. In stems. */
const DENIABLE = new Set(
  stems(
    'effect change difference differ impact influence affect alter association associate link relationship ' +
      'correlation correlate benefit advantage gain improvement increase decrease reduction decline rise ' +
      'drop fall growth loss penalty trend sign evidence contribution contribute matter odds help cool ' +
      'warm harm damage response respond bearing saving save',
  ),
)

/** Which way a single word points, if any; `less` and `more` do, `affect` does not. */
export function directionOfWord(word: string): 'up' | 'down' | 'none' | undefined {
  const lower = strip(word.toLowerCase())
  if (COMPARATIVES.up.has(lower)) return 'up'
  if (COMPARATIVES.down.has(lower)) return 'down'
  if (SAMENESS.has(lower)) return 'none'
  return changeOfWord(lower)
}

/** Letters at the beginnings of what is looked up by stem: most words need not be stemmed. */
const BEGINNING = 3
const BEGINNINGS = new Set(
  [...CHANGES.up, ...CHANGES.down, ...DENIABLE].map((form) => form.slice(0, BEGINNING)),
)

function mayMatter(lower: string): boolean {
  return BEGINNINGS.has(lower.slice(0, BEGINNING))
}

/** Which way a verb or noun of change points, given in lower case. */
function changeOfWord(lower: string): 'up' | 'down' | undefined {
  if (!mayMatter(lower)) return undefined
  const forms = [lower, stem(lower)]
  if (forms.some((form) => CHANGES.up.has(form))) return 'up'
  return forms.some((form) => CHANGES.down.has(form)) ? 'down' : undefined
}

/** Whether `word` names a change that has an amount: `rose`, `reduction`; not `higher`. */
export function isChangeWord(word: string): boolean {
  return changeOfWord(strip(word.toLowerCase())) !== undefined
}

/** Whether `word` compares: `higher`, `cooler`, `fewer`. */
export function isComparative(word: string): boolean {
  const lower = word.toLowerCase()
  return COMPARATIVES.up.has(lower) || COMPARATIVES.down.has(lower)
}

/** Whether denying `word` says that nothing changed: `effect`, `difference`, `increase`. */
export function isDeniable(word: string): boolean {
  const lower = strip(word.toLowerCase())
  return mayMatter(lower) && DENIABLE.has(stem(lower))
}
