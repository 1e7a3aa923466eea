import { z } from 'zod'

import type { JsonObject } from '../../kernel/json.ts'

import { scheduleDocument } from './schema.ts'

/** The JSON Schema of schedules as people write them in files, for editors and programs. */
export function scheduleSchema(): JsonObject {
  const made: unknown = z.toJSONSchema(scheduleDocument, { io: 'input', unrepresentable: 'any' })
  const schema: JsonObject = JSON.parse(JSON.stringify(made))
  return schema
}
