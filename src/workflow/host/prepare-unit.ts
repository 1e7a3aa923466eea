import { isJsonObject, type Json } from '../../kernel/json.ts'
import { secretsIn } from '../definition/check-step.ts'
import type { CompiledStep } from '../definition/compiled.ts'
import { MissingSecretError, NotAListError } from '../errors.ts'
import type { Bindings } from '../expressions/expression.ts'
import type { Template } from '../expressions/template.ts'
import { tryOf } from '../machine/decide-step.ts'
import type { UnitRef } from '../machine/events.ts'
import { unitKey } from '../machine/events.ts'
import type { Candidate } from '../machine/ready.ts'
import { isLeftOut, type RunState } from '../machine/state.ts'
import { maskInputs } from '../sealing.ts'
import type { PreparedStep, StepKind } from '../steps/step-kind.ts'

import { bindingsAt, type Moment } from './bindings.ts'
import type { HostDeps } from './deps.ts'
import { inputsFor, type OpenScope } from './opened.ts'

/** What a candidate turned out to be, once its expressions were evaluated. */
export type Preparation =
  | { readonly kind: 'skip'; readonly reason: 'when' | 'patch' }
  | { readonly kind: 'expand'; readonly items: readonly Json[] }
  | {
      readonly kind: 'begin'
      readonly prepared: PreparedStep
      readonly secrets: readonly string[]
      /** As evaluated, secrets still by name. */
      readonly parameters: Json
    }
  | { readonly kind: 'broken'; readonly fault: unknown }

/** A unit that can begin. */
type Beginning = Extract<Preparation, { readonly kind: 'begin' }>

/** A run as far as its expressions are concerned. */
export interface ViewScope {
  readonly id: string
  readonly state: RunState
  readonly deps: Pick<HostDeps, 'artifacts'>
  /** Lists of `forEach`, evaluated once. */
  readonly lists: Map<string, readonly Json[]>
}

/** A run as far as preparing its units is concerned. */
export interface UnitScope extends ViewScope, OpenScope {
  readonly deps: HostDeps
  /** Who has the run; absent where it is only looked at. */
  readonly worker?: string
}

/** Whoever only looks at a run sees no sensitive input. */
function mayOpen(scope: ViewScope): scope is UnitScope {
  return 'opened' in scope
}

/**
 * Evaluates what a candidate needs to begin: whether it runs, its list, its parameters.
 *
 * @remarks Pure but for fetched artifacts, so that it can be done again after a crash. Answers at
 * once when there is nothing to evaluate.
 */
export function prepareUnit(
  scope: UnitScope,
  candidate: Candidate,
): Preparation | Promise<Preparation> {
  const step = stepOf(scope, candidate)
  if (isLeftOut(scope.state, step)) return { kind: 'skip', reason: 'patch' }
  const { constant } = step.parameters
  if (constant !== undefined && step.when === undefined && step.forEach === undefined) {
    return settle(() => begin(scope, step.kind, constant.value))
  }
  return prepareSlowly(scope, candidate)
}

/** A fault of an expression or of a parameter is the unit's failure, not the host's. */
function settle(
  work: () => Preparation | Promise<Preparation>,
): Preparation | Promise<Preparation> {
  try {
    const done = work()
    return done instanceof Promise ? done.catch(broken) : done
  } catch (fault) {
    return broken(fault)
  }
}

function broken(fault: unknown): Preparation {
  return { kind: 'broken', fault }
}

async function prepareSlowly(scope: UnitScope, candidate: Candidate): Promise<Preparation> {
  const step = stepOf(scope, candidate)
  try {
    const isFirst = !scope.state.active.has(unitKey(candidate)) && candidate.index === undefined
    if (isFirst && step.when !== undefined) {
      const isWanted = await evaluate(scope, step.when, momentOf(scope, step))
      if (!isTruthy(isWanted)) return { kind: 'skip', reason: 'when' }
    }
    if (candidate.kind === 'expand') {
      return { kind: 'expand', items: await listOf(scope, step) }
    }
    const moment = momentOf(scope, step, await unitVariables(scope, step, candidate))
    return await begin(scope, step.kind, await evaluate(scope, step.parameters, moment))
  } catch (fault) {
    return broken(fault)
  }
}

/** Fills in secrets and hands the parameters to the kind of step; at once when no secret is named. */
export function begin(
  scope: Pick<UnitScope, 'deps' | 'tenant'>,
  kind: StepKind,
  parameters: Json,
): Beginning | Promise<Beginning> {
  const named = kind.takesSecrets ? secretsIn(parameters) : []
  if (named.length === 0) {
    return { kind: 'begin', prepared: kind.prepare(parameters), secrets: [], parameters }
  }
  return beginWithSecrets(scope, kind, { parameters, names: named.map(({ name }) => name) })
}

async function beginWithSecrets(
  { deps, tenant }: Pick<UnitScope, 'deps' | 'tenant'>,
  kind: StepKind,
  { parameters, names }: { readonly parameters: Json; readonly names: readonly string[] },
): Promise<Beginning> {
  const values = new Map<string, string>()
  for (const name of new Set(names)) {
    const value = await deps.secrets(tenant, name)
    if (value === undefined) throw new MissingSecretError(name)
    values.set(name, value)
  }
  const prepared = kind.prepare(fillSecrets(parameters, values))
  return { kind: 'begin', prepared, secrets: [...values.values()], parameters }
}

function fillSecrets(value: Json, secrets: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => fillSecrets(item, secrets))
  if (!isJsonObject(value)) return value
  const name = value['$secret']
  if (typeof name === 'string') return secrets.get(name) ?? null
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, fillSecrets(member, secrets)]),
  )
}

/** The list of a `forEach`; evaluated again after a crash, with the same result. */
async function listOf(scope: ViewScope, step: CompiledStep): Promise<readonly Json[]> {
  const known = scope.lists.get(step.name)
  if (known !== undefined) return known
  const template = step.forEach?.items
  const items = template === undefined ? [] : await evaluate(scope, template, momentOf(scope, step))
  // Nothing found is an empty list. A path that finds one thing gives the thing itself, which is
  // refused: a text taken for a list of one would hide mistakes.
  const list = items === null ? [] : items
  if (!Array.isArray(list)) throw new NotAListError(step.name, describe(list))
  scope.lists.set(step.name, list)
  return list
}

function describe(value: Json): string {
  return isJsonObject(value) ? 'an object' : JSON.stringify(value)
}

/** Variables of one unit: its item, its place in a loop, its try. */
export async function unitVariables(
  scope: ViewScope,
  step: CompiledStep,
  ref: UnitRef,
): Promise<Readonly<Record<string, Json>>> {
  const unit = scope.state.active.get(unitKey(ref))
  const { attempt, pass = 1 } = unit?.phase === 'running' ? unit : tryOf(scope.state, ref, 0n)
  const { index } = ref
  const item = index === undefined ? undefined : (await listOf(scope, step))[index]
  return {
    attempt,
    ...(index !== undefined && { item: item ?? null, index }),
    ...(step.repeat !== undefined && { pass, previous: unit?.previous ?? null }),
  }
}

/** What expressions of a step see. */
export function momentOf(
  { id, state }: ViewScope,
  step: CompiledStep,
  more: Moment['more'] = {},
): Moment {
  return { run: { id, name: state.workflow.name }, steps: step.needs, more }
}

/** Evaluates a template at a moment. */
export async function evaluate(
  scope: ViewScope,
  template: Template,
  moment: Moment,
): Promise<Json> {
  if (template.constant !== undefined) return template.constant.value
  const { state, deps } = scope
  const inputs = mayOpen(scope) ? await inputsFor(scope, template) : maskInputs(state.inputs)
  const seen = { ...moment, steps: stepsReadBy(template, moment.steps) }
  const bindings: Bindings = await bindingsAt({ state, inputs }, seen, deps.artifacts)
  return template.evaluate(bindings)
}

/**
 * Of the steps that may be named, those that a template reads: what the others gave may be large and
 * would be fetched for every item. A template that takes all steps as one value reads all of them.
 */
function stepsReadBy({ expressions }: Template, known: readonly string[]): readonly string[] {
  const names = new Set<string>()
  for (const { expression } of expressions) {
    for (const { variable, path } of expression.references) {
      if (variable !== 'steps') continue
      const [name] = path
      if (name === undefined) return known
      names.add(name)
    }
  }
  return known.filter((name) => names.has(name))
}

/** JSONata's notion of true: empty texts, lists and objects, zero and null are not. */
export function isTruthy(value: Json): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => isTruthy(item))
  if (isJsonObject(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

/** The definition of a candidate's step. */
export function stepOf({ state }: Pick<UnitScope, 'state'>, { step }: UnitRef): CompiledStep {
  const found = state.workflow.steps.get(step)
  if (found === undefined) throw new TypeError(`the workflow has no step "${step}"`)
  return found
}
