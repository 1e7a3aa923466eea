import { integerBelow, type Random } from '../../kernel/random.ts'

import type { DurationHistory, Durations } from './history.ts'
import type { Outlook, PlannedUnit } from './outlook.ts'
import { ANYTHING, createUrn, type Observation, type Source, type Urn } from './urn.ts'

/** Spread of the logarithm, among units of one step and among steps of one kind. */
const SPREAD = { step: 0.1, kind: 0.4 } as const
/**
 * What an earlier run, a stated duration, all earlier runs of a kind, and the belief that a unit is
 * unlike all that was seen count for, in units of this run; chosen on the traces of the bench.
 */
const WEIGHT = { run: 1, stated: 1, kinds: 0.5, base: 0.3, anything: 0.05 } as const
/** Observations of one step in this run that are kept. */
const MOST_OBSERVATIONS = 200
/** Earlier runs of a step that are looked at, the latest ones. */
const MOST_RUNS = 50

/** What is known of steps and kinds, the same for all draws. */
export interface Evidence {
  readonly steps: ReadonlyMap<string, StepEvidence>
  readonly kinds: ReadonlyMap<string, readonly Observation[]>
  /** Steps that were seen themselves, in this run or earlier, or whose duration is stated. */
  readonly known: ReadonlySet<string>
}

interface StepEvidence {
  readonly uses: string
  readonly isOpenEnded: boolean
  readonly own: Observation[]
  readonly runs: readonly Durations[]
}

/** Collects what this run and earlier ones tell of each step. */
export function gather({ workflow, units }: Outlook, history: DurationHistory): Evidence {
  const steps = new Map<string, StepEvidence>()
  for (const { step, uses, statedMs, phase, isOpenEnded = false } of units) {
    let entry = steps.get(step)
    if (entry === undefined) {
      const runs = history.ofStep(workflow, step).slice(0, MOST_RUNS)
      const own = statedMs === undefined ? [] : [{ ms: statedMs, weight: WEIGHT.stated }]
      entry = { uses, isOpenEnded, own, runs }
      steps.set(step, entry)
    }
    if (phase.kind === 'done') entry.own.push({ ms: phase.ms, weight: 1 })
  }
  for (const [step, entry] of steps) steps.set(step, { ...entry, own: thinned(entry.own) })
  const known = [...steps].filter(([, { own, runs }]) => own.length + runs.length > 0)
  return {
    steps,
    kinds: kindsOf([...steps.values()], history),
    known: new Set(known.map(([step]) => step)),
  }
}

/** Of many observations every so manieth, which then counts for those left out. */
function thinned(observations: Observation[]): Observation[] {
  const each = Math.ceil(observations.length / MOST_OBSERVATIONS)
  if (each <= 1) return observations
  return observations
    .filter((_, place) => place % each === 0)
    .map(({ ms, weight }) => ({ ms, weight: weight * each }))
}

/** One typical duration per step of this run, and what other workflows tell of the kind. */
function kindsOf(
  steps: readonly StepEvidence[],
  history: DurationHistory,
): ReadonlyMap<string, readonly Observation[]> {
  const kinds = new Map<string, Observation[]>()
  for (const { uses, own, runs } of steps) {
    let list = kinds.get(uses)
    if (list === undefined) {
      const pooled = history.ofKind(uses)
      list = pooled.map((ms) => ({ ms, weight: WEIGHT.kinds / pooled.length }))
      kinds.set(uses, list)
    }
    const typical = middle([
      ...own.map(({ ms }) => ms),
      ...runs.flatMap((run) => middle(run) ?? []),
    ])
    if (typical !== undefined) list.push({ ms: typical, weight: 1 })
  }
  return kinds
}

/** One draw's belief: what it has drawn of a step makes alike durations of it likelier. */
export interface Chance {
  readonly evidence: Evidence
  readonly random: Random
  readonly kinds: Map<string, Urn>
  readonly steps: Map<string, Urn>
}

/** Begins a draw. */
export function openChance(evidence: Evidence, random: Random): Chance {
  return { evidence, random, kinds: new Map(), steps: new Map() }
}

/** What is drawn for the rest of a unit, ms; `undefined` when nothing tells anything of it. */
export function remainingOf({ step, phase }: PlannedUnit, chance: Chance): number | undefined {
  if (phase.kind === 'due') return Math.max(0, phase.inMs)
  const urn = urnOf(chance, step)
  const above = phase.kind === 'running' ? phase.forMs : 0
  const ms = urn.draw(chance.random, above)
  if (ms === undefined) return undefined
  urn.add(ms)
  return Math.max(0, ms - above)
}

function urnOf(chance: Chance, step: string): Urn {
  const { evidence, random, steps } = chance
  const before = steps.get(step)
  if (before !== undefined) return before
  const { uses, own, runs, isOpenEnded } = evidence.steps.get(step) ?? NOTHING
  const observations = [...own, ...runs.flatMap((run) => oneOf(run, random))]
  const tail = observations.length > 0 ? ANYTHING : undefined
  const base: Source | undefined = isOpenEnded ? tail : kindOf(chance, uses)
  const urn = createUrn({ observations, spread: SPREAD.step, base, baseWeight: WEIGHT.base })
  steps.set(step, urn)
  return urn
}

const NOTHING: StepEvidence = { uses: '', isOpenEnded: true, own: [], runs: [] }

function kindOf({ evidence, kinds }: Chance, uses: string): Urn {
  const before = kinds.get(uses)
  if (before !== undefined) return before
  const observations = evidence.kinds.get(uses) ?? []
  const base = observations.length > 0 ? ANYTHING : undefined
  const urn = createUrn({ observations, spread: SPREAD.kind, base, baseWeight: WEIGHT.anything })
  kinds.set(uses, urn)
  return urn
}

/** Each earlier run counts for one observation: its units resemble one another more than ours. */
function oneOf(run: Durations, random: Random): readonly Observation[] {
  const ms = run[integerBelow(random, Math.max(1, run.length))]
  return ms === undefined ? [] : [{ ms, weight: WEIGHT.run }]
}

/** The middle of some numbers; `undefined` when there are none. */
export function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >>> 1]
}
