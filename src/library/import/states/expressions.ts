import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { type Findings, pointerName } from '../findings.ts'

/** What the expressions of a state may read, each as a JSONata text of PRSM. */
export interface StateScope {
  readonly input: string
  readonly result?: string
  readonly errorOutput?: string
  /** Variables that earlier states have assigned. */
  readonly variables: ReadonlyMap<string, string>
  readonly isInMap: boolean
}

const WHOLE = /^\s*\{%([\s\S]*)%\}\s*$/
/** Functions that the States Language adds to JSONata. */
const ADDED = /\$(partition|range|hash|uuid|parse|random)\s*\(/
/** Members of the context that have a counterpart. */
const CONTEXT =
  /\$states\.context\.(?!Execution\.(?:Id|Name|StartTime)\b|StateMachine\.Name\b|Map\.Item\.(?:Index|Value)\b)[\w.]*/

/**
 * A value of a state in the language of PRSM: the same expressions, with what they read bound before
 * them.
 */
export function toTemplate(
  value: Json,
  scope: StateScope,
  { path, findings }: { readonly path: string; readonly findings: Findings },
): Json {
  if (typeof value === 'string') return textTemplate(value, scope, { path, findings })
  if (Array.isArray(value))
    return value.map((item: Json, index) =>
      toTemplate(item, scope, { path: `${path}/${index}`, findings }),
    )
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([key, member]): [string, Json] => [
    key,
    toTemplate(member, scope, { path: `${path}/${pointerName(key)}`, findings }),
  ])
  return Object.fromEntries(members)
}

function textTemplate(
  text: string,
  scope: StateScope,
  { path, findings }: { readonly path: string; readonly findings: Findings },
): string {
  const source = WHOLE.exec(text)?.[1]
  if (source !== undefined) return mark(bind(source, scope, { path, findings }))
  // Here an expression within a text would be evaluated; there it is text.
  return text.includes('{%')
    ? mark(JSON.stringify(text).replaceAll('%}', String.raw`%\u007d`))
    : text
}

/** A JSONata text as an expression of PRSM. */
export function mark(source: string): string {
  return `{% ${source.trim()} %}`
}

/** The JSONata text of an expression with what it reads bound before it. */
export function bind(
  source: string,
  scope: StateScope,
  { path, findings }: { readonly path: string; readonly findings: Findings },
): string {
  const added = ADDED.exec(source)
  if (added !== null) findings.error(path, `there is no function $${added[1] ?? ''} here`)
  const foreign = CONTEXT.exec(source)
  if (foreign !== null) findings.error(path, `${foreign[0]} has no counterpart`)
  if (/\$(?:now|millis)\s*\(/.test(source))
    findings.warn(path, 'here $now and $millis give the time at which the run was created')
  const bindings = [
    ...(/\$states\b/.test(source) ? [`$states := ${statesOf(source, scope)}`] : []),
    ...[...scope.variables]
      .filter(([name]) => new RegExp(`\\$${name}\\b`).test(source))
      .map(([name, value]) => `$${name} := ${value}`),
  ]
  return bindings.length === 0 ? source.trim() : `(${bindings.join('; ')}; (${source.trim()}))`
}

function statesOf(source: string, scope: StateScope): string {
  const isWhole = /\$states\b(?!\s*\.)/.test(source)
  const reads = (name: string): boolean =>
    isWhole || new RegExp(`\\$states\\s*\\.\\s*${name}\\b`).test(source)
  const members = [
    ...(reads('input') ? [`"input": ${scope.input}`] : []),
    ...(scope.result !== undefined && reads('result') ? [`"result": ${scope.result}`] : []),
    ...(scope.errorOutput !== undefined && reads('errorOutput')
      ? [`"errorOutput": ${scope.errorOutput}`]
      : []),
    ...(reads('context') ? [`"context": ${contextOf(scope)}`] : []),
  ]
  return `{${members.join(', ')}}`
}

function contextOf({ isInMap }: StateScope): string {
  const item = isInMap ? ', "Map": {"Item": {"Index": $index, "Value": $item}}' : ''
  return `{"Execution": {"Id": $run.id, "Name": $run.id, "StartTime": $now()}, "StateMachine": {"Name": $run.name}${item}}`
}

/** A JSON value as JSONata text; expressions in it keep their meaning. */
export function toSource(value: Json): string {
  if (typeof value === 'string') {
    const source = WHOLE.exec(value)?.[1]
    return source === undefined ? JSON.stringify(value) : `(${source.trim()})`
  }
  if (Array.isArray(value)) return `[${value.map((item: Json) => toSource(item)).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${toSource(member)}`,
  )
  return `{${members.join(', ')}}`
}

/** A map, or an empty one. */
export function objectIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
