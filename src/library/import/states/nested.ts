import type { Json, JsonObject } from '../../../kernel/json.ts'
import { workflowName } from '../names.ts'

import { argumentsOf, at, isJsonata } from './arguments.ts'
import type { StateContext, Work } from './context.ts'
import { mark, objectIn, toSource, toTemplate } from './expressions.ts'
import { pathSource, payloadSource } from './paths.ts'

/** A workflow in place, for a machine within a machine. */
function nestedDefinition(machine: JsonObject, context: StateContext, path: string): JsonObject {
  const { name, language } = context
  const variables = new Map(
    [...context.scope.variables.keys()].map((each) => [each, `$inputs.variables.${each}`]),
  )
  const inner = { ...context, path, language, input: '$inputs.input', variables, isInMap: false }
  const { steps, output } = context.convertMachine(machine, inner)
  return { apiVersion: 'prsm/v1', name: workflowName(name), steps, output }
}

/** What a workflow in place is started with. */
function nestedInputs({ scope }: StateContext, input: string): JsonObject {
  const entries = [...scope.variables].map(([name, source]): [string, Json] => [name, mark(source)])
  return {
    input: mark(input),
    ...(entries.length > 0 && { variables: Object.fromEntries(entries) }),
  }
}

/** What is in a workflow in place hands on what it was started with. */
function handOn({ scope }: StateContext, input: string): JsonObject {
  return {
    input: mark(input),
    ...(scope.variables.size > 0 && { variables: mark('$inputs.variables') }),
  }
}

function workflowStep(definition: JsonObject, inputs: JsonObject): JsonObject {
  return { uses: 'workflow', with: { definition, inputs } }
}

/** `Parallel`: a workflow whose steps are the branches, so that retry and catch are those of all. */
export function parallelStep(state: JsonObject, context: StateContext): Work {
  const list = state['Branches']
  const branches = Array.isArray(list) ? list.map((each: Json) => objectIn(each)) : []
  const steps = branches.map((branch, index): [string, Json] => {
    const definition = nestedDefinition(branch, context, `${context.path}/Branches/${index}`)
    return [`branch_${index + 1}`, workflowStep(definition, handOn(context, '$inputs.input'))]
  })
  const definition = {
    apiVersion: 'prsm/v1',
    name: workflowName(context.name),
    steps: Object.fromEntries(steps),
    output: steps.map(([name]) => mark(`$steps.${name}.output`)),
  }
  const inputs = nestedInputs(context, argumentsOf(state, context))
  return { step: workflowStep(definition, inputs), result: '$output' }
}

/**
 * `Map`: a workflow whose only step runs once for each item, so that output, retry and catch are
 * those of all of them.
 */
export function mapStep(state: JsonObject, context: StateContext): Work {
  const { path, findings } = context
  const field = state['ItemProcessor'] === undefined ? 'Iterator' : 'ItemProcessor'
  const processor = objectIn(state[field])
  if (objectIn(processor['ProcessorConfig'])['Mode'] === 'DISTRIBUTED')
    findings.error(
      `${path}/${field}/ProcessorConfig`,
      'items are run here, not in executions of their own',
    )
  const { MaxConcurrency } = state
  if (typeof MaxConcurrency === 'string')
    findings.error(`${path}/MaxConcurrency`, 'the number of items at once is fixed here')
  const most = typeof MaxConcurrency === 'number' && MaxConcurrency > 0
  const definition = nestedDefinition(processor, context, `${path}/${field}`)
  const each = workflowStep(definition, handOn(context, '$item.value'))
  const items = { items: mark('$inputs.input'), ...(most && { maxConcurrency: MaxConcurrency }) }
  const whole = {
    apiVersion: 'prsm/v1',
    name: workflowName(context.name),
    steps: { items: { forEach: items, ...each } },
    output: mark('$steps.items.output'),
  }
  // In a map each: what is found alone would otherwise lose its list, and a list its own.
  const selected = `[$map(${itemsOf(state, context)}, function($item, $index) { {"value": ${selectorOf(state, context)}} })]`
  return { step: workflowStep(whole, nestedInputs(context, selected)), result: '$output' }
}

function itemsOf(state: JsonObject, context: StateContext): string {
  const { Items, ItemsPath } = state
  const { scope } = context
  const source = isJsonata(state, context)
    ? Items === undefined
      ? scope.input
      : toSource(toTemplate(Items, scope, at(context, 'Items')))
    : pathSource(
        typeof ItemsPath === 'string' ? ItemsPath : '$',
        argumentsOf(state, context),
        at(context, 'ItemsPath'),
      )
  // A path that finds one thing gives the thing itself.
  return `[${source}]`
}

function selectorOf(state: JsonObject, context: StateContext): string {
  const selector =
    state['ItemSelector'] ?? (isJsonata(state, context) ? undefined : state['Parameters'])
  if (selector === undefined) return '$item'
  const scope = { ...context.scope, isInMap: true }
  if (isJsonata(state, context))
    return toSource(toTemplate(selector, scope, at(context, 'ItemSelector')))
  return payloadSource(selector, scope.input, at(context, 'ItemSelector'))
}
