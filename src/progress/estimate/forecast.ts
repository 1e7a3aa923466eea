import type { Random } from '../../kernel/random.ts'

import { gather, type Evidence, openChance, remainingOf } from './evidence.ts'
import type { DurationHistory } from './history.ts'
import type { Outlook } from './outlook.ts'
import { type Job, schedule } from './schedule.ts'

/** When a run is expected to be done. */
export interface Forecast {
  /** What is left, ms: one time in ten it is less. */
  readonly lowMs: number
  /** As often more as less. */
  readonly medianMs: number
  /** One time in ten it is more. */
  readonly highMs: number
}

/** How a forecast is made. */
export interface ForecastOptions {
  readonly random: Random
  /** How long the run has been at work, ms. */
  readonly elapsedMs: number
  /** @defaultValue 200, fewer for large runs */
  readonly draws?: number
}

const DRAWS = 200
const LEAST_DRAWS = 20
/** Units that are simulated in all draws together, at most; larger runs have fewer draws. */
const MOST_UNITS = 200_000

/**
 * What is left of a run, as an interval.
 *
 * @remarks
 * Each of many draws gives every unit that is left a duration, those under way one above what they
 * have taken already, and lets the graph run on its slots, so that the longest way to the end
 * decides. As far as the drawn durations are not those of the very steps, the rate so far is
 * believed as well (docs/sources.md#remaining-time).
 * @returns `undefined` when a unit is ahead of which nothing tells how long it takes.
 */
export function forecast(
  outlook: Outlook,
  history: DurationHistory,
  { random, elapsedMs, draws = DRAWS }: ForecastOptions,
): Forecast | undefined {
  const evidence = gather(outlook, history)
  const drawn = drawRemaining(outlook, { evidence, random, draws })
  if (drawn === undefined) return undefined
  const [low, median, high] = [0.1, 0.5, 0.9].map((share) => quantile(drawn.remaining, share))
  if (low === undefined || median === undefined || high === undefined) return undefined
  const centre = combine(median, rateSoFar(outlook, elapsedMs), drawn.known)
  const widen = 1 + UNKNOWN_WIDENS * (1 - drawn.known)
  const at = (value: number): number =>
    Math.round(centre * ((value + LEAST_MS) / (median + LEAST_MS)) ** widen)
  return { lowMs: at(low), medianMs: Math.round(centre), highMs: at(high) }
}

/** Ratios of shorter times mean nothing. */
const LEAST_MS = 1
/** Weight of the rate so far, when nothing is known of the steps that are left. */
const RATE_WEIGHT = 0.5
/** How much wider the interval is then, on the logarithmic scale. */
const UNKNOWN_WIDENS = 0.2

/** Before this has passed, ms, and anything is done, the rate so far means nothing. */
const RATE_FROM_MS = 1_000

function combine(median: number, rate: number | undefined, known: number): number {
  if (rate === undefined) return median
  const weight = RATE_WEIGHT * (1 - known)
  return (median + LEAST_MS) ** (1 - weight) * (rate + LEAST_MS) ** weight - LEAST_MS
}

/**
 * What is left if it goes on as it went so far, ms: the time so far, scaled to the units that are
 * left, and their mean duration on all slots, in the geometric middle. Before anything is done it
 * is what has passed.
 */
function rateSoFar({ units, slots }: Outlook, elapsedMs: number): number | undefined {
  const done = units.flatMap(({ phase }) => (phase.kind === 'done' ? [phase.ms] : []))
  if (done.length === 0) return elapsedMs < RATE_FROM_MS ? undefined : elapsedMs
  const left = units.length - done.length
  const scaled = (elapsedMs * left) / done.length
  const worked = done.reduce((sum, ms) => sum + ms, 0)
  return Math.sqrt(scaled * ((worked * left) / done.length / Math.min(slots, units.length)))
}

interface Drawing {
  readonly evidence: Evidence
  readonly random: Random
  readonly draws: number
}

interface Drawn {
  /** Milliseconds, in rising order. */
  readonly remaining: readonly number[]
  /** Share of the work left that is drawn from what is known of the very steps, 0 to 1. */
  readonly known: number
}

function drawRemaining(
  { units, slots, joins = [] }: Outlook,
  { evidence, random, draws }: Drawing,
): Drawn | undefined {
  const left = units.flatMap(({ phase }, place) => (phase.kind === 'done' ? [] : [place]))
  const places = new Map(left.map((place, index) => [place, index]))
  for (const join of joins.keys()) places.set(units.length + join, left.length + join)
  const leftOf = (needs: readonly number[]): readonly number[] =>
    needs.flatMap((need) => places.get(need) ?? [])
  const ends = joins.map((needs): Job => ({ needs: leftOf(needs), parts: [] }))
  const affordable = Math.floor(MOST_UNITS / Math.max(1, left.length))
  const count = Math.max(LEAST_DRAWS, Math.min(draws, affordable))
  const remaining: number[] = []
  let [total, known] = [0, 0]
  for (let draw = 0; draw < count; draw++) {
    const chance = openChance(evidence, random)
    const jobs: Job[] = []
    for (const place of left) {
      const unit = units[place]
      if (unit === undefined) continue
      const ms = remainingOf(unit, chance)
      if (ms === undefined) return undefined
      total += ms
      if (unit.phase.kind === 'due' || evidence.known.has(unit.step)) known += ms
      jobs.push({
        needs: leftOf(unit.needs),
        parts: [{ ms, takesSlot: unit.takesSlot }],
        group: unit.group,
      })
    }
    remaining.push(schedule([...jobs, ...ends], slots))
  }
  return {
    remaining: remaining.toSorted((a, b) => a - b),
    known: total === 0 ? 1 : known / total,
  }
}

/** The value below which a share of some numbers in rising order lies. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.round(share * (sorted.length - 1))]
}
