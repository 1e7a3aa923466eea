import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv'

import { hashJson, type Sha256 } from '../../kernel/hash.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { InvalidSchemaError } from '../request-errors.ts'

const MAX_PROBLEMS = 20
const MAX_LENGTH = 300
const MAX_COMPILED = 200

/** Checks values against JSON Schemas. */
export interface SchemaChecker {
  /**
   * What is wrong with `value`, one sentence each; empty when it is valid.
   *
   * @throws {@link InvalidSchemaError} the schema itself is not usable.
   */
  problems(schema: JsonObject, value: Json): readonly string[]
  /** @throws {@link InvalidSchemaError} the schema is not usable; `name` says which one. */
  assertUsable(name: string, schema: JsonObject): void
}

/**
 * Loads the checker: ajv for JSON Schema 2020-12, and draft 7 where a schema says so.
 *
 * @remarks
 * Schemas come from workflows and tools, so their patterns run on RE2, which has no look-around
 * but never takes exponential time. `format` is a note, not a check. Remote references are refused.
 */
export async function loadSchemaChecker(): Promise<SchemaChecker> {
  const [{ Ajv }, { Ajv2020 }, { RE2JS }] = await Promise.all([
    import('ajv'),
    import('ajv/dist/2020.js'),
    import('re2js'),
  ])
  const engine = (pattern: string): Pattern => {
    const compiled = RE2JS.compile(pattern)
    return {
      test: (text) => compiled.matcher(text).find(),
      // ajv tells patterns apart by their text.
      toString: () => pattern,
    }
  }
  const options: Options = {
    strict: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
    // `code` would name the engine in generated source files, which we do not write.
    code: { regExp: Object.assign(engine, { code: '' }) },
  }
  return createChecker({ modern: new Ajv2020(options), draft7: new Ajv(options) })
}

interface Pattern {
  readonly test: (text: string) => boolean
  readonly toString: () => string
}

interface Dialects {
  readonly modern: Ajv
  readonly draft7: Ajv
}

function createChecker(dialects: Dialects): SchemaChecker {
  const compiled = new Map<Sha256, ValidateFunction>()
  const getValidator = (schema: JsonObject, name = 'schema'): ValidateFunction => {
    const key = hashJson(schema)
    const validator = compiled.get(key) ?? compile(dialects, schema, name)
    // Insertion order is age: what was used last is youngest.
    compiled.delete(key)
    compiled.set(key, validator)
    const oldest = compiled.size > MAX_COMPILED ? compiled.keys().next().value : undefined
    if (oldest !== undefined) compiled.delete(oldest)
    return validator
  }
  return {
    problems(schema, value) {
      const validate = getValidator(schema)
      const isValid: unknown = validate(value)
      return isValid === true ? [] : describe(validate.errors ?? [])
    },
    assertUsable: (name, schema) => void getValidator(schema, name),
  }
}

function compile(dialects: Dialects, schema: JsonObject, name: string): ValidateFunction {
  const { $schema: dialect, ...rest } = schema
  const isDraft7 = typeof dialect === 'string' && /draft-0[467]/.test(dialect)
  const ajv = isDraft7 ? dialects.draft7 : dialects.modern
  try {
    return ajv.compile(rest)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.slice(0, MAX_LENGTH) : 'not compilable'
    throw new InvalidSchemaError(name, problem)
  } finally {
    // ajv keeps every schema it has seen; ours is the only cache.
    ajv.removeSchema(rest)
  }
}

function describe(errors: readonly ErrorObject[]): readonly string[] {
  return errors.slice(0, MAX_PROBLEMS).map(({ instancePath, message, params }) => {
    const extra: unknown = params['additionalProperty']
    const name = typeof extra === 'string' ? ` "${extra}"` : ''
    const place = instancePath === '' ? 'the answer' : instancePath
    return `${place} ${message ?? 'is not valid'}${name}`.slice(0, MAX_LENGTH)
  })
}
