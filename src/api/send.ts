import type { Context } from 'hono'
import { z } from 'zod'

/**
 * Encodes `value` with its wire schema and answers it, with the status set on the context.
 *
 * @remarks The HTTP layer's only cast: zod-openapi types a codec by its decoded side, and a raw
 * response by no type at all.
 */
export function sendJson<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  value: z.output<Schema>,
): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see remarks
  return context.json(z.encode(schema, value)) as never
}
