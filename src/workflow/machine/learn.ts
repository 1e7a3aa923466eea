import type { EpochMs } from '../../kernel/clock.ts'
import type { CompiledStep } from '../definition/compiled.ts'
import { rankPlaces } from '../definition/graph.ts'

import type { RunState } from './state.ts'

/** Steps looked at per unit that has ended, at most, in the long run. */
const LOOKS_PER_UNIT = 64
/**
 * Mean durations that a step of a program which has never run is put forward by.
 *
 * @remarks What it shows changes the order of everything that needs its like: optimism in the face
 * of uncertainty (docs/sources.md#optimism).
 */
const OPTIMISM = 2

/** Notes how long a unit took, and orders what is ready anew when enough is new. */
export function learn(
  state: RunState,
  step: string,
  { ms, at }: { ms: number; at: EpochMs },
): void {
  const { workflow, learnt, active } = state
  const program = workflow.steps.get(step)?.program
  if (program === undefined || !workflow.isOrderLearnt) return
  const known = learnt.programs.get(program)
  learnt.programs.set(program, { units: (known?.units ?? 0) + 1, ms: (known?.ms ?? 0) + ms })
  learnt.units++
  learnt.ms += ms
  const isDue =
    (learnt.units - learnt.rankedAt) * LOOKS_PER_UNIT >= workflow.steps.size + active.size
  if (isDue) rankAnew(state, at)
}

/** Rank of a step: as learnt, or as its definition tells. */
export function rankOf({ learnt, workflow }: RunState, step: string): number {
  const known = workflow.steps.get(step)
  return known === undefined ? 0 : (learnt.ranks?.[known.place] ?? known.rank)
}

function rankAnew(state: RunState, at: EpochMs): void {
  const { workflow, learnt, ready } = state
  const { programs, programAt, statedMs, fanOuts } = workflow.durations
  const mean = Math.max(1, learnt.ms / learnt.units)
  const expected = expectedMs(state, { mean, at })
  const ofProgram = Float64Array.from(programs, (program) => expected.get(program) ?? Number.NaN)
  const isUntried = (place: number): boolean =>
    Number.isNaN(statedMs[place]) && Number.isNaN(ofProgram[programAt[place] ?? -1])
  const weights = statedMs.map((stated, place) => {
    if (!Number.isNaN(stated)) return stated
    const one = ofProgram[programAt[place] ?? -1] ?? mean
    return Number.isNaN(one) ? mean : one
  })
  for (const step of fanOuts)
    weights[step.place] = (weights[step.place] ?? mean) * roundsOf(state, step)
  const ranks = rankPlaces(workflow.graph, weights)
  for (let place = 0; place < ranks.length; place++) {
    if (isUntried(place)) ranks[place] = (ranks[place] ?? 0) + OPTIMISM * mean
  }
  learnt.ranks = ranks
  learnt.rankedAt = learnt.units
  ready.sort((a, b) => rankOf(state, b) - rankOf(state, a))
}

/** How long a unit of each program takes, as far as any has ended or is under way. */
function expectedMs(
  { learnt, active, workflow }: RunState,
  { mean, at }: { readonly mean: number; readonly at: EpochMs },
): ReadonlyMap<string, number> {
  const expected = new Map<string, number>()
  // Never nothing: among steps too short to be measured the number of them counts.
  for (const [program, { units, ms }] of learnt.programs)
    expected.set(program, Math.max(1, ms / units))
  for (const { step, since, phase } of active.values()) {
    const program = workflow.steps.get(step)?.program ?? ''
    const known = learnt.programs.get(program)
    // What is under way already takes longer than this.
    const elapsed = phase === 'running' ? at - since : 0
    const least = known === undefined ? elapsed : (known.ms + elapsed) / (known.units + 1)
    expected.set(program, Math.max(expected.get(program) ?? mean, least))
  }
  return expected
}

/** How often as many items as may run at once follow one another. */
function roundsOf({ steps, workflow }: RunState, step: CompiledStep): number {
  const items = steps.get(step.name)?.items
  if (items === undefined) return 1
  const atOnce = Math.min(step.forEach?.maxConcurrency ?? Infinity, workflow.concurrency)
  return Math.max(1, (items.count - items.done) / atOnce)
}
