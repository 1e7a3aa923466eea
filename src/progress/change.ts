import type { EpochMs } from '../kernel/clock.ts'
import { toMicroFtns } from '../kernel/money.ts'

import { amountIn, type ProgressEvent } from './event.ts'
import { countUnits } from './units.ts'
import { isVague, type RunView, type StepStatus, type StepView } from './view.ts'

/** States in which a step's share of the work is done. */
const DONE: ReadonlySet<StepStatus> = new Set(['completed', 'skipped', 'undoing', 'undone'])
/** States in which nothing more happens to a step, unless the run is resumed or undone. */
const ENDED: ReadonlySet<StepStatus> = new Set([...DONE, 'failed', 'stopped'])

/** Whether nothing more happens to a step as the run is. */
export function hasEnded({ status }: StepView): boolean {
  return ENDED.has(status)
}

/** The step that an event is about; `undefined` when this definition has none of its name. */
export function findStep(view: RunView, name: string | undefined): StepView | undefined {
  const place = view.graph.places.get(name ?? '')
  return place === undefined ? undefined : view.steps[place]
}

/** The view with one step replaced, and all sums brought up to date. */
export function putStep(view: RunView, step: StepView): RunView {
  const place = view.graph.places.get(step.name)
  const plan = view.graph.plans[place ?? -1]
  const before = view.steps[place ?? -1]
  if (place === undefined || plan === undefined || before === undefined) return view
  const vague = (one: StepView): boolean => !hasEnded(one) && isVague(plan, one.items)
  const { tally } = view
  const doneWeight = tally.doneWeight + plan.weight * (shareOf(step) - shareOf(before))
  return {
    ...view,
    steps: view.steps.with(place, step),
    percent: Math.max(view.percent, percentOf(doneWeight, view.graph.weight)),
    tally: {
      ...tally,
      doneWeight,
      running: tally.running + step.units.running - before.units.running,
      waiting: tally.waiting + step.units.waiting - before.units.waiting,
      due: tally.due + dueOf(step) - dueOf(before),
      readySteps: tally.readySteps + sign(step.status === 'ready', before.status === 'ready'),
      vagueSteps: tally.vagueSteps + sign(vague(step), vague(before)),
    },
  }
}

/** 1 when something has become so, -1 when it no longer is. */
function sign(is: boolean, was: boolean): number {
  return Number(is) - Number(was)
}

/** The share of a step's work that is done, 0 to 1. */
function shareOf({ status, items }: StepView): number {
  if (DONE.has(status)) return 1
  return items === undefined || items.total === 0 ? 0 : items.done / items.total
}

/** One decimal, rounded down; the last tenth belongs to the end of the run. */
function percentOf(doneWeight: number, weight: number): number {
  return weight > 0 ? Math.min(99.9, Math.floor((1_000 * doneWeight) / weight) / 10) : 0
}

function dueOf({ units }: StepView): number {
  return units.retrying + units.repeating
}

/** The step in another state, since `at`. */
export function inState(step: StepView, status: StepStatus, at: EpochMs): StepView {
  return step.status === status ? step : { ...step, status, since: at }
}

/** The step in the state that its units are in; one item that has failed fails it. */
export function settled(step: StepView, at: EpochMs): StepView {
  const { units, items } = step
  if (items !== undefined && items.failed > 0) return inState(step, 'failed', at)
  if (units.running > 0) return inState(step, 'running', at)
  if (units.waiting > 0) return inState(step, 'waiting', at)
  if (units.retrying > 0) return inState(step, 'retrying', at)
  if (units.repeating > 0) return inState(step, 'repeating', at)
  return inState(step, step.needsLeft > 0 ? 'pending' : 'ready', at)
}

/** The step with its items counted anew. */
export function recounted(step: StepView, more: { done?: number; failed?: number }): StepView {
  const { items, units } = step
  if (items === undefined) return step
  return { ...step, items: { ...items, ...more, active: countUnits(units) } }
}

/** The view with what the event says was paid. */
export function paid(view: RunView, { data }: ProgressEvent, step: StepView): RunView {
  const cost = amountIn(data, 'cost') ?? 0n
  if (cost === 0n) return putStep(view, step)
  const changed = putStep(view, { ...step, cost: toMicroFtns(step.cost + cost) })
  return { ...changed, cost: toMicroFtns(view.cost + cost) }
}

/** Steps that waited for `name` no longer do. */
export function release(view: RunView, name: string, at: EpochMs): RunView {
  const { graph } = view
  let next = view
  for (const place of graph.dependents[graph.places.get(name) ?? -1] ?? []) {
    const step = next.steps[place]
    if (step === undefined || step.needsLeft === 0) continue
    const needsLeft = step.needsLeft - 1
    const freed = { ...step, needsLeft }
    const isFree = needsLeft === 0 && step.status === 'pending'
    next = putStep(next, isFree ? inState(freed, 'ready', at) : freed)
  }
  return next
}
