/** Any value JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether `value` is a JSON object: not null, not an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A value whose type says that it holds nothing but JSON, as JSON.
 *
 * @remarks TypeScript does not see an interface as a {@link JsonObject}, since others could extend it.
 */
export function toJsonObject(value: object): JsonObject {
  return value as unknown as JsonObject
}
