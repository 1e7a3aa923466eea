import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

import { numberIn, textIn } from './event.ts'
import { layOut, type TreeRow } from './layout.ts'
import { needsOf } from './needs.ts'

/** What a definition says of one step, as far as its progress depends on it. */
export interface StepPlan {
  readonly name: string
  /** The kind of step. */
  readonly uses: string
  readonly needs: readonly string[]
  /** Share of the whole work, any unit, above zero. */
  readonly weight: number
  /** How long it is expected to take, seconds, where the definition says so. */
  readonly statedSeconds: number | undefined
  /** Whether it runs once per item of a list whose length is not known beforehand. */
  readonly isFanOut: boolean
  /** Whether nothing tells beforehand how long it takes: it waits for somebody, or loops. */
  readonly isOpenEnded: boolean
  /** Whether it only waits, and takes no slot. */
  readonly isWait: boolean
  /** What an approval asks, when that is plain text. */
  readonly question: string | undefined
  /** Most of its items at once, where the definition says so. */
  readonly maxItems: number | undefined
}

/** The steps of a definition and how they hang together; the same for every view of a run. */
export interface StepGraph {
  readonly name: string
  /** Each step after what it needs. */
  readonly plans: readonly StepPlan[]
  /** Place of each step in `plans`. */
  readonly places: ReadonlyMap<string, number>
  /** Places of the steps that need the one at the same place in `plans`. */
  readonly dependents: readonly (readonly number[])[]
  /** Sum of all weights. */
  readonly weight: number
  /** Most units at once. */
  readonly concurrency: number
  /** The order and indentation in which a reader meets the steps. */
  readonly rows: readonly TreeRow[]
}

/** Units at once of a definition that does not say. */
const DEFAULT_CONCURRENCY = 16

/** Kinds of step that wait for what is not theirs. */
const WAITS: ReadonlySet<string> = new Set(['wait', 'approval', 'workflow'])

/** Reads a definition, which may be of a later version: what is not understood is left out. */
export function readGraph(definition: JsonObject): StepGraph {
  const { steps } = definition
  const raw = isJsonObject(steps) ? steps : {}
  const known = new Set(Object.keys(raw))
  const unweighted = Object.entries(raw).map(([name, step]) => planOf(name, step, known))
  const plans = inOrder(withWeights(unweighted))
  const places = new Map(plans.map(({ name }, place) => [name, place]))
  const dependents: number[][] = plans.map(() => [])
  for (const [place, { needs }] of plans.entries()) {
    for (const need of needs) dependents[places.get(need) ?? -1]?.push(place)
  }
  return {
    name: textIn(definition, 'name') ?? '',
    plans,
    places,
    dependents,
    weight: plans.reduce((sum, { weight }) => sum + weight, 0),
    concurrency: Math.max(1, numberIn(definition, 'concurrency') ?? DEFAULT_CONCURRENCY),
    rows: layOut(plans),
  }
}

function planOf(name: string, value: Json, known: ReadonlySet<string>): StepPlan {
  const step = isJsonObject(value) ? value : {}
  const { resources, forEach, with: parameters } = step
  const seconds = isJsonObject(resources) ? numberIn(resources, 'seconds') : undefined
  const question = isJsonObject(parameters) ? textIn(parameters, 'question') : undefined
  return {
    name,
    uses: textIn(step, 'uses') ?? '',
    needs: needsOf(step, known).filter((need) => need !== name),
    weight: 1,
    statedSeconds: seconds,
    isFanOut: forEach !== undefined,
    isOpenEnded: step['repeat'] !== undefined || WAITS.has(textIn(step, 'uses') ?? ''),
    isWait: WAITS.has(textIn(step, 'uses') ?? ''),
    question: question?.includes('{%') === true ? undefined : question,
    maxItems: isJsonObject(forEach) ? numberIn(forEach, 'maxConcurrency') : undefined,
  }
}

/** A step whose duration nobody has stated weighs as much as the mean of those that are stated. */
function withWeights(plans: readonly StepPlan[]): readonly StepPlan[] {
  const stated = plans.flatMap(({ statedSeconds }) =>
    statedSeconds !== undefined && statedSeconds > 0 ? [statedSeconds] : [],
  )
  if (stated.length === 0) return plans
  const mean = stated.reduce((sum, each) => sum + each, 0) / stated.length
  // A step that takes no time at all still is a step.
  const least = mean / 1_000
  return plans.map((plan) => ({ ...plan, weight: Math.max(plan.statedSeconds ?? mean, least) }))
}

/** Each step after what it needs; steps in a circle, which no valid definition has, come last. */
function inOrder(plans: readonly StepPlan[]): readonly StepPlan[] {
  const waitsFor = new Map(plans.map(({ name, needs }) => [name, needs.length]))
  const dependents = new Map<string, StepPlan[]>(plans.map(({ name }) => [name, []]))
  for (const plan of plans) for (const need of plan.needs) dependents.get(need)?.push(plan)
  const order = plans.filter(({ needs }) => needs.length === 0)
  for (const { name } of order) {
    for (const dependent of dependents.get(name) ?? []) {
      const left = (waitsFor.get(dependent.name) ?? 0) - 1
      waitsFor.set(dependent.name, left)
      if (left === 0) order.push(dependent)
    }
  }
  if (order.length === plans.length) return order
  const placed = new Set(order.map(({ name }) => name))
  return [...order, ...plans.filter(({ name }) => !placed.has(name))]
}
