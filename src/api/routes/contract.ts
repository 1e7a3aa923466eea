import type { z } from 'zod'

/** A body in JSON, as a contract says it. */
export function jsonBodyOf<Schema extends z.ZodType>(
  schema: Schema,
): { required: true; content: { 'application/json': { schema: Schema } } } {
  return { required: true, content: { 'application/json': { schema } } }
}

/** An answer in JSON, as a contract says it. */
export function jsonAnswer<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
): { description: string; content: { 'application/json': { schema: Schema } } } {
  return { description, content: { 'application/json': { schema } } }
}
