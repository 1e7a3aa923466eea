import type { Artifacts } from '../../artifacts/index.ts'
import { toErrorRecord } from '../../kernel/errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { toJsonObject } from '../../kernel/json.ts'
import type { CompiledStep, CompiledWorkflow } from '../definition/compiled.ts'
import { UnknownPlaceError } from '../errors.ts'
import { evaluate, momentOf, unitVariables, type ViewScope } from '../host/prepare-unit.ts'
import type { TimedEvent } from '../host/run-store.ts'
import { applyEvent } from '../machine/apply.ts'
import type { RunEvent, UnitRef } from '../machine/events.ts'
import type { RunState } from '../machine/state.ts'
import { maskInputs, maskSealed } from '../sealing.ts'

import { foldRun } from './fold.ts'
import { findPosition, unitOf } from './position.ts'
import type { Moment, SeenByStep } from './schema.ts'
import { hashState } from './snapshot.ts'
import { diffJson, viewState } from './state-view.ts'

/** A run, and where in its history to look. */
export interface DebugParts {
  readonly run: string
  readonly workflow: CompiledWorkflow
  readonly events: readonly TimedEvent[]
  /** A version, a step or an item: `read`, `read[7]`. */
  readonly place: string
}

/**
 * A run at one place of its history: what was known, what happened, what changed.
 *
 * @remarks Everything comes from the fold of the history; expressions are evaluated again, and
 * give what they gave.
 * @throws {@link UnknownPlaceError} there is no such place.
 */
export async function momentAt(
  { run, workflow, events, place }: DebugParts,
  artifacts: Artifacts,
): Promise<Moment> {
  const version = findPosition(events, place)
  const timed = version === undefined ? undefined : events[version - 1]
  if (version === undefined || timed === undefined)
    throw new UnknownPlaceError(run, place, events.length)
  const { event, at } = timed
  const state = foldRun(workflow, events.slice(0, version - 1))
  const before = viewState(state)
  const scope: ViewScope = { id: run, state, deps: { artifacts }, lists: new Map() }
  const unit = unitOf(event)
  const step = unit === undefined ? undefined : workflow.steps.get(unit.step)
  const seen =
    unit === undefined || step === undefined
      ? undefined
      : await whatItSaw(scope, step, { unit, event })
  applyEvent(state, event, at)
  const after = viewState(state)
  return {
    run,
    version,
    of: events.length,
    at,
    kind: event.kind,
    data: maskSealed(plainData(event)),
    ...(seen !== undefined && { seen }),
    before,
    after,
    changes: [...diffJson(before, after)],
    stateHash: hashState(state),
  }
}

interface Happening {
  readonly unit: UnitRef
  readonly event: RunEvent
}

async function whatItSaw(
  scope: ViewScope,
  step: CompiledStep,
  { unit, event }: Happening,
): Promise<SeenByStep> {
  const { state } = scope
  const steps: Record<string, Json> = {}
  for (const name of step.needs) steps[name] = state.steps.get(name)?.output ?? null
  return {
    step: step.name,
    ...(unit.index !== undefined && { index: unit.index }),
    uses: step.kind.name,
    inputs: maskInputs(state.inputs),
    steps,
    ...(await parametersOf(scope, step, unit)),
    ...resultOf(event),
  }
}

type Parameters = Pick<SeenByStep, 'attempt' | 'item' | 'parameters' | 'problem'>

/** What the step was given; why not, when that cannot be told: an artifact may be gone, say. */
async function parametersOf(
  scope: ViewScope,
  step: CompiledStep,
  unit: UnitRef,
): Promise<Parameters> {
  const isWhole = step.forEach !== undefined && unit.index === undefined
  if (isWhole) return { attempt: 1 }
  try {
    const variables = await unitVariables(scope, step, unit)
    const { attempt, item } = variables
    const parameters = await evaluate(scope, step.parameters, momentOf(scope, step, variables))
    return {
      attempt: typeof attempt === 'number' ? attempt : 1,
      ...(item !== undefined && { item }),
      parameters,
    }
  } catch (fault) {
    return { attempt: attemptOf(scope.state, unit), problem: toErrorRecord(fault) }
  }
}

function attemptOf({ active }: RunState, { step, index }: UnitRef): number {
  return active.get(index === undefined ? step : `${step}[${index}]`)?.attempt ?? 1
}

function resultOf({ data }: RunEvent): Pick<SeenByStep, 'output' | 'error'> {
  return {
    ...('output' in data && { output: data.output }),
    ...('error' in data && data.error !== undefined && { error: data.error }),
  }
}

/** Events in memory may have members that are undefined, stored ones have none. */
function plainData({ data }: RunEvent): JsonObject {
  return Object.fromEntries(
    Object.entries(toJsonObject(data)).filter(([, member]) => member !== undefined),
  )
}
