import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'

const json: z.ZodType<Json> = z.json()
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json)

/** What a workflow of another system is written in. */
export const foreignFormat = z.enum(['states-language', 'wfformat']).meta({ id: 'ForeignFormat' })

/** What does not fit when a workflow of another system is brought over. */
export const importFinding = z
  .strictObject({
    severity: z
      .enum(['error', 'warning'])
      .describe('`error`: what comes out does something else; `warning`: it differs where it says'),
    path: z.string().describe('JSON Pointer into the foreign document'),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'ImportFinding' })

/** A step that stands for a resource. */
export const resourceMapping = z
  .strictObject({
    uses: z.string().min(1).max(64),
    with: jsonObject.optional(),
    input: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('The parameter that takes the arguments; `input` by default'),
  })
  .meta({ id: 'ResourceMapping' })

/** A foreign workflow to be brought over. */
export const convertRequest = z
  .strictObject({
    document: jsonObject,
    name: z.string().max(64).optional().describe('Of the workflow'),
    resources: z
      .record(z.string().max(2_000), resourceMapping)
      .optional()
      .describe('By resource, function name or ARN: the step that does it'),
  })
  .meta({ id: 'ConvertRequest' })

/** The workflow that came out, and what did not fit. */
export const converted = z
  .strictObject({
    format: foreignFormat,
    definition: jsonObject,
    findings: z.array(importFinding),
  })
  .meta({ id: 'Converted' })

export type ImportFinding = z.output<typeof importFinding>
export type ResourceMapping = z.output<typeof resourceMapping>
export type ConvertRequest = z.output<typeof convertRequest>
export type Converted = z.output<typeof converted>
