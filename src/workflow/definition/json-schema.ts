import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'

import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** One thing wrong with a value, and where. */
export interface SchemaIssue {
  /** Keys and indexes from the value's root. */
  readonly path: readonly string[]
  readonly message: string
  /** The unknown key, when that is what is wrong. */
  readonly unknownKey?: string
}

/** The inputs with defaults filled in, or what is wrong with them. */
export type InputCheck =
  | { readonly ok: true; readonly value: JsonObject }
  | {
      readonly ok: false
      readonly issues: readonly { readonly path: string; readonly message: string }[]
    }

/** An expression may stand wherever a value may. */
const EXPRESSION: JsonObject = { type: 'string', pattern: '\\{%[\\s\\S]*%\\}' }
const SECRET: JsonObject = {
  type: 'object',
  properties: { $secret: { type: 'string' } },
  required: ['$secret'],
  additionalProperties: false,
}

const LENIENT = { allErrors: true, strict: false, validateFormats: false } as const

/** For schemas known to be good; leaving the schema of schemas out saves most of the start-up. */
function createAjv(useDefaults: boolean): Ajv2020 {
  return new Ajv2020({ ...LENIENT, useDefaults, meta: false, validateSchema: false })
}

/** Whether `schema` is itself a JSON Schema, and what is wrong with it if not. */
export function checkSchema(schema: JsonObject): readonly SchemaIssue[] {
  const ajv = new Ajv2020(LENIENT)
  if (ajv.validateSchema(schema) === true) {
    return schema['type'] === 'object' || schema['type'] === undefined
      ? []
      : [{ path: ['type'], message: 'inputs are an object: "type" must be "object"' }]
  }
  return toIssues(ajv.errors)
}

/** Compiles the check of what a run is started with; without a schema anything is accepted. */
export function createInputCheck(
  schema: JsonObject | undefined,
): (inputs: JsonObject) => InputCheck {
  if (schema === undefined) return (inputs) => ({ ok: true, value: inputs })
  let validate: ValidateFunction | undefined
  const hasDefaults = JSON.stringify(schema).includes('"default":')
  return (inputs) => {
    validate ??= createAjv(true).compile({ type: 'object', ...schema })
    // Defaults are written into the value; a copy by JSON is the fastest there is.
    const value: JsonObject = hasDefaults ? JSON.parse(JSON.stringify(inputs)) : inputs
    if (validate(value)) return { ok: true, value }
    const issues = toIssues(validate.errors)
    return {
      ok: false,
      issues: issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    }
  }
}

/**
 * Compiles the check of the parameters of a step as they are written, expressions not evaluated.
 *
 * @remarks Compiling costs milliseconds and happens at the first use; a check costs microseconds.
 */
export function createParameterCheck(
  schema: JsonObject,
): (parameters: JsonObject) => readonly SchemaIssue[] {
  let validate: ValidateFunction | undefined
  return (parameters) => {
    validate ??= createAjv(false).compile(allowExpressions(schema))
    return validate(parameters) ? [] : toIssues(withoutExpressionNoise(validate.errors ?? []))
  }
}

/** The schema with expressions and secrets allowed in the place of every value. */
export function allowExpressions(schema: JsonObject): JsonObject {
  const inner = widen(schema)
  return isJsonObject(inner) ? inner : schema
}

/** Keywords whose values are schemas of values: by name, in a list, or one. */
const BY_NAME = new Set(['properties', '$defs', 'patternProperties'])
const IN_LIST = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const ONE = new Set(['items', 'additionalProperties', 'propertyNames'])

function widen(schema: Json): Json {
  if (!isJsonObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, widenKeyword(keyword, value)]),
  )
}

function widenKeyword(keyword: string, value: Json): Json {
  if (keyword === 'propertyNames') return value
  if (BY_NAME.has(keyword) && isJsonObject(value)) {
    const isDefinition = keyword === '$defs'
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        isDefinition ? widen(each) : orExpression(each),
      ]),
    )
  }
  if (IN_LIST.has(keyword) && Array.isArray(value)) return value.map((each: Json) => widen(each))
  if (ONE.has(keyword) && isJsonObject(value)) return orExpression(value)
  return value
}

function orExpression(schema: Json): Json {
  return isJsonObject(schema) ? { anyOf: [widen(schema), EXPRESSION, SECRET] } : schema
}

/** A value that fits neither the schema nor an expression has errors from both; one is of use. */
function withoutExpressionNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors.filter(
    ({ schemaPath, keyword }) => keyword !== 'anyOf' && !/anyOf\/[12]\//.test(schemaPath),
  )
}

function toIssues(errors: readonly ErrorObject[] | null | undefined): readonly SchemaIssue[] {
  return (errors ?? []).map((error) => {
    const path = error.instancePath.split('/').slice(1).map(unescape)
    const params: Readonly<Record<string, unknown>> = error.params
    const unknownKey = params['additionalProperty']
    if (typeof unknownKey === 'string') {
      return {
        path: [...path, unknownKey],
        message: `"${unknownKey}" is not known here`,
        unknownKey,
      }
    }
    const allowed = params['allowedValues']
    const choice = Array.isArray(allowed)
      ? `: ${allowed.map((value) => JSON.stringify(value)).join(', ')}`
      : ''
    return { path, message: `${error.message ?? error.keyword}${choice}` }
  })
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
