import { parseDurationMs } from '../../kernel/duration.ts'
import { present } from '../../kernel/present.ts'
import { compileTemplate, type Template } from '../expressions/template.ts'
import { ON_MACHINE, toVector } from '../queue/amounts.ts'
import type { RollbackPolicy } from '../rollback/policy.ts'
import type { StepKind } from '../steps/step-kind.ts'

import type { CheckedStep } from './check-step.ts'
import type {
  Cleanup,
  CompiledStep,
  CompiledWorkflow,
  Compensation,
  ErrorPlan,
  FanOut,
  Loop,
  RetryPlan,
  StatedDurations,
  StepPlacement,
} from './compiled.ts'
import { invert, placeGraph, rankPlaces } from './graph.ts'
import { programOf } from './program.ts'
import type { RetryDefinition, RollbackDefinition, Step } from './schema.ts'
import { fanOutOf } from './step-templates.ts'

const NO_RETRY: RetryPlan = {
  max: 0,
  initialMs: 1_000,
  factor: 2,
  maxDelayMs: 60_000,
  on: undefined,
}

/** What compiling needs beside the steps. */
export interface CompileOptions {
  readonly order: readonly string[]
  readonly defaultRetry: RetryDefinition | undefined
}

/** The steps, and the graph of them. */
export type CompiledGraph = Pick<CompiledWorkflow, 'order' | 'steps' | 'graph' | 'durations'>

/** Resolves checked steps without problems; `order` as `orderSteps` gives it. */
export function compileSteps(
  checked: readonly CheckedStep[],
  { order, defaultRetry }: CompileOptions,
): CompiledGraph {
  const dependents = invert(new Map(checked.map(({ name, needs }) => [name, needs])))
  // A step whose duration nobody has stated weighs as much as the mean of those that are stated.
  const stated = checked.flatMap(({ step }) => step.resources?.seconds ?? [])
  const mean = stated.length === 0 ? 1 : stated.reduce((sum, each) => sum + each, 0) / stated.length
  const byName = new Map(checked.map((each) => [each.name, each]))
  const sorted = order.map((name) => present(byName.get(name), `step ${name}`))
  const graph = placeGraph(order, dependents)
  const weights = Float64Array.from(sorted, ({ step }) => step.resources?.seconds ?? mean)
  const ranks = rankPlaces(graph, weights)
  const compiled = new Map(
    sorted.map((each, place) => {
      const known = { dependents: dependents.get(each.name) ?? [], place, rank: ranks[place] ?? 1 }
      return [each.name, { ...compileStep(each, defaultRetry), ...known }]
    }),
  )
  return {
    order,
    graph,
    steps: new Map(checked.map(({ name }) => [name, present(compiled.get(name), name)])),
    durations: durationsOf([...compiled.values()]),
  }
}

/** `steps` in the order. */
function durationsOf(steps: readonly CompiledStep[]): StatedDurations {
  const indexes = new Map<string, number>()
  for (const { program } of steps) {
    if (!indexes.has(program)) indexes.set(program, indexes.size)
  }
  return {
    programs: [...indexes.keys()],
    programAt: Int32Array.from(steps, ({ program }) => indexes.get(program) ?? -1),
    statedMs: Float64Array.from(steps, ({ statedMs = Number.NaN }) => statedMs),
    fanOuts: steps.filter(({ forEach }) => forEach !== undefined),
  }
}

function compileStep(
  { name, step, kind, compensateKind, cleanupKind, needs, templates }: CheckedStep,
  defaultRetry: RetryDefinition | undefined,
): Omit<CompiledStep, 'dependents' | 'place' | 'rank'> {
  return {
    name,
    kind: present(kind, `kind of step ${name}`),
    program: programOf(name, step.with ?? {}, present(kind, `kind of step ${name}`)),
    statedMs: step.resources?.seconds === undefined ? undefined : step.resources.seconds * 1_000,
    needs,
    parameters: templates.parameters,
    when: templates.when,
    since: step.since,
    until: step.until,
    forEach: fanOut(step, templates),
    repeat: loop(step, templates),
    retry: toRetryPlan(step.retry ?? defaultRetry),
    timeoutMs: step.timeout === undefined ? undefined : parseDurationMs(step.timeout),
    onError: errorPlan(step, templates),
    compensate: compensation(step.compensate, templates.compensate, compensateKind),
    cleanup: cleanup(step, templates, cleanupKind),
    isPivot: step.pivot ?? false,
    rollback: toRollbackPolicy(step.rollback),
    output: templates.output,
    placement: placement(step),
    raw: {
      with: step.with ?? {},
      tokens: step.resources?.model_inference_tokens,
      cores: step.resources?.cpu_cores,
    },
  }
}

type StepPart = CheckedStep['step']
type Templates = CheckedStep['templates']

/** The resources of machines, or a label, send a step into the queue. */
function placement({
  resources: { seconds, ...amounts } = {},
  runsOn = [],
  preemptible = false,
}: StepPart): StepPlacement | undefined {
  const isQueued = preemptible || runsOn.length > 0 || ON_MACHINE.some((each) => amounts[each])
  if (!isQueued) return undefined
  return {
    labels: runsOn,
    needs: toVector(amounts),
    isPreemptible: preemptible,
    expectedMs: seconds === undefined ? undefined : seconds * 1_000,
  }
}

function fanOut(step: StepPart, { items, expect }: Templates): FanOut | undefined {
  if (items === undefined) return undefined
  return { items, expect, maxConcurrency: fanOutOf(step)?.maxConcurrency }
}

function loop({ repeat }: StepPart, { until }: Templates): Loop | undefined {
  if (repeat === undefined || until === undefined) return undefined
  return {
    until,
    max: repeat.max,
    delayMs: repeat.delay === undefined ? 0 : parseDurationMs(repeat.delay),
  }
}

function errorPlan({ onError = 'fail' }: StepPart, { fallback }: Templates): ErrorPlan {
  if (onError === 'fail') return { kind: 'fail' }
  return { kind: 'continue', output: fallback ?? compileTemplate(null) }
}

function compensation(
  plan: Step['compensate'],
  parameters: Template | undefined,
  kind: StepKind | undefined,
): Compensation | undefined {
  if (plan === undefined) return undefined
  return {
    kind: present(kind, 'kind of compensation'),
    parameters: present(parameters, 'parameters of compensation'),
    timeoutMs: plan.timeout === undefined ? undefined : parseDurationMs(plan.timeout),
    retry: toRetryPlan(plan.retry),
    raw: plan.with ?? {},
  }
}

function cleanup(
  { cleanup: plan }: StepPart,
  templates: Templates,
  kind: CheckedStep['cleanupKind'],
): Cleanup | undefined {
  if (plan === undefined) return undefined
  const { after, ...rest } = plan
  return {
    ...present(compensation(rest, templates.cleanup, kind), 'cleanup'),
    afterMs: after === undefined ? undefined : parseDurationMs(after),
  }
}

/** What a definition says about failures, its short form spelled out. */
export function toRollbackPolicy(
  rollback: RollbackDefinition | undefined,
): RollbackPolicy | undefined {
  if (rollback === undefined) return undefined
  if (typeof rollback === 'string')
    return { strategy: rollback, on: {}, retries: undefined, fallback: undefined }
  const { strategy, on = {}, retries, otherwise: fallback } = rollback
  return { strategy, on, retries, fallback }
}

function toRetryPlan(retry: RetryDefinition | undefined): RetryPlan {
  if (retry === undefined) return NO_RETRY
  return {
    max: retry.max,
    initialMs: retry.initial === undefined ? NO_RETRY.initialMs : parseDurationMs(retry.initial),
    factor: retry.factor ?? NO_RETRY.factor,
    maxDelayMs:
      retry.maxDelay === undefined ? NO_RETRY.maxDelayMs : parseDurationMs(retry.maxDelay),
    on: retry.on,
  }
}
