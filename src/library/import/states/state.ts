import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

import { argumentsOf, at, isJsonata, textOr } from './arguments.ts'
import { ruleSource } from './choice-rules.ts'
import type { StateContext, Work } from './context.ts'
import { bind, mark, objectIn, type StateScope, toSource, toTemplate } from './expressions.ts'
import { mapStep, parallelStep } from './nested.ts'
import { pathSource, payloadSource, withResult } from './paths.ts'
import { catchersOf, catches, errorOutputOf, retryOf } from './retry.ts'
import { taskStep } from './tasks.ts'

/** Steps by name: the one of the state, and those that belong to it. */
type Steps = Readonly<Record<string, Json>>

/** Converts one state. */
export function convertState(state: JsonObject, context: StateContext): Steps {
  switch (state['Type']) {
    case 'Choice':
      return choiceState(state, context)
    case 'Fail':
      return failState(state, context)
    case 'Wait':
      return workState(state, context, waitStep(state, context))
    case 'Task':
    case 'Parallel':
    case 'Map':
      return workState(state, context, workOf(state, context))
    default:
      return passState(state, context)
  }
}

/** What a state gives, as a template. `result` is the JSONata text of what its work gave. */
function outputOf(state: JsonObject, context: StateContext, result: string): Json {
  const { scope } = context
  const { Output, ResultSelector, ResultPath, OutputPath } = state
  if (isJsonata(state, context)) {
    if (Output === undefined) return mark(result)
    return toTemplate(Output, { ...scope, result }, at(context, 'Output'))
  }
  const selected =
    ResultSelector === undefined
      ? result
      : payloadSource(ResultSelector, result, at(context, 'ResultSelector'))
  const joined =
    ResultPath === null
      ? scope.input
      : withResult([scope.input, selected], textOr(ResultPath, '$'), at(context, 'ResultPath'))
  if (OutputPath === null) return {}
  return mark(pathSource(textOr(OutputPath, '$'), `(${joined})`, at(context, 'OutputPath')))
}

/** The output together with what is assigned; and where the output is found afterwards. */
function withAssigned(
  state: JsonObject,
  context: StateContext,
  { output, result }: { readonly output: Json; readonly result: string },
): { readonly value: Json; readonly source: string } {
  const { step, scope, assign } = context
  const assigned = state['Assign']
  if (!isJsonObject(assigned)) return { value: output, source: `$steps.${step}.output` }
  const value = {
    output,
    assign: toTemplate(assigned, { ...scope, result }, at(context, 'Assign')),
  }
  for (const name of Object.keys(assigned)) assign(name, `$steps.${step}.output.assign.${name}`)
  return { value, source: `$steps.${step}.output.output` }
}

function leadOn(
  state: JsonObject,
  { step, isSure, leadTo, end }: StateContext,
  { output, hasCatch }: { readonly output: string; readonly hasCatch: boolean },
): void {
  const completed = `$steps.${step}.status = "completed"`
  const condition = hasCatch ? `${completed} and $not($exists($steps.${step}.error))` : completed
  const edge = { condition, output, isSure: isSure && !hasCatch }
  const next = state['Next']
  if (typeof next === 'string') leadTo(next, edge)
  else end(edge)
}

function describe(state: JsonObject): JsonObject {
  const comment = state['Comment']
  return typeof comment === 'string' ? { description: comment.slice(0, 2_000) } : {}
}

function passState(state: JsonObject, context: StateContext): Steps {
  const { Result } = state
  const result = Result === undefined ? argumentsOf(state, context) : toSource(Result)
  const output = outputOf(state, context, result)
  const { value, source } = withAssigned(state, context, { output, result })
  leadOn(state, context, { output: source, hasCatch: false })
  return { [context.step]: { uses: 'transform', ...describe(state), with: { value } } }
}

function workOf(state: JsonObject, context: StateContext): Work {
  if (state['Type'] === 'Parallel') return parallelStep(state, context)
  if (state['Type'] === 'Map') return mapStep(state, context)
  const { resources } = context
  const { result, ...step } = taskStep(
    textOr(state['Resource'], ''),
    taskArguments(state, context),
    {
      resources,
      place: context,
    },
  )
  const timeout = state['TimeoutSeconds']
  const limit = typeof timeout === 'number' && { timeout: `${timeout}s` }
  return { step: { ...step, ...limit }, result }
}

/** Arguments keep their shape as long as they can, so that parameters stand where they belong. */
function taskArguments(state: JsonObject, context: StateContext): Json {
  const given = state['Arguments']
  if (isJsonata(state, context) && given !== undefined)
    return toTemplate(given, context.scope, at(context, 'Arguments'))
  return mark(argumentsOf(state, context))
}

function waitStep(state: JsonObject, context: StateContext): Work {
  const { Seconds, Timestamp, SecondsPath, TimestampPath } = state
  const { scope } = context
  const read = (value: Json | undefined, path: Json | undefined, field: string): string =>
    typeof path === 'string'
      ? pathSource(path, scope.input, at(context, `${field}Path`))
      : toSource(toTemplate(value ?? null, scope, at(context, field)))
  const isUntil = Timestamp !== undefined || TimestampPath !== undefined
  const until = { until: mark(read(Timestamp, TimestampPath, 'Timestamp')) }
  const plain = typeof Seconds === 'number' ? `${Seconds}s` : undefined
  const delay = { for: plain ?? mark(`$string(${read(Seconds, SecondsPath, 'Seconds')}) & "s"`) }
  return { step: { uses: 'wait', with: isUntil ? until : delay }, result: scope.input }
}

/** Kinds of step that wait; they give what they waited for, and do not reshape it. */
const WAITING: ReadonlySet<Json | undefined> = new Set(['wait', 'workflow', 'approval'])

function workState(state: JsonObject, context: StateContext, work: Work): Steps {
  const { step, isSure } = context
  const isWaiting = WAITING.has(work.step['uses'])
  const holder = isWaiting ? `${step}_given` : step
  const result = isWaiting
    ? work.result.replaceAll('$output', `$steps.${step}.output`)
    : work.result
  const held = { ...context, step: holder }
  const output = outputOf(state, context, result)
  const { value, source } = withAssigned(state, held, { output, result })
  const catchers = catchersOf(state)
  const hasCatch = catchers.length > 0
  const retry = retryOf(state, context)
  leadOn(state, held, { output: source, hasCatch })
  const main = {
    ...describe(state),
    ...work.step,
    ...(retry !== undefined && { retry }),
    ...(hasCatch && { onError: 'continue' }),
  }
  const caught = hasCatch && { [`${step}_caught`]: caughtStep(state, context, catchers) }
  if (!isWaiting) return { [step]: { ...main, output: value }, ...caught }
  const completed = `$steps.${step}.status = "completed" and $not($exists($steps.${step}.error))`
  const given = {
    uses: 'transform',
    needs: step,
    ...((hasCatch || !isSure) && { when: mark(completed) }),
    with: { value },
  }
  return { [step]: main, [holder]: given, ...caught }
}

/** A step that runs after a failure and says where it leads; one that nothing catches fails again. */
function caughtStep(
  state: JsonObject,
  context: StateContext,
  catchers: readonly JsonObject[],
): JsonObject {
  const { step, stepOf, leadTo, scope, findings, path } = context
  const errorOutput = errorOutputOf(step)
  const ways = catchers.map((catcher, index) => {
    const place = { findings, path: `${path}/Catch/${index}` }
    findings.unknown(place.path, catcher, [
      'ErrorEquals',
      'Next',
      'Output',
      'ResultPath',
      'Comment',
    ])
    const { ErrorEquals, Next, Output, ResultPath } = catcher
    const target = textOr(Next, '')
    const output =
      Output === undefined
        ? withResult([scope.input, errorOutput], textOr(ResultPath, '$'), place)
        : toSource(toTemplate(Output, { ...scope, errorOutput }, place))
    return { target, test: catches(ErrorEquals, step), output }
  })
  const caught = `${step}_caught`
  for (const target of new Set(ways.map((way) => way.target))) {
    leadTo(target, {
      condition: `$steps.${caught}.output.next = ${JSON.stringify(stepOf(target))}`,
      output: `$steps.${caught}.output.output`,
      isSure: false,
    })
  }
  const choose = (give: (way: (typeof ways)[number]) => string): string =>
    ways.reduceRight(
      (other, way) => `(${way.test}) ? ${give(way)} : ${other}`,
      `$error($steps.${step}.error.message)`,
    )
  return {
    uses: 'transform',
    when: mark(`$exists($steps.${step}.error)`),
    with: {
      value: {
        next: mark(choose(({ target }) => JSON.stringify(stepOf(target)))),
        output: mark(choose(({ output }) => output)),
      },
    },
  }
}

function failState(state: JsonObject, context: StateContext): Steps {
  const { scope, findings, path, step } = context
  const { Error: error, Cause: cause, ErrorPath, CausePath } = state
  if (ErrorPath !== undefined || CausePath !== undefined)
    findings.error(path, 'error and cause are read from no path', 'use QueryLanguage: JSONata')
  const source = (value: Json | undefined, field: string): string =>
    toSource(toTemplate(value ?? '', scope, at(context, field)))
  findings.warn(path, 'it fails with workflow.expression-failed; error and cause are its message')
  const text = `$error($string(${source(error, 'Error')}) & ": " & $string(${source(cause, 'Cause')}))`
  return { [step]: { uses: 'transform', ...describe(state), with: { value: mark(text) } } }
}

function choiceState(state: JsonObject, context: StateContext): Steps {
  const { step, stepOf, leadTo, scope, findings, path } = context
  const list = state['Choices']
  const rules = Array.isArray(list) ? list.map((each: Json) => objectIn(each)) : []
  const input = argumentsOf(state, context)
  const plain = toSource(outputOf(state, context, scope.input))
  if (state['Assign'] !== undefined)
    findings.error(`${path}/Assign`, 'a choice assigns nothing here')
  const ways = rules.map((rule, index) => {
    const place = { findings, path: `${path}/Choices/${index}` }
    const test = isJsonata(state, context)
      ? conditionSource(rule, scope, place)
      : ruleSource(rule, input, place)
    if (rule['Assign'] !== undefined)
      findings.error(`${place.path}/Assign`, 'a rule assigns nothing here')
    const { Output } = rule
    const output =
      Output === undefined
        ? plain
        : toSource(toTemplate(Output, scope, { ...place, path: `${place.path}/Output` }))
    return { target: textOr(rule['Next'], ''), test, output }
  })
  const other = textOr(state['Default'], '')
  for (const target of new Set([...ways.map((way) => way.target), other])) {
    if (target === '') continue
    leadTo(target, {
      condition: `$steps.${step}.output.next = ${JSON.stringify(stepOf(target))}`,
      output: `$steps.${step}.output.output`,
      isSure: false,
    })
  }
  const last = other === '' ? '$error("States.NoChoiceMatched")' : JSON.stringify(stepOf(other))
  const next = ways.reduceRight(
    (rest, { test, target }) => `${test} ? ${JSON.stringify(stepOf(target))} : ${rest}`,
    last,
  )
  const output = ways.reduceRight((rest, way) => `${way.test} ? ${way.output} : ${rest}`, plain)
  const value = { next: mark(next), output: mark(output) }
  return { [step]: { uses: 'transform', ...describe(state), with: { value } } }
}

function conditionSource(
  rule: JsonObject,
  scope: StateScope,
  place: Pick<StateContext, 'path' | 'findings'>,
): string {
  const [, source = 'false'] = /^\s*\{%([\s\S]*)%\}\s*$/.exec(textOr(rule['Condition'], '')) ?? []
  return `(${bind(source, scope, { ...place, path: `${place.path}/Condition` })})`
}
