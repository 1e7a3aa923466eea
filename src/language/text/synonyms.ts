import { stem } from './stem.ts'

/**
 * Everyday words that reports use for one another, across fields; not fitted to any corpus.
 * Each line is a group; the first word names it.
 */
const GROUPS = `
adult grown-up grownup mature grown
aid help assist assistance support benefit
air atmosphere
alive survive survival survivor live living
amount quantity volume
animal creature beast
area region zone district
begin start commence onset
bird avian
black dark
blood serum plasma
body bodily
bright luminous
build construct construction
house dwelling block apartment
buy purchase
car vehicle automobile motor
care look-after maintenance upkeep
carbon co2
child kid children infant
city town urban municipal
class lesson
clean wash washing rinse hose scrub
clear sunny cloudless sunlit
cloud cloudy overcast
cold chill chilly frost
company firm business enterprise
concentration level content
cost price expense expenditure spend spending charge fee
country nation national
coat paint coating painted
crash accident collision
crop harvest yield
customer client consumer shopper
damage harm injury injure
day daytime daily daylight
dead death die died mortality fatal fatality kill killed
difficult hard
dirt grime dirty
disease illness sick sickness ill ailment
doctor physician clinician
dose dosage
dry drought arid
dust particle particulate
earn earnings income wage wages salary
education schooling
electricity power electric electrical
employee worker staff workforce personnel
error mistake
exam examination test
exercise workout
factory plant-works mill
fast quick rapid speed velocity
farm farmer agricultural agriculture
feed fodder diet food eat
field plot parcel
fish fishery fishing
forest woodland
fresh new newly
garbage waste rubbish litter refuse
germ bacteria bacterial bacterium microbe microbial
germinate sprout germination emergence
glass pane glazing
global worldwide
grade mark score
ground floor
growth grow
health healthy
heat heating hot warmth warm
hospital clinic
humid humidity moist moisture damp wet wetness
illuminate light lighting lamp illumination
infect infection infected contagion
insect bug
job employment
lake pond
leaf leaves foliage leafy
lorry truck
loss lose lost
machine device appliance
man men male
meal lunch dinner breakfast
medicine drug medication pharmaceutical
midday noon
mood feeling
money financial finance
night nocturnal nighttime overnight nightly
noise noisy loud sound
nurse nursing
nutrient fertiliser fertilizer nitrogen fertilise manure
offspring juvenile young
adolescent teenager teen youth
old aged elderly older
organism species
pain ache painful
parent mother father
passenger rider
pay payment paid
peak maximum highest max top
minimum lowest min trough
people person persons inhabitant resident population
pesticide insecticide herbicide spray
plant vegetation
pollen pollination pollinator
pollute pollution contaminant contamination contaminate
poor poverty
predator prey hunt
pregnant pregnancy
profit revenue turnover takings
pupil student learner schoolchild
rain rainfall precipitation rainy
read reading literacy
recover recovery regain restore restoration return
reduce reduction
reflect reflectance reflective albedo
relapse recurrence
retail shop shopping
river stream
road street
roof rooftop
sale sell sold
salt saline salinity
seed sown sow
seedling sapling
shade shadow shaded
sheep lamb ewe
ship boat vessel
skin dermal
sleep asleep slept sleeper
smell odour odor
smoke smoking smoker cigarette tobacco
snow snowfall
soil earth
sun solar sunshine sunlight
survey questionnaire interview poll respondent
swing range spread amplitude variation
teach teacher teaching instructor
theft crime burglary
tired fatigue tiredness weary
toxic poison toxicity poisonous
trade commerce
train railway rail tram
travel trip journey commute
treat treatment therapy treated
unemployed unemployment jobless jobloss
vaccine vaccination vaccinate immunise immunisation
visit visitor attend attendance
vote voter voting election
walk walker pedestrian foot
wait waiting
water watering irrigate irrigation watered
weight mass heavy weigh
white pale
wind breeze windy gust
woman women female
wood timber wooden
year annual yearly
`

const CANON: ReadonlyMap<string, string> = new Map(
  GROUPS.trim()
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ').map(stem)
      return words.map((word) => [word, words[0] ?? word] as const)
    }),
)

/**
 * The stem that stands for all synonyms of `stem`, or `stem` itself.
 *
 * @remarks Source: docs/sources.md#general-synonyms (own table; a word is in one group only).
 */
export function canonical(word: string): string {
  return CANON.get(word) ?? word
}

/** What `un-` and `non-` deny: the rest of the word, if enough is left to be a word. */
export function deniedStem(word: string): string | undefined {
  const rest = /^(?:un|non)(\p{L}{4,})$/u.exec(word)?.[1]
  return rest === undefined || NOT_DENIED.test(word) ? undefined : stem(rest)
}

/** Words that only look like a denial. */
const NOT_DENIED = /^(?:under|uni|until|unless|unto|uncle|uncert|uniq)/
