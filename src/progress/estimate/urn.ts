import { type Random, uniform } from '../../kernel/random.ts'

/** Observed durations, ms, each with how much it counts. */
export interface Observation {
  readonly ms: number
  readonly weight: number
}

/** Something durations are drawn from. */
export interface Source {
  /**
   * A duration above `above`, ms.
   *
   * @returns `undefined` when it knows of nothing that could be that long.
   */
  draw(random: Random, above: number): number | undefined
  /** How much speaks for a duration above `above`. */
  mass(above: number): number
}

/** Nothing takes less than this, ms: ratios of shorter times mean nothing. */
const LEAST_MS = 1

/** Observations of an urn after which what is drawn is noted no more: it changes little. */
const MOST_KNOWN = 400

/** Observations, each smeared on the logarithmic scale, before what is believed without them. */
export interface UrnOptions {
  readonly observations: readonly Observation[]
  /** Scale of the logistic smear of the logarithm; 0.1 is about a fifth up or down. */
  readonly spread: number
  /** What a duration that resembles no observation is drawn from. */
  readonly base: Source | undefined
  /** How many observations the base counts for. */
  readonly baseWeight: number
}

/** A source that remembers what was drawn: what it gives once becomes likelier. */
export interface Urn extends Source {
  /** Notes a duration that was drawn, or seen. */
  add(ms: number): void
}

/**
 * Builds a Pólya urn over smeared observations (docs/sources.md#polya-urn).
 *
 * @remarks A thing seen n times is drawn from these n with weight n, and from the base with the
 * base's weight, each by how much of it lies above what is known to be exceeded.
 */
export function createUrn({ observations, spread, base, baseWeight }: UrnOptions): Urn {
  const known = [...observations]
  const ownMass = (above: number): number => {
    let sum = 0
    for (const { ms, weight } of known) sum += weight * tail(ms, above, spread)
    return sum
  }
  const baseMass = (above: number): number =>
    base === undefined ? 0 : baseWeight * base.mass(above)
  return {
    add(ms) {
      if (known.length < MOST_KNOWN) known.push({ ms, weight: 1 })
    },
    mass(above) {
      const total = known.reduce(
        (sum, { weight }) => sum + weight,
        base === undefined ? 0 : baseWeight,
      )
      return total === 0 ? 0 : (ownMass(above) + baseMass(above)) / total
    },
    draw(random, above) {
      const own = ownMass(above)
      let ticket = uniform(random) * (own + baseMass(above))
      if (ticket >= own) {
        const drawn = base?.draw(random, above)
        if (drawn !== undefined) return drawn
        ticket = uniform(random) * own
      }
      for (const { ms, weight } of known) {
        ticket -= weight * tail(ms, above, spread)
        if (ticket <= 0) return smeared(ms, { above, spread }, random)
      }
      const last = known.at(-1)
      return last === undefined ? undefined : smeared(last.ms, { above, spread }, random)
    },
  }
}

/** Share of a smeared duration that lies above a time. */
function tail(ms: number, above: number, spread: number): number {
  if (above <= 0) return 1
  return 1 / (1 + (above / Math.max(LEAST_MS, ms)) ** (1 / spread))
}

/** A smeared duration, given that it is above a time. */
function smeared(
  ms: number,
  { above, spread }: { readonly above: number; readonly spread: number },
  random: Random,
): number {
  const centre = Math.max(LEAST_MS, ms)
  const left = tail(centre, above, spread) * Math.max(1e-9, uniform(random))
  // The inverse of the logistic distribution's upper tail.
  return centre * (1 / Math.max(1e-12, left) - 1) ** spread
}

/**
 * What is believed of a duration of which only is known that it is above a time: that it will be
 * twice as long is as likely as not.
 */
export const ANYTHING: Source = {
  mass: () => 1,
  draw: (random, above) => Math.max(LEAST_MS, above) / Math.max(1e-3, uniform(random)),
}
