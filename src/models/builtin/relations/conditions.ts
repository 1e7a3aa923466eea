/** Circumstances under which a statement holds, by axis: time of day, season, medium and so on. */
export type Conditions = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Axes on which statements are apart when each names another side. General English; a side is
 * recognised by any of its words.
 */
const AXES: readonly (readonly [axis: string, sides: Readonly<Record<string, string>>])[] = [
  [
    'time of day',
    {
      night: 'night nights nocturnal overnight nighttime midnight asleep bedtime small-hours',
      morning: 'morning mornings dawn sunrise breakfast',
      day: 'afternoon afternoons midday noon daytime lunchtime daylight',
      evening: 'evening evenings dusk sunset',
    },
  ],
  [
    'season',
    {
      winter: 'winter winters',
      spring: 'spring springs springtime',
      summer: 'summer summers',
      autumn: 'autumn autumns',
    },
  ],
  [
    'weather',
    { clear: 'clear cloudless sunny', cloudy: 'cloud cloudy overcast', rain: 'rainy wet rain' },
  ],
  [
    'medium',
    {
      air: 'air breath',
      surface: 'surface surfaces',
      soil: 'soil soils sediment',
      water: 'seawater groundwater',
      blood: 'blood serum plasma urine',
    },
  ],
  [
    'place',
    {
      indoors: 'indoor indoors inside room rooms classroom classrooms bedroom bedrooms',
      outdoors: 'outdoor outdoors outside outdoors street streets yard yards',
    },
  ],
  [
    'age',
    {
      young:
        'young juvenile child children pupils sapling saplings seedling seedlings infant infants larvae teenager teenagers adolescents',
      old: 'adult adults mature grown elderly older old pensioners',
    },
  ],
  ['sex', { male: 'men male males boys', female: 'women female females girls' }],
  ['settlement', { urban: 'urban city cities town', rural: 'rural countryside village villages' }],
  [
    'statistic',
    {
      peak: 'maximum peak peaks peaked highest',
      trough: 'minimum lowest',
      spread: 'range swing spread amplitude variability',
    },
  ],
  [
    'week',
    {
      weekday: 'weekday weekdays workdays',
      weekend: 'weekend weekends saturday saturdays sunday sundays',
    },
  ],
  ['order', { first: 'first initial initially', last: 'last final finally' }],
  ['storey', { upper: 'upper upstairs top topmost', lower: 'ground-floor downstairs basement' }],
  ['slope', { flat: 'flat level', steep: 'pitched steep sloping sloped inclined' }],
  ['size', { small: 'small smaller smallest little', large: 'large larger largest big' }],
  ['north-south', { north: 'north northern', south: 'south southern' }],
  ['east-west', { east: 'east eastern', west: 'west western' }],
  ['hours', { full: 'full-time', part: 'part-time' }],
  [
    'condition',
    { fresh: 'fresh new newly clean', worn: 'old aged worn dirty unwashed uncleaned weathered' },
  ],
  ['water', { dry: 'dry drought arid', wet: 'wet waterlogged flooded puddles' }],
  ['dose', { low: 'low-dose', high: 'high-dose' }],
]

const SIDE_OF: ReadonlyMap<string, readonly [axis: string, side: string]> = new Map(
  AXES.flatMap(([axis, sides]) =>
    Object.entries(sides).flatMap(([side, words]) =>
      words.split(' ').map((word) => [word, [axis, side] as const] as const),
    ),
  ),
)

/** Hours at which each time of day begins. */
const DAY_PARTS: readonly (readonly [fromHour: number, side: string])[] = [
  [0, 'night'],
  [5, 'morning'],
  [11, 'day'],
  [18, 'evening'],
  [22, 'night'],
]

/** Wordings of more than one word. */
const PHRASES: readonly (readonly [RegExp, axis: string, side: string])[] = [
  [/\bsmall hours\b/i, 'time of day', 'night'],
  // Days that stand against nights; `ten days` is a span.
  [
    /\b(?!(?:one|two|three|four|five|six|seven|eight|nine|ten|few|many|several|more|of|some|all|the|last|both)\b)[a-z]{3,} days\b|\bby day\b/i,
    'time of day',
    'day',
  ],
  [/\b(?:[1-4]|one|two|three|four) (?:o'clock )?in the morning\b/i, 'time of day', 'night'],
  [/\bbefore noon\b|\bforenoon\b|\bam\b/i, 'time of day', 'morning'],
  [
    /\b(?:minimum|trough|low)\b.{1,40}\b(?:maximum|peak|high)\b|\bdiurnal range\b/i,
    'statistic',
    'spread',
  ],
]

/** The conditions that `text` names. */
export function conditionsOf(text: string): Conditions {
  const found = new Map<string, Set<string>>()
  const add = (axis: string, side: string): void => {
    const sides = found.get(axis)
    if (sides === undefined) found.set(axis, new Set([side]))
    else sides.add(side)
  }
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+(?:-\p{L}+)?/gu)) {
    for (const part of new Set([word, ...word.split('-')])) {
      const side = SIDE_OF.get(part)
      if (side !== undefined) add(...side)
    }
  }
  for (const [pattern, axis, side] of PHRASES) if (pattern.test(text)) add(axis, side)
  for (const [, hour] of text.matchAll(/\b(\d{1,2}):\d{2}\b/g)) {
    const part = DAY_PARTS.findLast(([from]) => Number(hour) >= from)
    if (part !== undefined) add('time of day', part[1])
  }
  return found
}

/** Axes whose words say when and how, so that different words for one side count as one term. */
const COUNTED = new Set(['time of day', 'season', 'weather', 'statistic'])

/** The side a word stands for where words for one side count as one term. */
export function conditionTerm(word: string): string | undefined {
  const side = SIDE_OF.get(word)
  return side !== undefined && COUNTED.has(side[0]) ? side.join(': ') : undefined
}

/** Whether a term was made by `conditionTerm` or `hourTerms`. */
export function isCircumstance(term: string): boolean {
  return term.includes(':')
}

const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
const HOUR = `\\d{1,2}|${HOURS.join('|')}`
/** `between five and eight o'clock in the evening`, `at 5 pm`. */
const SPOKEN = new RegExp(
  `\\b(?:(${HOUR}) (?:and|to|or) )?(${HOUR})(?: o['’]clock)? ?(?:in the (morning|afternoon|evening)|([ap])\\.?m\\b)`,
  'giu',
)

/** Terms for the clock hours that `text` names, and the time of day they belong to. */
export function hourTerms(text: string): readonly string[] {
  const written = [...text.matchAll(/\b(\d{1,2}):(\d{2})\b/g)].map(([clock, hour]) => ({
    clock,
    hour: Number(hour),
  }))
  return [...written, ...spokenHours(text)].flatMap(({ clock, hour }) => {
    const part = DAY_PARTS.findLast(([from]) => hour >= from)
    return part === undefined ? [clock] : [clock, `time of day: ${part[1]}`]
  })
}

function spokenHours(text: string): readonly { readonly clock: string; readonly hour: number }[] {
  if (!/o['’]clock|in the (?:morning|afternoon|evening)|\d ?[ap]\.?m\b/i.test(text)) return []
  return [...text.matchAll(SPOKEN)].flatMap(([, first, second, part, half]) => {
    const isLate = part === undefined ? half?.toLowerCase() === 'p' : part !== 'morning'
    return [first, second].flatMap((word) => {
      if (word === undefined) return []
      const said = HOURS.includes(word.toLowerCase())
        ? HOURS.indexOf(word.toLowerCase()) + 1
        : Number(word)
      const hour = isLate && said < 12 ? said + 12 : said
      return [{ clock: `${String(hour).padStart(2, '0')}:00`, hour }]
    })
  })
}

/** The first axis on which both name sides and share none, if there is one. */
export function apartOn(a: Conditions, b: Conditions): string | undefined {
  for (const [axis, sides] of a) {
    const others = b.get(axis)
    if (others !== undefined && ![...sides].some((side) => others.has(side))) return axis
  }
  return undefined
}
