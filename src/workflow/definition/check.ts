import { parseDurationMs } from '../../kernel/duration.ts'
import { hashJson } from '../../kernel/hash.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { InvalidAmountError, parseFtns } from '../../kernel/money.ts'
import { ok, refuse, type Result } from '../../kernel/result.ts'
import { compileTemplate, type OnSyntaxFault, type Template } from '../expressions/template.ts'
import type { StepKind } from '../steps/step-kind.ts'

import { type CheckedStep, checkStep, type StepContext } from './check-step.ts'
import { compileSteps, toRollbackPolicy } from './compile-steps.ts'
import type { CompiledWorkflow, QueuePlan } from './compiled.ts'
import { scopeOf } from './definition-scope.ts'
import type { SourceDocument } from './document.ts'
import { type Needs, orderSteps } from './graph.ts'
import { checkSchema, createInputCheck } from './json-schema.ts'
import { createProblems, type Problems, suggest } from './problems.ts'
import { checkTemplate } from './references-check.ts'
import {
  type DefinitionHead,
  definitionHead,
  type Problem,
  type QueueOptions,
  step as stepSchema,
  type Step,
  STEP_NAME,
} from './schema.ts'
import { createScope, type Scope } from './scope.ts'
import { isMarked, sensitiveInputsOf } from './sensitive.ts'

/** Steps at once when a definition does not say. */
const DEFAULT_CONCURRENCY = 16

/** The kinds of step there are, by name. */
export type StepKinds = ReadonlyMap<string, StepKind>

/**
 * Checks a definition and resolves everything in it.
 *
 * @returns the compiled workflow, or every problem at once: shape, names, expressions, types and
 * cycles, each with its place.
 */
export function checkDefinition(
  source: SourceDocument,
  kinds: StepKinds,
): Result<CompiledWorkflow, readonly Problem[]> {
  const problems = createProblems(source)
  const { value } = source
  if (!isJsonObject(value)) {
    problems.add([], {
      code: 'workflow.invalid-definition',
      message: 'a definition is a map with "apiVersion", "name" and "steps"',
    })
    return refuse(problems.list)
  }
  const head = checkHead(value, problems)
  const steps = withModel(readSteps(value['steps'], problems), head?.model, kinds)
  const scope = scopeOf({ head, steps, all: namesIn(value['steps']), kinds })
  const context: StepContext = { scope, kinds, problems, secrets: new Set(head?.secrets) }
  const checked = [...steps].map(([name, step]) => checkStep(name, step, context))
  for (const step of checked) checkNested(step, { kinds, problems })
  const output =
    head?.output === undefined
      ? undefined
      : checkTop(head.output, { at: ['output'], scope, problems })
  const key = checkKey(head, problems)
  const order = checkOrder(needsOf(checked, namesIn(value['steps'])), problems)
  if (head === undefined || order === undefined || problems.list.length > 0)
    return refuse(problems.list)
  return ok(compile({ head, checked, order, output, key, value }))
}

function checkHead(value: JsonObject, problems: Problems): DefinitionHead | undefined {
  const { steps, ...rest } = value
  void steps
  const parsed = definitionHead.safeParse(rest)
  if (!parsed.success) {
    problems.addIssues([], parsed.error.issues, [...Object.keys(definitionHead.shape), 'steps'])
    return undefined
  }
  const head = parsed.data
  for (const { path, message } of head.inputs === undefined ? [] : checkSchema(head.inputs)) {
    problems.add(['inputs', ...path], { code: 'workflow.invalid-definition', message })
  }
  refuseSensitiveDefaults(head.inputs, problems)
  if (head.budget !== undefined) readAmount(head.budget, ['budget'], problems)
  const { maxCost } = head.queue ?? {}
  if (maxCost !== undefined) readAmount(maxCost, ['queue', 'maxCost'], problems)
  return head
}

/** A definition is kept, and shown, as it is written. */
function refuseSensitiveDefaults(inputs: JsonObject | undefined, problems: Problems): void {
  const { properties = {} } = inputs ?? {}
  if (!isJsonObject(properties)) return
  for (const [name, input] of Object.entries(properties)) {
    if (!isJsonObject(input) || input['default'] === undefined || !isMarked(input)) continue
    problems.add(['inputs', 'properties', name, 'default'], {
      code: 'workflow.sensitive-value',
      message: `"${name}" is sensitive, and its default would be kept in the clear`,
      hint: 'remove the default, or store a secret and write { $secret: NAME } where it is used',
    })
  }
}

function readAmount(text: string, path: readonly string[], problems: Problems): void {
  try {
    parseFtns(text)
  } catch (fault) {
    if (!(fault instanceof InvalidAmountError)) throw fault
    const { message, hint } = fault
    problems.add(path, {
      code: 'workflow.invalid-definition',
      message,
      ...(hint !== undefined && { hint }),
    })
  }
}

function namesIn(steps: Json | undefined): ReadonlySet<string> {
  return new Set(isJsonObject(steps) ? Object.keys(steps) : [])
}

/** The steps that are well formed; the others are reported. */
function readSteps(value: Json | undefined, problems: Problems): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>()
  if (!isJsonObject(value) || Object.keys(value).length === 0) {
    const message = '"steps" is a map from names to steps, with at least one'
    problems.add(['steps'], { code: 'workflow.invalid-definition', message })
    return steps
  }
  for (const [name, each] of Object.entries(value)) {
    if (!STEP_NAME.test(name)) {
      problems.add(['steps', name], {
        code: 'workflow.invalid-definition',
        message: `"${name}" is not a name for a step`,
        hint: 'use up to 64 letters, digits and "_", not starting with a digit: names are written $steps.name in expressions',
      })
    }
    const parsed = stepSchema.safeParse(each)
    if (parsed.success) steps.set(name, parsed.data)
    else {
      addUnknownKeys(name, each, problems)
      const others = parsed.error.issues.filter(
        ({ code, path }) => code !== 'unrecognized_keys' || path.length > 0,
      )
      problems.addIssues(['steps', name], others)
    }
  }
  return steps
}

/** The model of the workflow, in the steps that take one and name none. */
function withModel(
  steps: ReadonlyMap<string, Step>,
  model: string | undefined,
  kinds: StepKinds,
): ReadonlyMap<string, Step> {
  if (model === undefined) return steps
  const settle = (step: Step): Step =>
    takesModel(kinds.get(step.uses)) ? { ...step, with: { model, ...step.with } } : step
  return new Map([...steps].map(([name, step]) => [name, settle(step)]))
}

function takesModel(kind: StepKind | undefined): boolean {
  const properties = kind?.parameters['properties']
  return isJsonObject(properties) && 'model' in properties
}

function addUnknownKeys(name: string, value: Json, problems: Problems): void {
  const known = Object.keys(stepSchema.shape)
  for (const key of isJsonObject(value) ? Object.keys(value) : []) {
    if (known.includes(key)) continue
    const hint = suggest(key, known)
    problems.add(['steps', name, key], {
      code: 'workflow.invalid-definition',
      message: `"${key}" is not known here`,
      ...(hint !== undefined && { hint }),
    })
  }
}

/** A workflow written in place is checked with the one it stands in. */
function checkNested(
  { name, step, kind }: CheckedStep,
  { kinds, problems }: { readonly kinds: StepKinds; readonly problems: Problems },
): void {
  for (const key of kind?.opaque ?? []) {
    const value = step.with?.[key]
    if (!isJsonObject(value)) continue
    const nested = checkDefinition({ value, file: undefined, place: () => undefined }, kinds)
    for (const { path, code, message, hint } of nested.ok ? [] : nested.refusal) {
      const at = ['steps', name, 'with', key, ...path.split('.').filter((part) => part !== '')]
      problems.add(at, { code, message, ...(hint !== undefined && { hint }) })
    }
  }
}

interface TopCheck {
  readonly at: readonly string[]
  readonly scope: Scope
  readonly problems: Problems
}

/** A template outside of the steps. */
function checkTop(value: Json, { at, scope, problems }: TopCheck): Template {
  const template = compileTemplate(value, { onFault: syntaxFaults(at, problems) })
  checkTemplate(template, { base: at, scope, problems })
  return template
}

/** The key is settled before the run begins: nothing but its inputs is known then. */
function checkKey(head: DefinitionHead | undefined, problems: Problems): Template | undefined {
  const key = head?.queue?.key
  if (key === undefined) return undefined
  const scope = createScope({
    variables: new Set(['inputs']),
    absent: new Map([['steps', 'the key is settled before the run begins: only $inputs is known']]),
    steps: new Map(),
    inputs: head?.inputs,
  })
  return checkTop(key, { at: ['queue', 'key'], scope, problems })
}

function syntaxFaults(base: readonly string[], problems: Problems): OnSyntaxFault {
  return (fault, path) =>
    problems.add([...base, ...path], {
      code: 'workflow.expression-syntax',
      message: fault instanceof Error ? fault.message : String(fault),
    })
}

function needsOf(checked: readonly CheckedStep[], all: ReadonlySet<string>): Needs {
  const needs = new Map<string, readonly string[]>([...all].map((name) => [name, []]))
  for (const step of checked) needs.set(step.name, step.needs)
  return needs
}

function checkOrder(needs: Needs, problems: Problems): readonly string[] | undefined {
  const ordering = orderSteps(needs)
  if (ordering.ok) return ordering.order
  for (const cycle of ordering.cycles) {
    const [first = ''] = cycle
    problems.add(['steps', first], {
      code: 'workflow.cycle',
      message:
        cycle.length === 1
          ? `step "${first}" needs itself`
          : `steps need each other in a circle: ${[...cycle, first].join(' → ')}`,
      hint: 'remove one of these needs, or use "repeat" to run a step again',
    })
  }
  return undefined
}

interface CompileParts {
  readonly head: DefinitionHead
  readonly checked: readonly CheckedStep[]
  readonly order: readonly string[]
  readonly output: Template | undefined
  readonly key: Template | undefined
  readonly value: JsonObject
}

function compile({ head, checked, order, output, key, value }: CompileParts): CompiledWorkflow {
  const steps = Object.fromEntries(checked.map(({ name, step }) => [name, step]))
  const concurrency = head.concurrency ?? DEFAULT_CONCURRENCY
  return {
    hash: hashJson(value),
    definition: { ...head, steps },
    name: head.name,
    ...compileSteps(checked, { order, defaultRetry: head.retry }),
    concurrency,
    isOrderLearnt: isOrderLearnt(checked, concurrency),
    timeoutMs: head.timeout === undefined ? undefined : parseDurationMs(head.timeout),
    isFailFast: head.failFast ?? true,
    budget: head.budget === undefined ? undefined : parseFtns(head.budget),
    output,
    queue: queuePlan(head.queue, key),
    rollback: toRollbackPolicy(head.rollback),
    hasCleanup: checked.some(({ step }) => step.cleanup !== undefined),
    isSensitive: sensitiveInputsOf(head.inputs),
    checkInputs: createInputCheck(head.inputs),
  }
}

/** Where every step has room, or says how long it takes, there is nothing to learn. */
function isOrderLearnt(checked: readonly CheckedStep[], concurrency: number): boolean {
  const isWide = checked.length > concurrency || checked.some(({ step }) => step.forEach)
  return isWide && checked.some(({ step }) => step.resources?.seconds === undefined)
}

function queuePlan(
  { priority, team, deadline, window, limit = 1, maxCost }: QueueOptions = {},
  key: Template | undefined,
): QueuePlan {
  return {
    priority,
    team,
    deadlineMs: deadline === undefined ? undefined : parseDurationMs(deadline),
    window,
    key,
    limit,
    maxCost: maxCost === undefined ? undefined : parseFtns(maxCost),
  }
}
