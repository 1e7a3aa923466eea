import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { checkSchema, createInputCheck } from '../../workflow/index.ts'

import { InvalidParametersError, InvalidTemplateError } from './errors.ts'
import { escape, fillIn, referencesIn, referenceTo } from './parameter-references.ts'
import { pointerNames, valueAt, withValueAt } from './pointer.ts'
import type { ParameterChoice } from './schema.ts'

/** What a template says beside what it is called: the schema of its parameters, and its body. */
export interface TemplateBody {
  readonly parameters: JsonObject
  readonly definition: JsonObject
}

/** The format of parameters that may hold expressions. */
const EXPRESSION = 'expression'

/** Checks a template by itself. @throws {@link InvalidTemplateError} every problem at once */
export function checkTemplate({ parameters, definition }: TemplateBody): void {
  const problems = checkSchema(parameters).map(
    ({ path, message }) => `parameters.${path.join('.')}: ${message}`,
  )
  const declared = propertiesOf(parameters)
  const used = referencesIn(definition)
  for (const { parameter, path } of used) {
    if (declared[parameter] === undefined)
      problems.push(`${path}: there is no parameter "${parameter}"`)
  }
  for (const name of Object.keys(declared)) {
    if (!used.some(({ parameter }) => parameter === name))
      problems.push(`parameters.${name}: it is used nowhere`)
  }
  if (problems.length > 0) throw new InvalidTemplateError(problems)
}

/**
 * The definition that a template gives with these parameters; defaults are filled in.
 *
 * @throws {@link InvalidParametersError} they do not fit its schema, or one that is no expression
 * holds one.
 */
export function instantiate(
  { parameters, definition }: TemplateBody,
  given: JsonObject,
): JsonObject {
  // What a template does not know is a mistake, whatever its schema says.
  const schema = { ...parameters, additionalProperties: false }
  const checked = createInputCheck(schema)(given)
  if (!checked.ok) throw new InvalidParametersError(checked.issues)
  const declared = propertiesOf(parameters)
  const foreign = Object.entries(checked.value)
    .filter(([name, value]) => holdsExpression(value) && !takesExpressions(declared[name]))
    .map(([path]) => ({ path, message: 'must not hold an expression {% … %}' }))
  if (foreign.length > 0) throw new InvalidParametersError(foreign)
  const filled = fillIn(definition, checked.value)
  if (!isJsonObject(filled)) throw new InvalidTemplateError(['the definition is no map'])
  return filled
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {}
}

function takesExpressions(schema: Json | undefined): boolean {
  return isJsonObject(schema) && schema['format'] === EXPRESSION
}

function holdsExpression(value: Json): boolean {
  return JSON.stringify(value).includes('{%')
}

/**
 * A template of a workflow: the values that `choices` point at become parameters, whose defaults
 * they are.
 *
 * @remarks Law: instantiated without parameters it gives the workflow again.
 * @throws {@link InvalidTemplateError} a choice points at nothing, or into another one.
 */
export function templateOf(
  definition: JsonObject,
  choices: readonly ParameterChoice[],
): TemplateBody {
  const problems = problemsOf(definition, choices)
  if (problems.length > 0) throw new InvalidTemplateError(problems)
  // Escaping keeps the places of values, except below members that look like references.
  let body: Json = escape(definition)
  const properties: Record<string, Json> = {}
  for (const { name, path, schema } of choices) {
    const names = pointerNames(path)
    const value = valueAt(definition, names) ?? null
    properties[name] = { ...(schema ?? typeOf(value)), default: value }
    body = withValueAt(body, escapedNames(names), referenceTo(name))
  }
  return {
    parameters: { type: 'object', additionalProperties: false, properties },
    definition: isJsonObject(body) ? body : definition,
  }
}

function escapedNames(names: readonly string[]): readonly string[] {
  return names.map((name) => (/^\$+param$/.test(name) ? `$${name}` : name))
}

function problemsOf(definition: JsonObject, choices: readonly ParameterChoice[]): string[] {
  return choices.flatMap(({ name, path }, index) => {
    const others = choices.slice(0, index)
    if (others.some((other) => other.name === name)) return [`parameter "${name}" is named twice`]
    const inside = others.find(
      (other) => `${path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${path}/`),
    )
    if (inside !== undefined) return [`${path} and ${inside.path} lie in one another`]
    return valueAt(definition, pointerNames(path)) === undefined
      ? [`there is nothing at ${path}`]
      : []
  })
}

function typeOf(value: Json): JsonObject {
  const format = holdsExpression(value) && { format: EXPRESSION }
  if (value === null) return {}
  if (Array.isArray(value)) return { type: 'array', ...format }
  return { type: typeof value, ...format }
}
