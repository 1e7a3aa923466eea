import type { EpochMs } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'
import { createSeededRandom } from '../kernel/random.ts'

import { applyToView } from './apply.ts'
import { type Forecast, forecast } from './estimate/forecast.ts'
import type { DurationHistory } from './estimate/history.ts'
import { outlookOf, type SlowUnit, slowUnits } from './estimate/outlook-of.ts'
import type { ProgressEvent } from './event.ts'
import type { StepGraph } from './graph.ts'
import type { ProgressStore } from './store/store.ts'
import { viewAt } from './timing.ts'
import { readTrace } from './trace/read-trace.ts'
import type { RunTrace } from './trace/trace.ts'
import { createRunView, type RunView } from './view.ts'

/** A run as it is now, with what is to be expected of it. */
export interface RunLook {
  readonly view: RunView
  readonly trace: RunTrace
  readonly forecast: Forecast | undefined
  readonly slow: readonly SlowUnit[]
}

/** What a run is looked at with. */
export interface LookInput {
  readonly definition: JsonObject
  readonly events: readonly ProgressEvent[]
  readonly now: EpochMs
}

/** A run as it is at a time; equal events, times and history give an equal look. */
export function lookAt({ definition, events, now }: LookInput, history: DurationHistory): RunLook {
  const view = viewAt(events.reduce(applyToView, createRunView(definition)), now)
  const trace = readTrace(definition, events, now)
  const slow = slowUnits(trace, history)
  const isGoing = view.status === 'running' || view.status === 'waiting'
  const outlook = isGoing ? outlookOf(trace, history) : undefined
  if (outlook === undefined) return { view, trace, slow, forecast: undefined }
  const random = createSeededRandom(view.version)
  const told = forecast(outlook, history, { random, elapsedMs: view.elapsedMs })
  return { view, trace, slow, forecast: told }
}

/** Finished runs of a workflow, and steps of a kind, that are looked at. */
const MOST = { runs: 50, kind: 100 } as const

/** What is recorded of a workflow and of the kinds of its steps. */
export async function loadHistory(
  store: Pick<ProgressStore, 'listPast' | 'listKind'>,
  tenant: string,
  { name, plans }: Pick<StepGraph, 'name' | 'plans'>,
): Promise<DurationHistory> {
  const past = await store.listPast(tenant, name, MOST.runs)
  const steps = new Map<string, number[][]>()
  const items = new Map<string, number[]>()
  for (const { step, durations, items: count } of past) {
    if (durations.length > 0) steps.set(step, [...(steps.get(step) ?? []), [...durations]])
    if (count !== undefined) items.set(step, [...(items.get(step) ?? []), count])
  }
  const pooled = new Set(plans.filter(({ isOpenEnded }) => !isOpenEnded).map(({ uses }) => uses))
  const kinds = new Map<string, readonly number[]>()
  for (const uses of pooled) kinds.set(uses, await store.listKind(tenant, uses, MOST.kind))
  return {
    ofStep: (_workflow, step) => steps.get(step) ?? [],
    ofKind: (uses) => kinds.get(uses) ?? [],
    itemsOf: (_workflow, step) => items.get(step) ?? [],
  }
}
