import { z } from 'zod'

import type { CallOptions } from '../contract/options.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { Operation } from '../operations.ts'
import type { Transport } from '../transport.ts'

/** Makes a method that asks one thing and takes no arguments. */
export type Look = <Value>(
  schema: z.ZodType<Value>,
  operation: Operation,
) => (options?: CallOptions) => Promise<Value>

/** Builds {@link Look} for a transport. */
export function lookWith(transport: Transport): Look {
  return (schema, operation) => (options) => transport.json(schema, { operation, ...options })
}

/** A value as JSON text, by its schema. @throws {@link InvalidArgumentError} it does not fit. */
export function encode<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): string {
  const encoded = z.safeEncode(schema, value)
  if (encoded.success) return JSON.stringify(encoded.data)
  const [issue] = encoded.error.issues
  throw new InvalidArgumentError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
