import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'

/** Tells which inputs of a workflow are sensitive, so that they are kept sealed. */
export type SensitiveInputs = (name: string) => boolean

/**
 * Reads from the schema of inputs which are sensitive: those that are `writeOnly`, or hold something
 * that is.
 *
 * @returns `undefined` when none is.
 */
export function sensitiveInputsOf(schema: JsonObject | undefined): SensitiveInputs | undefined {
  if (schema === undefined || !isMarked(schema)) return undefined
  const { properties, $defs, ...rest } = schema
  // Marked where it cannot be told what is meant: nothing is left open then.
  if (isMarked(rest)) return () => true
  const byName = isJsonObject(properties) ? properties : {}
  const isMarkedDefinition = isMarked($defs ?? null)
  return (name) => {
    const input = byName[name] ?? null
    return isMarked(input) || (isMarkedDefinition && hasReference(input))
  }
}

/** Whether `writeOnly: true` stands anywhere in a schema. */
export function isMarked(schema: Json): boolean {
  return someObject(schema, ({ writeOnly }) => writeOnly === true)
}

function hasReference(schema: Json): boolean {
  return someObject(schema, ({ $ref }) => $ref !== undefined)
}

function someObject(value: Json, is: (object: JsonObject) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => someObject(item, is))
  if (!isJsonObject(value)) return false
  return is(value) || Object.values(value).some((member) => someObject(member, is))
}
